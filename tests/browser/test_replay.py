"""The session again: by slider, by keyboard, by a link; everything shown is of one snapshot."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser import answers
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import TIMES, ist
from tests.browser.site import Site


def iso(time: str) -> str:
    """Return a time of the day as the API writes it."""
    return f"{ist(time):%Y-%m-%dT%H:%M:%SZ}"


RECORDED = [iso(time) for time in TIMES]


def shows_whole(site: Site, dashboard: Dashboard, at: str) -> None:
    """Chain and tiles must be of the snapshot of an instant, every number of them."""
    legs = answers.legs(answers.chain(site, as_of=at))
    assert dashboard.timestamp == at
    assert [cell for cell in dashboard.cells() if cell.value != answers.of(legs, cell)] == []
    shown = {name: dashboard.value(name) for name in answers.TILES}
    assert shown == answers.tiles(site, as_of=at)


def query_of(dashboard: Dashboard) -> dict[str, str]:
    """Return the query of the page's address."""
    query = parse_qs(urlsplit(dashboard.page.url).query)
    return {name: text for name, (text,) in query.items()}


def test_the_slider_goes_back_to_the_opening_and_live_returns(
    site: Site, dashboard: Dashboard
) -> None:
    dashboard.open()
    slider = dashboard.slider()
    slider.fill(slider.get_attribute("min") or "0")
    dashboard.wait("replay")
    dashboard.wait_for(RECORDED[0])
    shows_whole(site, dashboard, RECORDED[0])
    assert "09:15" in dashboard.page.locator("#time-label").inner_text()
    assert query_of(dashboard)["at"] == RECORDED[0]
    dashboard.page.locator("#live").click()
    dashboard.wait("live")
    dashboard.wait_for(RECORDED[-1])
    shows_whole(site, dashboard, RECORDED[-1])
    assert "at" not in query_of(dashboard)


def test_the_arrows_step_through_the_snapshots(site: Site, dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.slider().focus()
    dashboard.page.keyboard.press("Home")
    dashboard.wait_for(RECORDED[0])
    seen = [dashboard.timestamp]
    for _ in RECORDED[1:3]:
        dashboard.page.keyboard.press("ArrowRight")
        dashboard.page.clock.run_for(1_000)
        dashboard.until("at => document.body.dataset.timestamp > at", seen[-1])
        seen.append(dashboard.timestamp)
    assert set(seen) <= set(RECORDED)
    shows_whole(site, dashboard, seen[-1])


def test_what_is_replayed_stays_while_news_come(site: Site, dashboard: Dashboard) -> None:
    dashboard.open(f"?symbol=NIFTY&at={RECORDED[2]}", state="replay")
    dashboard.wait_for(RECORDED[2])
    site.recording.tick("NIFTY", ist("15:03:00"))
    dashboard.let_pass(25)
    assert dashboard.state == "replay"
    shows_whole(site, dashboard, RECORDED[2])


@pytest.mark.parametrize("at", [RECORDED[1], iso("14:00:00")])
def test_a_shared_link_shows_that_view(site: Site, new_page: OpenPage, at: str) -> None:
    """A moment between two snapshots is answered by the one before it."""
    shown = max(each for each in RECORDED if each <= at)
    expiry = site.get("/option-chain/BANKNIFTY/expiry-dates")["expiry_dates"][1]
    dashboard = new_page(site)
    dashboard.open(f"?symbol=BANKNIFTY&expiry={quote(expiry)}&at={quote(at)}", state="replay")
    dashboard.wait_for(shown)
    expect(dashboard.page.locator("#symbol")).to_have_value("BANKNIFTY")
    expect(dashboard.page.locator("#expiry")).to_have_value(expiry)
    answer = answers.chain(site, "BANKNIFTY", expiry=expiry, as_of=at)
    assert dashboard.strikes() == answers.strikes(answer)
    legs = answers.legs(answer)
    assert [cell for cell in dashboard.cells() if cell.value != answers.of(legs, cell)] == []


def test_a_slow_answer_does_not_overtake_a_later_choice(site: Site, dashboard: Dashboard) -> None:
    """Whoever drags the slider asks for many moments; the last one is what stands."""
    dashboard.open()
    slider = dashboard.slider()
    site.front.delay = 0.5
    slider.fill(slider.get_attribute("min") or "0")
    dashboard.page.wait_for_timeout(300)
    assert site.front.in_flight
    site.front.delay = 0.0
    dashboard.page.locator("#live").click()
    dashboard.wait("live")
    dashboard.page.wait_for_timeout(500)
    assert dashboard.state == "live"
    shows_whole(site, dashboard, RECORDED[-1])
