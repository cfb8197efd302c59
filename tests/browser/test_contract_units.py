"""The panels of contracts and of the heat map count in the chosen unit, everywhere."""

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Locator, expect
from pymongo.database import Database

from optionchain.contract_terms import ContractTerms
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.snapshot_facts import SnapshotFacts
from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.page_modules import PageModules
from tests.browser.recording import STEP, ist
from tests.browser.server import Server
from tests.browser.test_contracts import BOTH, EXPIRY, Row, candles, contracts, history, tables
from tests.browser.test_export import menu, saved
from tests.browser.test_loading import DASH
from tests.browser.test_panels import panel
from tests.browser.test_structure_panels import choose, number

LOT, LATER_LOT = 65, 30
LATER = "30-Jun-2026"
UNITS = {"quantity": "units of the underlying", "rupees": "rupees"}
UNKNOWN = "the lot size is not known: two lists of contracts name different ones"


def record(server: Server, terms: ContractTerms, *times: str) -> None:
    """Record NIFTY at these times, with these terms, each confirmed by the tick after it."""
    for text in times or ("14:55:00", "15:00:30", "15:02:30"):
        found = server.recording.tick("NIFTY", ist(text) - 6 * STEP)
        server.recording.store("NIFTY", ist(text), found, facts=SnapshotFacts(terms=terms))
        server.recording.confirm("NIFTY", ist(text) + STEP)


def give_later_expiry(database: Database[Document], **lot: object) -> None:
    """Give the later expiry terms of its own."""
    database[SNAPSHOTS].update_many({"expiry_date": LATER}, {"$set": lot})


def factor(server: Server, unit: str, lot: int = LOT) -> float:
    price: float = server.get("/option-chain/NIFTY/analytics")["reference_price"]
    return lot * (price if unit == "rupees" else 1)


def scaled(rows: list[Row], by: float) -> list[list[Any]]:
    """Return candles with volume and open interest in a unit."""
    return [
        [*row[:5], *(each and pytest.approx(float(each) * by) for each in row[5:7]), *row[7:]]
        for row in rows
    ]


def choose_unit(dashboard: Dashboard, unit: str) -> None:
    dashboard.page.locator("#unit").select_option(unit)
    dashboard.settle()


