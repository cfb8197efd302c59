"""Errors are shown in words, known numbers stay, and requests do not become more."""

from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from optionchain.symbol_selection import Tier
from tests.browser import expected
from tests.browser.conftest import OpenPage, RecordedDay
from tests.browser.dashboard import Dashboard
from tests.browser.http_server import HttpServer
from tests.browser.page_modules import PageModules
from tests.browser.recording import iso, ist
from tests.browser.server import Server, over_database
from tests.browser.test_panels import panel


def test_unreachable_api_is_said_and_known_numbers_stay(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    rows, age = dashboard.contents().strikes, dashboard.age()
    with server.down():
        before = len(dashboard.log.requests)
        dashboard.advance(60)
        assert dashboard.state == "unavailable"
        assert dashboard.notice
        assert dashboard.contents().strikes == rows
        assert dashboard.age() - age == 60
        # Less and less often: every five seconds would be twelve times.
        requests = [url for url in dashboard.log.requests[before:] if "/option-chain/" in url]
        assert 2 <= len(requests) <= 7
    now = server.clock.now
    server.recording.tick("NIFTY", now)
    dashboard.advance(65)
    assert dashboard.contents().timestamp == iso(now)
    assert dashboard.state == "live"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("problem", "database-unavailable"),
        ("problem", "internal-error"),
        ("html_status", 200),
        ("html_status", 502),
    ],
)
def test_wrong_answer_is_said_and_recovered_from(
    server: Server, dashboard: Dashboard, name: str, value: str | int
) -> None:
    dashboard.open()
    before = dashboard.contents().cells
    setattr(server.proxy, name, value)
    server.proxy.retry_after = 5
    dashboard.advance(8)
    assert dashboard.state == "unavailable"
    assert dashboard.notice
    assert dashboard.contents().cells == before
    setattr(server.proxy, name, None)
    dashboard.advance(30)
    assert dashboard.state == "live"
    assert not dashboard.notice


def test_page_opened_without_the_api_shows_the_chain_later(
    server: Server, new_page: OpenPage
) -> None:
    dashboard = new_page(server)
    server.proxy.problem = "database-unavailable"
    dashboard.open(state="unavailable")
    assert dashboard.notice
    server.proxy.problem = None
    dashboard.advance(30)
    assert dashboard.state == "live"
    assert dashboard.contents().strikes


