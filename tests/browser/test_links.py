"""A link shows what its sender saw, says what it cannot show, and leads on from there."""

import pytest
from playwright.sync_api import expect

from optionchain.contract_terms import ContractTerms
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.server import Server
from tests.browser.test_replay import query_of
from tests.browser.test_units import LOT, recorded

KEPT = "name => localStorage.getItem(`option-chain.${name}`)"
PAGES = ("", "/side-by-side", "/screener")


@pytest.fixture
def opened(empty_server: Server, new_page: OpenPage) -> Dashboard:
    """A page of one snapshot of each symbol, whose lots are known."""
    recorded(empty_server, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    dashboard.open()
    return dashboard


def kept(dashboard: Dashboard, name: str) -> str | None:
    found: str | None = dashboard.page.evaluate(KEPT, name)
    return found


@pytest.mark.parametrize("path", PAGES)
def test_unit_of_a_link_holds_for_its_view_alone(opened: Dashboard, path: str) -> None:
    page = opened.page
    opened.open(f"{path}?unit=quantity")
    expect(page.locator("#unit")).to_have_value("quantity")
    assert query_of(opened)["unit"] == "quantity"
    assert kept(opened, "unit") is None
    opened.open(path)
    expect(page.locator("#unit")).to_have_value("lots")


@pytest.mark.parametrize("path", PAGES)
def test_chosen_unit_is_kept_and_in_the_link_and_back_undoes_it(
    opened: Dashboard, path: str
) -> None:
    page = opened.page
    opened.open(path)
    assert "unit" not in query_of(opened)
    page.locator("#unit").select_option("rupees")
    assert query_of(opened)["unit"] == "rupees"
    assert kept(opened, "unit") == "rupees"
    page.go_back()
    expect(page.locator("#unit")).to_have_value("lots")
    # The browser keeps another one, so that a link without a unit would show that.
    assert query_of(opened)["unit"] == "lots"
    assert kept(opened, "unit") == "rupees"
    page.go_forward()
    expect(page.locator("#unit")).to_have_value("rupees")
    opened.open(path)
    expect(page.locator("#unit")).to_have_value("rupees")
    assert query_of(opened)["unit"] == "rupees"


@pytest.mark.parametrize("path", PAGES)
def test_unknown_unit_of_a_link_is_ignored(opened: Dashboard, path: str) -> None:
    opened.open(f"{path}?unit=furlongs")
    expect(opened.page.locator("#unit")).to_have_value("lots")
    assert "unit" not in query_of(opened)


def test_volatility_of_a_link_holds_for_its_view_alone(opened: Dashboard) -> None:
    page = opened.page
    opened.open("?volatility=exchange")
    expect(page.locator("#volatility")).to_have_value("exchange")
    asked = [each for each in opened.log.requests if "iv_source=" in each]
    assert "iv_source=exchange" in asked[-1]
    assert query_of(opened)["volatility"] == "exchange"
    assert kept(opened, "volatility") is None
    page.locator("#volatility").select_option("price")
    opened.settle()
    assert "volatility" not in query_of(opened)
    page.go_back()
    expect(page.locator("#volatility")).to_have_value("exchange")
    opened.settle()
    asked = [each for each in opened.log.requests if "iv_source=" in each]
    assert "iv_source=exchange" in asked[-1]
    opened.open("?volatility=mine")
    expect(page.locator("#volatility")).to_have_value("price")
    assert "volatility" not in query_of(opened)


def test_volatility_of_a_link_holds_side_by_side(opened: Dashboard) -> None:
    before = len(opened.log.requests)
    opened.open("/side-by-side?volatility=exchange")
    asked = [each for each in opened.log.requests[before:] if "iv_source=" in each]
    assert asked
    assert all("iv_source=exchange" in each for each in asked)
    assert query_of(opened)["volatility"] == "exchange"


def test_page_asks_at_once_when_the_browser_is_online_again(
    server: Server, dashboard: Dashboard
) -> None:
    dashboard.open()
    with server.down():
        dashboard.advance(40)
        assert dashboard.state == "unavailable"
    dashboard.page.evaluate("dispatchEvent(new Event('online'))")
    dashboard.settle()
    assert dashboard.state == "live"
