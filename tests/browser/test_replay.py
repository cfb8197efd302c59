"""A recorded day again: by slider, keyboard or link; everything shown is of one snapshot."""

from datetime import datetime, timedelta
from threading import Event
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import expect

from optionchain.exchange_time import IST
from tests.browser import expected
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.plots import plotted, watch_plots
from tests.browser.recording import TIMES, iso, ist, snapshots
from tests.browser.server import Server

RECORDED = [iso(ist(time)) for time in TIMES]


def shows(server: Server, dashboard: Dashboard, at: str) -> bool:
    """Tell whether instant, chain and tiles are those of a recorded snapshot."""
    contents = dashboard.contents()
    return contents.timestamp == at and not expected.differences(server, contents, as_of=at)


def query_of(dashboard: Dashboard) -> dict[str, str]:
    """Return the query of the page's URL."""
    query = parse_qs(urlsplit(dashboard.page.url).query)
    return {name: text for name, (text,) in query.items()}


def test_slider_goes_back_to_the_opening_and_live_returns(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    dashboard.page.locator("#time").fill("0")
    dashboard.rest_slider()
    assert dashboard.state == "replay"
    assert shows(server, dashboard, RECORDED[0])
    assert "09:15" in dashboard.page.locator("#time-label").inner_text()
    assert query_of(dashboard)["at"] == RECORDED[0]
    dashboard.page.locator("#live").click()
    dashboard.settle()
    assert dashboard.state == "live"
    assert shows(server, dashboard, RECORDED[-1])
    assert "at" not in query_of(dashboard)


def test_arrows_step_through_the_snapshots(server: Server, dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.page.locator("#time").focus()
    shown: list[str] = []
    for key in ("Home", "ArrowRight", "ArrowRight"):
        dashboard.page.keyboard.press(key)
        dashboard.rest_slider()
        shown.append(dashboard.contents().timestamp)
    assert shown == RECORDED[:3]
    assert shows(server, dashboard, RECORDED[2])


def test_replay_stays_while_new_snapshots_come(server: Server, dashboard: Dashboard) -> None:
    dashboard.open(f"?symbol=NIFTY&at={RECORDED[2]}", state="replay")
    server.recording.tick("NIFTY", ist("15:03:00"))
    dashboard.advance(25)
    assert dashboard.state == "replay"
    assert shows(server, dashboard, RECORDED[2])


@pytest.mark.parametrize("at", [RECORDED[1], iso(ist("14:00:00"))])
def test_shared_link_shows_its_sender_s_view(server: Server, new_page: OpenPage, at: str) -> None:
    """A time between two snapshots is answered by the one before it."""
    expiry = server.get("/option-chain/BANKNIFTY/expiry-dates")["expiry_dates"][1]
    dashboard = new_page(server)
    dashboard.open(f"?symbol=BANKNIFTY&expiry={quote(expiry)}&at={quote(at)}", state="replay")
    contents = dashboard.contents()
    assert contents.timestamp == max(each for each in RECORDED if each <= at)
    assert expected.differences(server, contents, "BANKNIFTY", expiry=expiry, as_of=at) == []
    expect(dashboard.page.locator("#symbol")).to_have_value("BANKNIFTY")
    expect(dashboard.page.locator("#expiry")).to_have_value(expiry)
    assert query_of(dashboard)["at"] == at


def test_chosen_moment_stays_where_an_expiry_has_older_snapshots_alone(
    server: Server, new_page: OpenPage
) -> None:
    tick = ist("15:03:30")
    server.recording.store("NIFTY", tick, snapshots("NIFTY", tick)[:1])
    server.clock.now = tick
    near, far = server.get("/option-chain/NIFTY/expiry-dates")["expiry_dates"]
    dashboard = new_page(server)
    dashboard.open(f"?at={iso(tick)}", state="replay")
    for expiry, timestamp in ((far, RECORDED[-1]), (near, iso(tick))):
        dashboard.page.locator("#expiry").select_option(expiry)
        dashboard.settle()
        contents = dashboard.contents()
        assert contents.timestamp == timestamp
        assert expected.differences(server, contents, expiry=expiry, as_of=timestamp) == []
        assert query_of(dashboard)["at"] == iso(tick)
    # A step counts from the snapshot that is shown.
    dashboard.page.locator("#expiry").select_option(far)
    dashboard.settle()
    dashboard.page.locator("#step-back").click()
    dashboard.settle()
    assert dashboard.contents().timestamp == query_of(dashboard)["at"] == RECORDED[-2]


def test_strike_at_the_money_comes_into_sight_once_a_day_and_with_live(
    server: Server, new_page: OpenPage
) -> None:
    """What the user has scrolled to stays there while the day goes on, recorded or live."""
    tuesday = ist("10:00:00") - timedelta(days=3)
    server.recording.tick("NIFTY", tuesday)
    dashboard = new_page(server)
    dashboard.open()
    page = dashboard.page
    at_the_money = page.locator("#chain tr.atm")
    scroller = page.locator("#chain-scroller")

    def scroll_away() -> None:
        expect(at_the_money).to_be_in_viewport()
        scroller.evaluate("box => { box.scrollTop = 0; }")
        expect(at_the_money).not_to_be_in_viewport()

    scroll_away()
    page.locator("#day").fill(f"{tuesday:%Y-%m-%d}")
    dashboard.wait_for_snapshot(iso(tuesday))
    scroll_away()
    page.locator("#live").click()
    dashboard.wait_for_snapshot(RECORDED[-1])
    scroll_away()
    for button in ("#step-back", "#step-back", "#step-forward"):
        page.locator(button).click()
        dashboard.settle()
        expect(at_the_money).not_to_be_in_viewport()
    page.locator("#live").click()
    dashboard.wait_for_snapshot(RECORDED[-1])
    scroll_away()
    news = iso(server.bring_news("NIFTY"))
    page.clock.run_for(5_000)
    dashboard.wait_for_snapshot(news)
    expect(at_the_money).not_to_be_in_viewport()


@pytest.mark.parametrize(
    ("at", "shown"),
    [("14:00", RECORDED[3]), ("-30m", RECORDED[4]), ("2026-06-19", RECORDED[-1])],
)
def test_moment_that_means_another_one_later_is_told_by_its_snapshot(
    dashboard: Dashboard, at: str, shown: str
) -> None:
    dashboard.open(f"?at={at}", state="replay")
    assert query_of(dashboard)["at"] == dashboard.contents().timestamp == shown


def test_slow_answer_does_not_replace_a_later_choice(server: Server, dashboard: Dashboard) -> None:
    """Who drags the slider asks for many snapshots; the last one stays."""
    dashboard.open()
    gate = server.proxy.gate = Event()
    dashboard.page.locator("#time").fill("0")
    dashboard.page.clock.run_for(200)
    server.proxy.wait(busy=True)
    server.proxy.gate = None
    dashboard.page.locator("#live").click()
    dashboard.wait_for_state("live")
    gate.set()
    dashboard.settle()
    assert dashboard.state == "live"
    assert shows(server, dashboard, RECORDED[-1])


def test_words_of_the_day_s_charts_are_of_the_moment_that_is_replayed(
    server: Server, dashboard: Dashboard
) -> None:
    choice = "contracts=24350CE%3Bview%3Doi"
    at = RECORDED[2]
    dashboard.open(f"?panels=levels,contracts&{choice}&at={quote(at)}", state="replay")
    moment = f"{datetime.fromisoformat(at).astimezone(IST):%H:%M:%S}"
    ratio = dashboard.page.locator("#chart-pcr-text")
    charts = dashboard.page.locator("#chart-pcr-text, #chart-underlying-text, .panel .unseen")
    told = [text for text in charts.all_inner_texts() if text]
    assert len(told) >= 4
    for text in told:
        lines = [each for each in text.split(": from ")[1:] if "lowest" in each]
        assert lines
        assert [each for each in lines if f" at {moment} IST; " not in each] == []
    figures = server.get("/option-chain/NIFTY/analytics", as_of=at)
    assert f"to {figures['pcr_oi']:.3f} at {moment} IST" in ratio.inner_text()


DESK = (
    "?panels=levels,heat,contracts,strategy"
    "&contracts=24350CE,24400PE{view}&legs=%2B1x24350CE,-1x24400CE"
)
OF_THE_DAY = (
    "#chart-pcr",
    "#chart-underlying",
    ".panel[data-panel=levels] .plot",
    ".panel[data-panel=heat] .plot",
    ".panel[data-panel=contracts] .plot",
    ".strategy-results figure:has-text('Value through the day') .plot",
)


def ends_of_charts(dashboard: Dashboard) -> dict[str, str]:
    """Return the last instant that each kind of chart through the day was given to draw.

    A candle has the instant of its beginning.
    """
    found: dict[str, str] = {}
    for name in OF_THE_DAY:
        ends = list[str]()
        for chart in dashboard.page.locator(name).all():
            chart.scroll_into_view_if_needed()
            ends.append(iso(plotted(chart)[-1][0]))
        found[name] = max(ends)
    return found


@pytest.mark.parametrize("view", ["", "%3Bview%3Doi", "%3Bview%3Dspread"])
def test_no_chart_goes_on_after_the_moment_that_is_replayed(
    dashboard: Dashboard, view: str
) -> None:
    """It grows with the replay, of what the page has already: nothing is requested for it."""
    watch_plots(dashboard.page)
    dashboard.page.set_viewport_size({"width": 1280, "height": 12_000})  # all is in sight
    dashboard.open(f"{DESK.format(view=view)}&at={RECORDED[2]}", state="replay")
    expect(dashboard.page.locator(".panel[data-loaded]")).to_have_count(4)
    expect(dashboard.page.locator("[data-empty]")).to_have_count(0)
    axis = "container => watchedPlots.get(container).scales.x.max"
    ratio = dashboard.page.locator("#chart-pcr")
    assert ends_of_charts(dashboard) == dict.fromkeys(OF_THE_DAY, RECORDED[2])
    whole_day = ratio.evaluate(axis)
    asked = [url for url in dashboard.log.requests if "history" in url]
    dashboard.page.locator("#step-forward").click()
    dashboard.settle()
    assert ends_of_charts(dashboard) == dict.fromkeys(OF_THE_DAY, RECORDED[3])
    assert ratio.evaluate(axis) == whole_day
    dashboard.page.locator("#time").press("End")
    dashboard.rest_slider()
    assert ends_of_charts(dashboard) == dict.fromkeys(OF_THE_DAY, RECORDED[-1])
    assert ratio.evaluate(axis) == whole_day
    assert [url for url in dashboard.log.requests if "history" in url] == asked