def test_limited_client_waits_as_long_as_it_is_told(server: Server, dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.advance(2)
    server.proxy.problem, server.proxy.retry_after = "too-many-requests", 20
    dashboard.advance(6)
    assert dashboard.state == "limited"
    assert dashboard.notice
    requests = len(server.proxy.requests_to("/option-chain"))
    dashboard.advance(12)
    assert len(server.proxy.requests_to("/option-chain")) == requests
    server.proxy.problem = None
    dashboard.advance(10)
    assert dashboard.state == "live"


def test_empty_database_is_said_and_the_first_snapshot_appears(
    empty_server: Server, new_page: OpenPage
) -> None:
    dashboard = new_page(empty_server)
    dashboard.open(state="empty")
    assert dashboard.notice
    assert dashboard.contents().strikes == []
    assert dashboard.contents().timestamp == ""
    dashboard.advance(10)
    empty_server.recording.session(("15:01:30", "15:02:30"))
    dashboard.advance(30)
    assert dashboard.state == "live"
    assert len(dashboard.contents().strikes) > 50


def test_slow_answer_is_waited_for_and_not_requested_twice(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    before = len(dashboard.log.requests)
    gate = server.proxy.gate = Event()
    dashboard.advance(20, settle=False)
    requests = [url for url in dashboard.log.requests[before:] if "/option-chain/NIFTY?" in url]
    assert len(requests) == 1
    gate.set()
    dashboard.settle()


def test_unconfirmed_data_are_called_stale(server: Server, dashboard: Dashboard) -> None:
    server.recorder_works = False
    dashboard.open()
    dashboard.advance(65)
    assert dashboard.state == "stale"
    assert "confirmed" in dashboard.notice
    lamp = dashboard.page.locator("#health")
    assert lamp.get_attribute("data-status") == "unhealthy"
    assert "not confirmed" in lamp.inner_text() or "NIFTY" in lamp.inner_text()


def test_title_of_unconfirmed_data_says_that_they_are_old(
    server: Server, dashboard: Dashboard
) -> None:
    """Where the page is seen, and where only its title is."""
    dashboard.open()
    dashboard.wait_for_title("NIFTY ")
    server.recorder_works = False
    dashboard.advance(40)
    old = "Old: 19 Jun 15:02:35 IST · NIFTY "
    dashboard.wait_for_title(old)
    server.recorder_works = True
    dashboard.advance(10)
    dashboard.wait_for_title("NIFTY ")


def test_title_of_a_hidden_tab_says_when_its_data_have_grown_old(dashboard: Dashboard) -> None:
    """A hidden tab asks for nothing."""
    dashboard.open()
    dashboard.hide()
    dashboard.advance(20)
    dashboard.wait_for_title("NIFTY ")
    dashboard.advance(30)
    dashboard.wait_for_title("Old: 19 Jun 15:02:35 IST · NIFTY ")
    dashboard.show()
    dashboard.settle()
    dashboard.wait_for_title("NIFTY ")


def test_title_is_old_once_the_market_has_opened(modules: PageModules) -> None:
    """A tab that was hidden over the night knows no more than when the market should open."""
    freshness = {"ageSeconds": 60_000, "gap": False, "lastSeenAt": "2026-06-18T10:00:00Z"}
    chain = {"symbol": "NIFTY", "underlying_value": 24_350.5, "source": "nse",
             "timestamp": "2026-06-18T10:00:00Z"}  # fmt: skip
    snapshot = {"chain": chain, "freshness": freshness | {"receivedAt": 0}, "at": None}
    titles = [
        modules.call("words/page_title.js", "titleOfPage", snapshot, health)
        for health in (
            {"market": "closed", "next_opening": opening, "interval_seconds": 5}
            for opening in ("2099-06-19T03:45:00Z", "2020-06-19T03:45:00Z", None)
        )
    ]
    live = "NIFTY 24,350.50 · option chain"
    assert titles == [live, "Old: 18 Jun 15:30:00 IST · NIFTY 24,350.50", live]


def test_a_symbol_is_called_stale_by_its_own_tier(
    recorded_day: RecordedDay, http_server: HttpServer, new_page: OpenPage
) -> None:
    """BANKNIFTY is read each minute, and NIFTY beside it each five seconds."""
    settings = replace(recorded_day.settings, nse_tiers=(Tier("BANKNIFTY", 60),))
    server = over_database(http_server, recorded_day.copy, settings)
    server.recorder_works = False
    dashboard = new_page(server)
    dashboard.open()
    dashboard.advance(65)
    assert dashboard.state == "stale"


FAILING = "The API answers 503."


def fail(dashboard: Dashboard, pattern: str) -> None:
    """Let requests beside the chain fail, until `page.unroute_all`."""
    dashboard.page.route(pattern, lambda route: route.fulfill(status=503))


@pytest.mark.parametrize("at", [None, iso(ist("11:30:00"))])
def test_chain_is_shown_while_the_analytics_fail(
    server: Server, dashboard: Dashboard, at: str | None
) -> None:
    fail(dashboard, "**/NIFTY/analytics?*")
    state = "replay" if at else "live"
    dashboard.open(f"?at={at}" if at else "", state=state)
    query = {"as_of": at} if at else {}
    assert dashboard.contents().strikes == expected.strikes(expected.chain(server, **query))
    assert dashboard.notice == f"Not answered: the analytics. {FAILING} Trying again."
    for name in ("pcr_oi", "max_pain", "days_to_expiry"):
        assert dashboard.contents().tiles[name] is None
        title = dashboard.tile(name).get_attribute("title") or ""
        assert title == f"no analytics of this snapshot yet: {FAILING}"
    dashboard.page.unroute_all()
    dashboard.advance(5)
    assert dashboard.state == state
    assert not dashboard.notice
    assert expected.differences(server, dashboard.contents(), **query) == []


def test_chain_goes_on_while_the_analytics_fail(server: Server, dashboard: Dashboard) -> None:
    dashboard.open()
    fail(dashboard, "**/analytics?*")
    server.advance(8)
    server.recording.tick("NIFTY", server.clock.now)
    dashboard.page.clock.run_for(8_000)
    dashboard.settle()
    assert dashboard.contents().timestamp == iso(server.clock.now)
    assert dashboard.contents().tiles["pcr_oi"] is None
    dashboard.choose_symbol("BANKNIFTY")
    assert dashboard.state == "live"
    assert len(dashboard.contents().strikes) > 50
    dashboard.page.unroute_all()
    dashboard.advance(5)
    assert expected.differences(server, dashboard.contents(), "BANKNIFTY") == []


def test_charts_of_the_day_say_that_its_history_fails(dashboard: Dashboard) -> None:
    fail(dashboard, "**/analytics/history?*")
    dashboard.open()
    unit = dashboard.page.locator("#pcr-unit, #underlying-unit")
    why = f"times in IST; the rest of the day is not there: {FAILING}"
    assert unit.all_inner_texts() == [why, why]
    assert dashboard.notice == f"Not answered: the history of the day. {FAILING} Trying again."
    dashboard.page.unroute_all()
    dashboard.advance(20)
    assert unit.all_inner_texts() == ["times in IST"] * 2
    assert not dashboard.notice


def test_alerts_that_fail_do_not_keep_the_chain_from_going_on(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open("?panels=alerts")
    form = panel(dashboard, "alerts").locator("form")
    form.get_by_label("Value").fill("1")
    fail(dashboard, "**/screener?*")
    form.get_by_role("button").click()
    dashboard.settle()
    dashboard.advance(20)
    assert dashboard.notice == f"Not answered: the numbers of alerts. {FAILING} Trying again."
    assert dashboard.state == "live"
    news = server.clock.now
    server.recording.tick("NIFTY", news)
    dashboard.advance(5)
    assert dashboard.contents().timestamp == iso(news)
    dashboard.page.unroute_all()
    dashboard.advance(20)
    assert not dashboard.notice


HEAT_MAP = "**/open-interest/history?*"


def test_chain_waits_for_nothing_that_hangs_beside_it(server: Server, dashboard: Dashboard) -> None:
    dashboard.open("?panels=heat")
    hanging = dashboard.hold(HEAT_MAP)
    for _ in range(2):
        news = server.bring_news("NIFTY")
        dashboard.page.clock.run_for(5_000)
        dashboard.wait_for_snapshot(iso(news))
    assert dashboard.state == "live"
    assert len(hanging) == 1
    # Another selection lets go of it.
    dashboard.page.unroute_all()
    dashboard.choose_symbol("BANKNIFTY")
    expect(panel(dashboard, "heat").locator(".unseen")).to_contain_text("intervals from 09:15:00")
    assert expected.differences(server, dashboard.contents(), "BANKNIFTY") == []


def test_another_day_lets_go_of_what_hangs(server: Server, dashboard: Dashboard) -> None:
    dashboard.open("?panels=heat")
    hanging = dashboard.hold(HEAT_MAP)
    monday = ist("09:20:00") + timedelta(days=3)

    def shows(moment: datetime, asked: int) -> None:
        """The next poll brings a snapshot; so many requests hang then."""
        dashboard.page.clock.run_for(5_000)
        dashboard.wait_for_snapshot(iso(moment))
        while len(hanging) < asked:  # the time-out of the test ends it
            dashboard.page.wait_for_timeout(20)

    shows(server.bring_news("NIFTY"), asked=1)
    server.clock.now = monday
    server.recording.tick("NIFTY", monday)
    shows(monday, asked=2)
    days = [parse_qs(urlsplit(each.request.url).query)["from"][0][:10] for each in hanging]
    assert days == ["2026-06-19", "2026-06-22"]


TOLD = """lamp => {
  window.told = [];
  const keep = () => told.push(lamp.textContent);
  new MutationObserver(keep).observe(lamp, {childList: true, characterData: true, subtree: true});
}"""


def test_first_lost_request_tells_that_nothing_answers(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    lamp = dashboard.page.locator("#health-text")
    before = lamp.inner_text()
    assert dashboard.contents().tiles["market"] == "open"
    with server.down():
        dashboard.advance(6)
        assert dashboard.state == "unavailable"
        expect(lamp).to_have_text("No answer")
        assert dashboard.contents().tiles["market"] is None
    dashboard.advance(12)
    assert dashboard.state == "live"
    expect(lamp).to_have_text(before)
    assert dashboard.contents().tiles["market"] == "open"


def test_lamp_stays_where_one_request_was_lost(server: Server, dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.page.locator("#health-text").evaluate(TOLD)
    dashboard.page.route("**/option-chain/NIFTY?*", lambda route: route.abort(), times=1)
    dashboard.advance(6)
    assert dashboard.state == "unavailable"
    dashboard.advance(8)
    assert dashboard.state == "live"
    assert dashboard.page.evaluate("told") == []
    assert len(server.proxy.requests_to("/health")) <= 3
