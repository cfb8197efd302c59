"""The pages behind a stage, in a hidden tab, and with what the service says of itself."""

from datetime import timedelta
from typing import Any

from playwright.sync_api import expect
from pymongo.database import Database

from optionchain.mongo.client import Document
from optionchain.mongo.holiday_register import HolidayRegister, Rejected
from tests.browser import expected
from tests.browser.conftest import OpenPage, RecordedDay
from tests.browser.dashboard import Dashboard
from tests.browser.recording import iso, ist
from tests.browser.server import Server, over_database
from tests.browser.test_loading import DASH
from tests.support.snapshots import snapshot


def test_behind_a_stage_all_urls_hold(server: Server, new_page: OpenPage) -> None:
    server.proxy.stage = "/prod"
    # Without a chain of the day before, the API answers 404 to the request for its close.
    server.recording.tick("NIFTY", ist("15:30:00").replace(day=18))
    dashboard = new_page(server)
    dashboard.open()
    assert dashboard.contents().strikes
    assert server.proxy.requests_to("/option-chain/NIFTY/changes")
    assert {each.status for each in server.proxy.requests} <= {200, 304}


def test_docs_list_the_operations(empty_server: Server, new_page: OpenPage) -> None:
    empty_server.proxy.stage = "/prod"
    docs = new_page(empty_server, paused=False)
    docs.page.goto(f"{empty_server.url}/docs")
    expect(docs.page.locator("#operations-Option_chain-getOptionChain")).to_be_visible()
    empty_server.proxy.wait(busy=False)
    assert {each.status for each in empty_server.proxy.requests} == {200}
    assert all(url.startswith((empty_server.url, "data:")) for url in docs.log.requests)


