"""Symbol, expiry and columns are a person's to choose, and are kept."""

from urllib.parse import quote

import pytest

from tests.browser import answers
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.site import Site
from tests.browser.test_replay import query_of


def test_another_symbol_is_shown_with_its_own_expiries(site: Site, dashboard: Dashboard) -> None:
    dashboard.open()
    dashboard.page.locator("#symbol").select_option("BANKNIFTY")
    expected = answers.strikes(answers.chain(site, "BANKNIFTY"))
    dashboard.page.wait_for_selector(f'#chain tr[data-strike="{expected[0]:g}"]', state="attached")
    assert dashboard.strikes() == expected
    expiries: list[str] = dashboard.page.locator("#expiry option").evaluate_all(
        "options => options.map(option => option.value)"
    )
    assert expiries == site.get("/option-chain/BANKNIFTY/expiry-dates")["expiry_dates"]
    assert query_of(dashboard)["symbol"] == "BANKNIFTY"
    shown = {name: dashboard.value(name) for name in answers.TILES}
    assert shown == answers.tiles(site, "BANKNIFTY")


def test_another_expiry_is_shown_and_named_in_the_address(site: Site, dashboard: Dashboard) -> None:
    dashboard.open()
    later = site.get("/option-chain/NIFTY/expiry-dates")["expiry_dates"][1]
    dashboard.page.locator("#expiry").select_option(later)
    expected = answers.tiles(site, expiry=later)
    dashboard.until(
        "pcr => document.querySelector('[data-tile=pcr_oi]').dataset.value === pcr",
        str(expected["pcr_oi"]),
    )
    assert query_of(dashboard)["expiry"] == later
    assert {name: dashboard.value(name) for name in answers.TILES} == expected


@pytest.mark.parametrize(
    "query", ["?symbol=NOSUCH", "?expiry=01-Jan-1999", "?at=yesterday", "?symbol=%3Cimg%20src=x%3E"]
)
def test_a_link_to_what_is_not_there_is_no_blank_page(
    site: Site, new_page: OpenPage, query: str
) -> None:
    """It says what is wrong, or shows what there is; nothing of the address becomes markup."""
    dashboard = new_page(site)
    dashboard.open(query, state=None)
    dashboard.until("document.body.dataset.state !== 'loading'")
    dashboard.settle()
    assert dashboard.strikes() or dashboard.page.locator("#notice").inner_text().strip()
    assert dashboard.page.locator("img").count() == 0
    if "at=" in query:
        dashboard.page.locator("#live").click()
    dashboard.page.locator("#symbol").select_option("BANKNIFTY")
    dashboard.wait("live")
    assert len(dashboard.strikes()) > 50


def test_chosen_columns_are_kept(dashboard: Dashboard) -> None:
    dashboard.open()
    before = {cell.column for cell in dashboard.cells()}
    dashboard.page.locator("#columns").click()
    dashboard.page.locator("input[name=column][value=vega]").check()
    dashboard.page.locator("input[name=column][value=last_price]").uncheck()
    chosen = {cell.column for cell in dashboard.cells()}
    assert chosen == (before | {"vega"}) - {"last_price"}
    dashboard.page.reload()
    dashboard.wait("live")
    assert {cell.column for cell in dashboard.cells()} == chosen


def test_a_symbol_with_a_sign_in_it_is_asked_for_by_its_name(
    empty_site: Site, new_page: OpenPage
) -> None:
    empty_site.recording.session(("15:01:30", "15:02:30"), ("M&M",))
    dashboard = new_page(empty_site)
    dashboard.open(f"?symbol={quote('M&M')}")
    assert dashboard.strikes() == answers.strikes(answers.chain(empty_site, quote("M&M")))
    assert query_of(dashboard)["symbol"] == "M&M"