def exported(dashboard: Dashboard, section: Locator, title: str) -> list[Mapping[str, str]]:
    """Return the rows of a table or chart of a panel as the CSV has them."""
    label = section.locator("h2").inner_text()
    button = menu(dashboard, label).get_by_role("button", name=f"CSV: {title}", exact=True)
    name, content = saved(dashboard, button)
    counted = dashboard.page.locator("#unit").input_value()
    assert f"OI in {UNITS[counted]}" in name
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.mark.parametrize("unit", UNITS)
def test_candles_are_in_the_chosen_unit(
    empty_server: Server, new_page: OpenPage, unit: str
) -> None:
    record(empty_server, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    dashboard.page.set_viewport_size({"width": 1280, "height": 2400})
    dashboard.open(BOTH)
    in_lots = [candles(empty_server, side) for side in ("CE", "PE")]
    assert tables(dashboard) == in_lots
    choose_unit(dashboard, unit)
    open_tables = contracts(dashboard).locator("details[open]")
    expect(open_tables).to_have_count(2)
    by, name = factor(empty_server, unit), UNITS[unit]
    assert tables(dashboard) == [scaled(rows, by) for rows in in_lots]
    shown = contracts(dashboard)
    heads = shown.locator("details").first.locator("th[scope=col]").all_inner_texts()
    assert heads[5:7] == [f"Volume ({name})", f"Open interest ({name})"]
    assert f"volume in {name}" in shown.locator(".candles .unit").first.inner_text()
    last = in_lots[0][-1]
    interest = re.sub(r"\D", "", f"{float(str(last[6])) * by:.0f}")
    words = shown.locator("figure:not(.candles) .unseen").first.inner_text()
    assert f"to {interest} {name} at" in words.replace(",", "")
    chart = shown.locator(".candles .u-over").first
    size = chart.bounding_box()
    assert size is not None
    chart.hover(position={"x": 0.97 * size["width"], "y": 20})
    told = [text.replace(",", "") for text in shown.locator(".readout").all_inner_texts()]
    assert told[0].endswith(f"Volume {float(str(last[5])) * by:.0f}")
    assert f"Open interest {interest} {name}   IV" in told[1]
    rows = exported(dashboard, shown, "24,350 CE: open interest and IV")
    assert float(rows[-1]["Open interest"]) == pytest.approx(float(str(last[6])) * by)


@pytest.mark.parametrize("unit", UNITS)
def test_another_expiry_counts_by_its_own_lot(
    empty_server: Server, database: Database[Document], new_page: OpenPage, unit: str
) -> None:
    record(empty_server, ContractTerms(lot_size=LOT))
    give_later_expiry(database, lot_size=LATER_LOT)
    dashboard = new_page(empty_server)
    dashboard.open(f"?panels=contracts&contracts=24350CE,24400CE@{LATER};view=oi")
    choose_unit(dashboard, unit)
    (rows,) = tables(dashboard)
    assert contracts(dashboard).locator("caption").inner_text().endswith(f"in {UNITS[unit]}")
    sent = [
        history(empty_server, f"NIFTY_CE_{name}")[-1]["open_interest"]
        for name in (f"24350_{EXPIRY}", f"24400_{LATER}")
    ]
    lots = (LOT, LATER_LOT)
    by = [factor(empty_server, unit, lot) for lot in lots]
    assert rows[-1][1:] == pytest.approx([sent[0] * by[0], sent[1] * by[1]])


def test_contract_without_a_lot_size_has_no_number_and_says_why(
    empty_server: Server, database: Database[Document], new_page: OpenPage
) -> None:
    record(empty_server, ContractTerms(lot_size=LOT))
    give_later_expiry(database, lot_size=None, lot_size_reason="sources_differ")
    dashboard = new_page(empty_server)
    dashboard.open(f"?panels=contracts&contracts=24350CE,24400CE@{LATER};view=oi")
    (in_lots,) = tables(dashboard)
    assert None not in in_lots[-1]
    choose_unit(dashboard, "quantity")
    (rows,) = tables(dashboard)
    assert rows[-1][1:] == [pytest.approx(float(str(in_lots[-1][1])) * LOT), None]
    shown = contracts(dashboard)
    cell = shown.locator("tbody tr").last.locator("td").nth(1)
    expect(cell).to_have_text(DASH)
    expect(cell).to_have_attribute("title", UNKNOWN)
    expect(shown).to_contain_text(f"24,400 CE {LATER}: {UNKNOWN}.")
    shown.get_by_label("Show").select_option("candles")
    later = tables(dashboard)[1]
    assert [row[5:7] for row in later] == [[None, None]] * len(later)
    shown.get_by_label("Show").select_option("spread")
    dashboard.settle()
    expect(shown).not_to_contain_text(UNKNOWN)


@pytest.mark.parametrize("name", ["contracts", "heat"])
def test_panel_in_lots_says_why_it_is_not_in_the_chosen_unit(
    empty_server: Server, new_page: OpenPage, name: str
) -> None:
    record(empty_server, ContractTerms(reasons={"lot_size": "sources_differ"}))
    dashboard = new_page(empty_server)
    query = f"?panels={name}&contracts=24350CE"
    dashboard.open(query)
    expect(panel(dashboard, name)).to_be_visible()
    expect(panel(dashboard, name)).not_to_contain_text(UNKNOWN)
    dashboard.page.evaluate("localStorage.setItem('option-chain.unit', 'rupees')")
    dashboard.open(query)
    expect(panel(dashboard, name)).to_contain_text(UNKNOWN)
    expect(panel(dashboard, name).locator(".unit").first).to_contain_text("lots")


@pytest.mark.parametrize("unit", UNITS)
def test_heat_map_is_in_the_chosen_unit(
    empty_server: Server, new_page: OpenPage, unit: str
) -> None:
    record(empty_server, ContractTerms(lot_size=LOT))
    dashboard = new_page(empty_server)
    dashboard.open("?panels=heat")
    choose(dashboard, "heat-window", "all")
    choose_unit(dashboard, unit)
    section = panel(dashboard, "heat")
    answer = empty_server.get("/option-chain/NIFTY/analytics/open-interest/history", interval="5m")
    last = answer["records"][-1]["call_open_interest"]
    largest = max(value for value in last if value is not None)
    words = section.locator(".unseen").inner_text()
    found = re.search(rf"\(([\d,]+) {UNITS[unit]}\)", words)
    assert found
    assert number(found[1]) == round(largest * factor(empty_server, unit))
    expect(section.locator(".unit").first).to_contain_text(UNITS[unit])
    if unit == "rupees":
        crores = f"{largest * factor(empty_server, unit) / 1e7:.0f}Cr"
        ends = section.locator(".heat-scale span").all_inner_texts()
        assert [text.replace(",", "") for text in ends] == ["0", crores]


@pytest.mark.parametrize(("values", "step", "texts"), [
    ([0, 50_000, 99_000], 1_000, ["0", "50,000", "99,000"]),
    ([6_520_000, 6_530_000], 10_000, ["65.2L", "65.3L"]),
    ([0, 20_000_000], 5_000_000, ["0.0", "2.0Cr"]),
    ([158_050_000_000, 158_060_000_000], 10_000_000, ["15,805Cr", "15,806Cr"]),
    ([1_000_000_000_000, 1_500_000_000_000], 500_000_000_000, ["1.0LCr", "1.5LCr"]),
])  # fmt: skip
def test_axis_in_few_characters_tells_its_steps_apart(
    modules: PageModules, values: list[float], step: float, texts: list[str]
) -> None:
    found = modules.call("panels/contracts/contract_unit.js", "compactTexts", values, step)
    assert found == texts
