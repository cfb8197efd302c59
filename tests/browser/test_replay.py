"""A recorded day again: by slider, keyboard or link; everything shown is of one snapshot."""

from datetime import datetime
from threading import Event
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import expect

from optionchain.exchange_time import IST
from tests.browser import expected
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.plots import plotted, watch_plots
from tests.browser.recording import TIMES, iso, ist
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
    """The lines of the rest of the day stay, with a marker."""
    watch_plots(dashboard.page)
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
    plot = dashboard.page.locator("#chart-pcr")
    plot.scroll_into_view_if_needed()
    drawn = plotted(plot)
    assert [iso(time) for time, (ratio_then, _) in drawn if ratio_then] == RECORDED
