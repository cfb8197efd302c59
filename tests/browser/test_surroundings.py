"""Behind a stage, in a hidden tab, on a simulated market, with reasons to doubt the data."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect
from pymongo.database import Database

from optionchain.mongo.client import Document
from optionchain.settings import Settings
from tests.browser import answers
from tests.browser import site as sites
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import ist
from tests.browser.site import Site
from tests.support.snapshots import snapshot


@pytest.fixture
def simulated(database: Database[Document], mongo_settings: Settings) -> Iterator[Site]:
    """A site whose recorder asks no exchange but one of this machine."""
    with sites.site(database, mongo_settings, nse_base_url="http://127.0.0.1:8001") as found:
        found.recording.session(("15:01:30", "15:02:30"))
        yield found


def test_behind_a_stage_all_addresses_hold(site: Site, new_page: OpenPage) -> None:
    site.front.stage = "/prod"
    dashboard = new_page(site)
    dashboard.open()
    assert dashboard.strikes()
    assert {each.status for each in site.front.asked} <= {200, 304}


def test_a_hidden_tab_asks_for_nothing_and_catches_up(site: Site, dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.let_pass(2)
    dashboard.look_away()
    dashboard.settle()
    seen = len(site.front.asked)
    dashboard.let_pass(30)
    assert len(site.front.asked) == seen
    site.recording.tick("NIFTY", site.clock.now)
    dashboard.look_back()
    dashboard.page.clock.run_for(1_000)
    dashboard.wait_for(f"{site.clock.now:%Y-%m-%dT%H:%M:%SZ}")


def test_a_simulated_market_is_called_so(simulated: Site, new_page: OpenPage) -> None:
    dashboard = new_page(simulated)
    dashboard.open()
    expect(dashboard.page.locator("#simulated")).to_be_visible()
    assert "simulated" in dashboard.page.locator("#simulated").inner_text().lower()


def test_the_exchange_itself_is_not_called_simulated(dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.settle()
    expect(dashboard.page.locator("#simulated")).to_be_hidden()


def test_the_lamp_says_that_all_is_well(dashboard: Dashboard) -> None:
    dashboard.open()
    expect(dashboard.page.locator("#health")).to_have_attribute("data-status", "healthy")


def test_the_lamp_gives_the_reasons(site: Site, new_page: OpenPage) -> None:
    site.recorder_works = False
    site.let_pass(70)
    reasons = [reason["detail"] for reason in site.get("/health")["reasons"]]
    dashboard = new_page(site)
    dashboard.open(state=None)
    lamp = dashboard.page.locator("#health")
    expect(lamp).to_have_attribute("data-status", "unhealthy")
    text = lamp.text_content() or ""
    assert len(reasons) == 2
    assert all(reason.partition(" was ")[0] in text for reason in reasons)


def test_a_browser_whose_clock_is_wrong_shows_the_same_age(site: Site, new_page: OpenPage) -> None:
    """The age is the API's, not a difference of two clocks."""
    dashboard = new_page(site, frozen=False)
    dashboard.open()
    age = dashboard.value("age")
    assert isinstance(age, int | float)
    assert 0 <= age - site.get("/option-chain/NIFTY")["age_seconds"] <= 3


def test_the_last_chain_of_a_closed_market_is_not_called_old(
    empty_site: Site, new_page: OpenPage
) -> None:
    empty_site.recording.session(("15:02:30", "15:39:55"))
    empty_site.clock.now = ist("20:00:00")
    dashboard = new_page(empty_site)
    dashboard.open()
    dashboard.settle()
    assert dashboard.state == "live"
    assert "closed" in dashboard.tile("market").inner_text().lower()
    assert dashboard.page.locator("#health").get_attribute("data-status") == "healthy"


def test_what_cannot_be_known_is_a_dash(empty_site: Site, new_page: OpenPage) -> None:
    """Nothing is traded or quoted: no volatility, no straddle, and no zero in their place."""
    strikes = (24300.0, 24350.0, 24400.0)
    prices = ("last_price", "change", "pchange", "implied_volatility", "bid_price", "ask_price")
    nothing: dict[str, Any] = dict.fromkeys((*prices, "open_interest"))
    quoteless = snapshot(strikes, tick=ist("15:02:30"), underlying=None, **nothing)
    empty_site.recording.store("NIFTY", quoteless.fetched_at, [quoteless])
    dashboard = new_page(empty_site)
    dashboard.open(state=None)
    dashboard.wait_for("2026-06-19T09:32:30Z")
    assert dashboard.strikes() == list(strikes)
    for name in answers.TILES:
        assert dashboard.value(name) is None
        assert "\u2013" in dashboard.tile(name).inner_text()
    prices_shown = [cell for cell in dashboard.cells() if cell.column in {*prices, "iv"}]
    assert {cell.text for cell in prices_shown} == {"\u2013"}
