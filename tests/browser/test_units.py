"""Open interest and volume are shown in lots, quantity or rupees, as the user chooses."""

import re
from itertools import cycle

import pytest
from playwright.sync_api import Page, expect

from optionchain.contract_terms import ContractTerms
from optionchain.snapshot_facts import SnapshotFacts
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import SYMBOLS, ist
from tests.browser.server import Server
from tests.browser.test_accessibility import violations
from tests.browser.test_side_by_side import opened, view

LOT = 65
SCALED = ("open_interest", "oi_since_previous_close", "total_traded_volume")


UNKNOWN = ContractTerms(reasons={"lot_size": "sources_differ"})
WHY_UNKNOWN = "the lot size is not known: two lists of contracts name different ones"


def recorded(server: Server, *terms: ContractTerms) -> None:
    """Record one snapshot of each symbol, with these terms in turn."""
    tick = ist("15:02:30")
    for symbol, own in zip(SYMBOLS, cycle(terms), strict=False):
        found = server.recording.tick(symbol, ist("15:01:30"))
        server.recording.store(symbol, tick, found, facts=SnapshotFacts(terms=own))


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
    recorded(empty_server, UNKNOWN)
    dashboard = new_page(empty_server)
    dashboard.open()
    picker = dashboard.page.locator("#unit")
    expect(picker).to_have_value("lots")
    expect(picker).to_have_attribute("title", WHY_UNKNOWN)
    disabled = picker.locator("option:disabled").evaluate_all("all => all.map(one => one.value)")
    assert disabled == ["quantity", "rupees"]


def values_beside(page: Page, symbol: str, column: str) -> list[float]:
    """Return the numbers of a column of one of the chains side by side."""
    cells = view(page, symbol).locator(f'tbody td[data-column="{column}"]:not([data-value=""])')
    found: list[float] = cells.evaluate_all("all => all.map(each => Number(each.dataset.value))")
    return found


@pytest.mark.parametrize("unit", ["quantity", "rupees"])
def test_each_chain_side_by_side_counts_with_its_own_lot(
    empty_server: Server, new_page: OpenPage, unit: str
) -> None:
    lots = dict(zip(SYMBOLS, (LOT, 30), strict=True))
    recorded(empty_server, *(ContractTerms(lot_size=lot) for lot in lots.values()))
    dashboard = opened(empty_server, new_page)
    page = dashboard.page
    expect(page.locator("#unit")).to_have_value("lots")
    in_lots = {symbol: values_beside(page, symbol, "open_interest") for symbol in lots}
    page.locator("#unit").select_option(unit)
    for symbol, lot in lots.items():
        price = empty_server.get(f"/option-chain/{symbol}/analytics")["reference_price"]
        factor = lot * (price if unit == "rupees" else 1)
        assert len(in_lots[symbol]) > 50
        found = values_beside(page, symbol, "open_interest")
        assert found == pytest.approx([value * factor for value in in_lots[symbol]])
        expect(view(page, symbol).locator(".view-note")).not_to_contain_text("In lots")
    assert violations(dashboard) == []
    # Both pages have the same choice.
    dashboard.open()
    expect(page.locator("#unit")).to_have_value(unit)


def test_a_chain_without_a_lot_size_stays_in_lots_beside_others(
    empty_server: Server, new_page: OpenPage
) -> None:
    recorded(empty_server, ContractTerms(lot_size=LOT), UNKNOWN)
    page = opened(empty_server, new_page).page
    in_lots = {symbol: values_beside(page, symbol, "open_interest") for symbol in SYMBOLS}
    page.locator("#unit").select_option("quantity")
    known, unknown = SYMBOLS
    quantity = [value * LOT for value in in_lots[known]]
    assert values_beside(page, known, "open_interest") == quantity
    assert values_beside(page, unknown, "open_interest") == in_lots[unknown]
    note = view(page, unknown).locator(".view-note")
    expect(note).to_contain_text(f"In lots: {WHY_UNKNOWN}.")
    expect(view(page, known).locator(".view-note")).not_to_contain_text("In lots")
    page.locator("#unit").select_option("lots")
    expect(note).not_to_contain_text("In lots")


@pytest.mark.parametrize("path", ["", "/side-by-side"])
def test_a_choice_in_another_tab_is_followed(
    empty_server: Server, new_page: OpenPage, path: str
) -> None:
    recorded(empty_server, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    dashboard.open(path)
    other = dashboard.page.context.new_page()
    other.goto(f"{empty_server.url}/dashboard/side-by-side")
    other.locator("#unit").select_option("quantity")
    expect(dashboard.page.locator("#unit")).to_have_value("quantity")
    cell = dashboard.page.locator('tbody td[data-column="open_interest"][title*="units of"]').first
    expect(cell).to_be_attached()


def test_sums_of_both_sides_can_be_compared(empty_server: Server, new_page: OpenPage) -> None:
    recorded(empty_server, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    dashboard.open("?symbol=BANKNIFTY")
    dashboard.show_all_columns()
    for unit in ("lots", "quantity", "rupees"):
        dashboard.page.locator("#unit").select_option(unit)
        totals = dashboard.page.locator("#chain tfoot td[data-side][data-total]").all()
        assert len(totals) == 2 * len(SCALED)
        for total in totals:
            digits = re.sub(r"\D", "", total.inner_text())
            value = float(total.get_attribute("data-value") or "nan")
            assert len(digits) >= 3 or abs(value) < 100
