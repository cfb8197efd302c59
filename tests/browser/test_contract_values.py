"""What the panel of contracts computes: what holds at an instant, prices of two, its address."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from tests.browser.page_modules import PageModules

CHOICE = "panels/contracts/contracts_choice.js"
VALUES = "panels/contracts/held_values.js"
USUAL = {"view": "candles", "pair": [0, 1], "price": "last"}

Record = dict[str, Any]
Break = dict[str, int]


@pytest.fixture
def modules(browser: Browser) -> Iterator[PageModules]:
    page = browser.new_page()
    yield PageModules(page)
    page.close()


def contract(strike: float, side: str, expiry: str | None = None) -> dict[str, Any]:
    return {"strike": strike, "side": side, "expiry": expiry}


@pytest.mark.parametrize(("text", "contracts", "options"), [
    ("24000CE", [contract(24000, "CE")], {}),
    ("262.5PE,24000CE@30-Jan-2025", [contract(262.5, "PE"), contract(24000, "CE", "30-Jan-2025")],
     {}),
    ("1CE,2CE,3PE;view=ratio;pair=3-1;price=mid",
     [contract(1, "CE"), contract(2, "CE"), contract(3, "PE")],
     {"view": "ratio", "pair": [2, 0], "price": "mid"}),
])  # fmt: skip
def test_address_is_read_and_written_alike(
    modules: PageModules, text: str, contracts: list[Any], options: dict[str, Any]
) -> None:
    read = modules.call(CHOICE, "readContracts", text)
    assert read == {"choice": {"contracts": contracts, **USUAL, **options}, "ignored": []}
    assert modules.call(CHOICE, "writeContracts", read["choice"]) == text


@pytest.mark.parametrize(("text", "ignored"), [
    ("24000XX", ["24000XX"]),
    ("24000ce", ["24000ce"]),
    ("-1CE,1e3CE, 1CE", ["-1CE", "1e3CE", " 1CE"]),
    ("24000CE@30-01-2025", ["24000CE@30-01-2025"]),
    ("24000CE@30-Jan-2025@30-Jan-2025", ["24000CE@30-Jan-2025@30-Jan-2025"]),
    ("1CE,2CE,3CE,4CE,5CE,6CE,7CE", ["7CE"]),
    ("1CE;view=pie", ["view=pie"]),
    ("1CE;view=oi;view=ratio", ["view=ratio"]),
    ("1CE,2CE;pair=1-1;pair=1-2", ["pair=1-1", "pair=1-2"]),
    ("1CE,2CE;pair=1-3", ["pair=1-3"]),
    ("1CE;price", ["price"]),
    ("1CE;price=last=mid", ["price=last=mid"]),
    ("<img src=x>" * 9, ["<img src=x>" * 3 + "<img sr"]),
])  # fmt: skip
def test_what_is_not_understood_is_named_and_left_out(
    modules: PageModules, text: str, ignored: list[str]
) -> None:
    read = modules.call(CHOICE, "readContracts", text)
    assert read["ignored"] == ignored
    assert all(each["side"] in {"CE", "PE"} for each in read["choice"]["contracts"])
    again = modules.call(CHOICE, "writeContracts", read["choice"])
    assert modules.call(CHOICE, "readContracts", again) == {**read, "ignored": []}


@given(st.text(alphabet="0123456789.CEP@-Jan;,=viewoipratm ", max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_address_is_read_to_one_that_is_understood(modules: PageModules, text: str) -> None:
    choice = modules.call(CHOICE, "readContracts", text)["choice"]
    written = modules.call(CHOICE, "writeContracts", choice)
    read = modules.call(CHOICE, "readContracts", written)
    assert read["ignored"] == []
    assert not written or read["choice"] == choice


def test_seventh_contract_takes_the_place_of_the_first(modules: PageModules) -> None:
    read = modules.call(CHOICE, "readContracts", "1CE,2CE,3CE,4CE,5CE,6CE;pair=3-4;view=spread")
    added = [contract(7, "PE"), contract(6, "CE")]
    changed = modules.call(CHOICE, "withContracts", read["choice"], added)
    written = modules.call(CHOICE, "writeContracts", changed)
    assert written == "2CE,3CE,4CE,5CE,6CE,7PE;view=spread;pair=2-3"
    fewer = modules.call(CHOICE, "withoutContract", changed, 1)
    assert modules.call(CHOICE, "writeContracts", fewer) == "2CE,4CE,5CE,6CE,7PE;view=spread"


def test_contracts_stay_the_same_at_another_expiry(modules: PageModules) -> None:
    text = "1CE,2PE@30-Jan-2025;view=oi"
    moved = modules.call(CHOICE, "contractsAtExpiry", text, "23-Jan-2025", "30-Jan-2025")
    assert moved == "1CE@23-Jan-2025,2PE;view=oi"
    assert modules.call(CHOICE, "contractsAtExpiry", moved, "30-Jan-2025", "23-Jan-2025") == text


@pytest.mark.parametrize(("picked", "expected"), [
    ({"strike": 100, "side": None, "column": None}, "7CE,100CE,100PE"),
    ({"strike": 100, "side": "put", "column": "last_price"}, "7CE,100PE"),
    ({"strike": 100, "side": "call", "column": "open_interest"}, "7CE,100CE"),
    ({"strike": 105, "side": None, "column": None}, "7CE,105CE"),
    ({"strike": 105, "side": "put", "column": "last_price"}, None),
    ({"strike": 100, "side": "call", "column": "bid_price"}, None),
])  # fmt: skip
def test_click_adds_what_is_listed(
    modules: PageModules, picked: dict[str, Any], expected: str | None
) -> None:
    rows = [
        {"strike_price": 100, "call": {}, "put": {}},
        {"strike_price": 105, "call": {}, "put": None},
    ]
    snapshot = {"chain": {"rows": rows}}
    assert modules.call(CHOICE, "pickContracts", picked, "7CE", snapshot) == expected


TIMES = st.lists(st.integers(0, 40), unique=True, max_size=12).map(sorted)
RECORDS = TIMES.map(lambda times: [{"time": time} for time in times])


@st.composite
def breaks(draw: st.DrawFn) -> list[Break]:
    """Draw stretches by time of which none touches another one."""
    ends = draw(TIMES)
    return [{"start": start, "end": end} for start, end in zip(ends[::2], ends[1::2], strict=False)]


def held(time: int, records: list[Record], lost: list[Break]) -> Record | None:
    """Return what is known at a time, by the words of the rule.

    What was recorded within a gap is known of its own instant alone.
    """
    by_then = [record for record in records if record["time"] <= time]
    if not by_then or by_then[-1]["time"] == time:
        return by_then[-1] if by_then else None
    since = range(by_then[-1]["time"], time + 1)
    is_lost = any(each["start"] <= tick < each["end"] for each in lost for tick in since)
    return None if is_lost else by_then[-1]


@given(TIMES, RECORDS, breaks())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_record_holds_until_the_next_one_and_never_over_a_gap(
    modules: PageModules, times: list[int], records: list[Record], lost: list[Break]
) -> None:
    found = modules.call(VALUES, "heldRecords", times, records, lost)
    assert found == [held(time, records, lost) for time in times]


@given(TIMES, TIMES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_line_of_a_contract_breaks_at_each_snapshot_that_lacks_it(
    modules: PageModules, snapshots: list[int], own: list[int]
) -> None:
    lost = modules.call(VALUES, "breaksOfContract", [], snapshots, own)
    records = [{"time": time} for time in own]
    found = modules.call(VALUES, "heldRecords", snapshots, records, lost)
    assert found == [{"time": time} if time in own else None for time in snapshots]


def test_sum_at_instants_of_one_contract_takes_the_last_value_of_the_other(
    modules: PageModules,
) -> None:
    first = [{"time": 0, "value": 10}, {"time": 20, "value": 12}, {"time": 60, "value": 13}]
    second = [{"time": 5, "value": 3}, {"time": 25, "value": None}, {"time": 30, "value": 4}]
    gap = [{"start": 40, "end": 55}]
    times = modules.call(VALUES, "timesOfLines", [[0, 20, 60], [5, 25, 30]], gap, 5)
    assert times == [0, 5, 20, 25, 30, 35, 40, 60]
    sides = [
        [each and each["value"] for each in modules.call(VALUES, "heldRecords", times, side, gap)]
        for side in (first, second)
    ]
    # Before the first of one, with a value that is not known, in the gap and after it: no sum.
    expected = [None, 13, 15, None, 16, 16, None, None]
    assert modules.call(VALUES, "pairValues", "straddle", *sides) == expected
    assert modules.call(VALUES, "pairValues", "spread", *sides)[1:3] == [7, 9]
    assert modules.call(VALUES, "pairValues", "ratio", [3, 3, None], [2, 0, 1]) == [1.5, None, None]


def test_three_missing_ticks_in_a_row_break_a_line_for_whatever_reasons(
    modules: PageModules,
) -> None:
    def gap(start: int, ticks: int) -> dict[str, object]:
        times = [f"2026-06-19T04:00:{second:02}Z" for second in (start, start + 5 * ticks)]
        return {"start": times[0], "end": times[1], "ticks": ticks}

    found = modules.call(
        "requests/record_breaks.js", "breaksOfGaps", [gap(5, 2), gap(20, 1), gap(25, 2), gap(50, 1)]
    )
    lengths = [(each["end"] - each["start"]) // 1000 for each in found]
    assert lengths == [15]


@pytest.mark.parametrize(("change", "last", "mid"), [
    ({}, 101.5, 102.0),
    ({"total_traded_volume": 0}, None, 102.0),
    ({"total_traded_volume": None}, None, 102.0),
    ({"last_price": None}, None, 102.0),
    ({"bid_price": None}, 101.5, None),
    ({"ask_price": None}, 101.5, None),
])  # fmt: skip
def test_price_of_another_day_or_of_one_quote_is_none(
    modules: PageModules, change: Record, last: float | None, mid: float | None
) -> None:
    sent = {"last_price": 101.5, "total_traded_volume": 7, "bid_price": 101, "ask_price": 103}
    prices = [
        modules.call(VALUES, "priceOfDocument", sent | change, each) for each in ("last", "mid")
    ]
    assert prices == [last, mid]
