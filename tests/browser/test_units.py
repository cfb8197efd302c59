"""Open interest and volume are shown in lots, quantity or rupees, as the user chooses."""

import pytest
from playwright.sync_api import expect

from optionchain.contract_terms import ContractTerms
from optionchain.snapshot_facts import SnapshotFacts
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import SYMBOLS, ist
from tests.browser.server import Server
from tests.browser.test_accessibility import violations

LOT = 65
SCALED = ("open_interest", "oi_since_previous_close", "total_traded_volume")


def recorded(server: Server, terms: ContractTerms) -> None:
    """Record one snapshot of each symbol, with these terms."""
    tick = ist("15:02:30")
    for symbol in SYMBOLS:
        found = server.recording.tick(symbol, ist("15:01:30"))
        server.recording.store(symbol, tick, found, facts=SnapshotFacts(terms=terms))


def values(dashboard: Dashboard, column: str) -> list[float]:
    found = (cell.value for cell in dashboard.contents().cells if cell.column == column)
    return [value for value in found if isinstance(value, int | float)]


@pytest.mark.parametrize("unit", ["quantity", "rupees"])
def test_a_unit_is_chosen_and_kept(empty_server: Server, new_page: OpenPage, unit: str) -> None:
    recorded(empty_server, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    dashboard.open()
    in_lots = {name: values(dashboard, name) for name in SCALED}
    dashboard.page.locator("#unit").select_option(unit)
    price = empty_server.get("/option-chain/NIFTY/analytics")["reference_price"]
    factor = LOT * (price if unit == "rupees" else 1)
    for _ in range(2):
        for name, lots in in_lots.items():
            assert values(dashboard, name) == pytest.approx([value * factor for value in lots])
        dashboard.page.reload()
        dashboard.wait_for_state("live")
    name = {"quantity": "quantity", "rupees": "₹ notional"}[unit]
    expect(dashboard.page.locator("#oi-unit")).to_have_text(name)
    cell = dashboard.page.locator("#chain td[data-column=open_interest][title]").first
    counted = {"quantity": "units of the underlying", "rupees": "rupees"}[unit]
    assert counted in (cell.get_attribute("title") or "")
    assert violations(dashboard) == []


def test_without_a_lot_size_there_are_lots_alone(empty_server: Server, new_page: OpenPage) -> None:
    recorded(empty_server, ContractTerms(reasons={"lot_size": "sources_differ"}))
    dashboard = new_page(empty_server)
    dashboard.open()
    picker = dashboard.page.locator("#unit")
    expect(picker).to_have_value("lots")
    expect(picker).to_have_attribute(
        "title", "the lot size is not known: two lists of contracts name different ones"
    )
    disabled = picker.locator("option:disabled").evaluate_all("all => all.map(one => one.value)")
    assert disabled == ["quantity", "rupees"]