def test_hidden_tab_requests_nothing_and_catches_up(server: Server, dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.advance(2)
    dashboard.hide()
    requests = len(server.proxy.requests)
    dashboard.advance(30)
    assert len(server.proxy.requests) == requests
    server.recording.tick("NIFTY", server.clock.now)
    dashboard.show()
    dashboard.wait_for_snapshot(iso(server.clock.now))


def test_simulated_market_is_called_so(
    server: Server, recorded_day: RecordedDay, new_page: OpenPage
) -> None:
    settings = {"nse_base_url": "http://127.0.0.1:8001"}
    simulated = over_database(server.http, recorded_day.copy, recorded_day.settings, **settings)
    dashboard = new_page(simulated)
    dashboard.open()
    expect(dashboard.page.locator("#simulated")).to_be_visible()
    assert "simulated" in dashboard.page.locator("#simulated").inner_text().lower()


def test_real_exchange_is_healthy_and_not_called_simulated(live_page: Dashboard) -> None:
    expect(live_page.page.locator("#health")).to_have_attribute("data-status", "healthy")
    expect(live_page.page.locator("#simulated")).to_be_hidden()


def test_lamp_gives_the_reasons(server: Server, new_page: OpenPage) -> None:
    server.recorder_works = False
    server.advance(70)
    reasons = [reason["detail"] for reason in server.get("/health")["reasons"]]
    dashboard = new_page(server)
    dashboard.open(state=None)
    lamp = dashboard.page.locator("#health")
    expect(lamp).to_have_attribute("data-status", "unhealthy")
    text = lamp.text_content() or ""
    assert len(reasons) == 2
    assert all(reason.partition(" was ")[0] in text for reason in reasons)


def test_lamp_tells_what_is_doubtful_about_the_calendar(
    empty_server: Server, database: Database[Document], new_page: OpenPage
) -> None:
    empty_server.recording.session(("15:02:30", "15:39:55"))
    empty_server.clock.now = ist("20:00:00")
    HolidayRegister(database).reject(Rejected(ist("09:00:00"), "it closes 44 weekday(s) of 2026"))
    dashboard = new_page(empty_server)
    dashboard.open()
    lamp = dashboard.page.locator("#health")
    expect(lamp).to_have_attribute("data-status", "healthy")
    assert "it closes 44 weekday(s) of 2026" in (lamp.text_content() or "")


def test_lamp_names_the_symbol_that_is_shown_first(server: Server, new_page: OpenPage) -> None:
    server.recorder_works = False
    server.advance(70)
    for symbol, query in (("NIFTY", ""), ("BANKNIFTY", "?symbol=BANKNIFTY")):
        dashboard = new_page(server)
        dashboard.open(query, state=None)
        text = dashboard.page.locator("#health-text").text_content() or ""
        assert text.startswith(f"{symbol} was last confirmed")


def test_data_are_old_after_three_intervals(
    server: Server, recorded_day: RecordedDay, new_page: OpenPage
) -> None:
    """At an interval of a minute a chain that was confirmed 100 seconds ago is not."""
    slow = over_database(
        server.http, recorded_day.copy, recorded_day.settings, nse_fetch_interval=60
    )
    slow.recorder_works = False
    slow.advance(100)
    dashboard = new_page(slow)
    dashboard.open()
    assert dashboard.state == "live"
    assert dashboard.page.locator("#health").get_attribute("data-status") == "healthy"
    slow.advance(81)
    dashboard.show()
    dashboard.wait_for_state("stale")


def test_age_does_not_depend_on_the_browser_s_clock(server: Server, new_page: OpenPage) -> None:
    """It is the API's own, not a difference of two clocks."""
    age = server.get("/option-chain/NIFTY")["age_seconds"]
    server.clock.now, now = ist("09:15:00"), server.clock.now
    dashboard = new_page(server)
    server.clock.now = now
    dashboard.open()
    assert dashboard.age() == int(age)


def test_today_is_the_day_of_the_api_not_of_the_browser(server: Server, new_page: OpenPage) -> None:
    """A browser's clock may be wrong, and `make run AT=…` lives at another moment."""
    now = server.clock.now
    server.clock.now = now + timedelta(days=1)
    dashboard = new_page(server)
    server.clock.now = now
    dashboard.open()
    expect(dashboard.page.locator("#day")).to_have_attribute("max", "2026-06-19")
    assert "no settled chain" not in dashboard.page.locator("#day-note").inner_text()
    assert dashboard.page.locator("#time-label").inner_text().endswith(" IST")


def test_last_chain_of_a_closed_market_is_not_called_old(
    empty_server: Server, new_page: OpenPage
) -> None:
    empty_server.recording.session(("15:02:30", "15:39:55"))
    empty_server.clock.now = ist("20:00:00")
    dashboard = new_page(empty_server)
    dashboard.open()
    assert dashboard.state == "live"
    assert "closed" in dashboard.tile("market").inner_text().lower()
    assert dashboard.page.locator("#health").get_attribute("data-status") == "healthy"


def test_missing_number_is_a_dash(empty_server: Server, new_page: OpenPage) -> None:
    """Nothing is traded or quoted: no volatility, no straddle, and no zero in their place."""
    strikes = (24300.0, 24350.0, 24400.0)
    prices = ("last_price", "change", "pchange", "implied_volatility", "bid_price", "ask_price")
    nothing: dict[str, Any] = dict.fromkeys((*prices, "open_interest"))
    quoteless = snapshot(strikes, tick=ist("15:02:30"), underlying=None, **nothing)
    empty_server.recording.store("NIFTY", quoteless.fetched_at, [quoteless])
    dashboard = new_page(empty_server)
    dashboard.open(state=None)
    contents = dashboard.contents()
    assert contents.timestamp == "2026-06-19T09:32:30Z"
    assert dashboard.contents().strikes == list(strikes)
    for name in expected.TILES:
        assert contents.tiles[name] is None
        assert DASH in dashboard.tile(name).inner_text()
    shown = {cell.text for cell in contents.cells if cell.column in {*prices, "iv"}}
    assert shown == {DASH}
