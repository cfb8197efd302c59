"""What the page computes of the API's numbers: differences, sums, ranks. A null has its reason."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.page_modules import PageModules, call

TIMESTAMP = "2026-06-19T09:32:30Z"
MOMENT = "2026-06-19T09:17:30Z"
Leg = dict[str, Any]


@pytest.fixture
def modules(browser: Browser) -> Iterator[PageModules]:
    page = browser.new_page()
    yield PageModules(page)
    page.close()


def leg(**changes: Any) -> Leg:  # noqa: ANN401
    numbers = {"open_interest": 100, "total_traded_volume": 10, "last_price": 101.3, "iv": 12.5}
    return numbers | {"iv_source": "mid"} | changes


def chain(call: Leg | None, put: Leg | None = None, **changes: object) -> dict[str, Any]:
    told = {"timestamp": TIMESTAMP, "source": "nse", "lot_size": 65}
    rows = [{"strike_price": 24000, "call": call, "put": put}]
    return told | {"rows": rows} | changes


def changed(
    modules: PageModules, later: dict[str, Any], earlier: dict[str, Any] | None, reason: str = ""
) -> Leg:
    """Return the call of the only strike, with its changes."""
    against = {"name": "15m", "minutes": 15, "isInstant": False}
    place = {"against": against, "moment": MOMENT, "when": "14:47:30 IST"}
    compared = {**place, "chain": earlier, "reason": reason}
    (row,) = modules.call("figures/window_changes.js", "withChanges", later, compared)
    found: Leg = row["call"]
    return found


def test_change_is_the_difference_without_what_doubles_add(modules: PageModules) -> None:
    earlier = leg(open_interest=90.5, total_traded_volume=4, last_price=101.35, iv=12.625)
    found = changed(modules, chain(leg()), chain(earlier, timestamp=MOMENT))
    assert found["open_interest_change"] == 9.5
    assert found["total_traded_volume_change"] == 6
    assert found["last_price_change"] == -0.05
    assert found["iv_change"] == -0.125
    assert found["open_interest"] == 100


def test_unchanged_is_zero_and_not_null(modules: PageModules) -> None:
    found = changed(modules, chain(leg()), chain(leg(), timestamp=MOMENT))
    assert [found[name] for name in ("open_interest_change", "last_price_change")] == [0, 0]


@pytest.mark.parametrize(
    ("later", "earlier", "field", "reason"),
    [
        (chain(leg()), None, "open_interest_change", "nothing was recorded at 14:47:30 IST"),
        (chain(leg()), chain(None), "iv_change", "not in the chain of 14:47:30 IST"),
        (chain(leg(last_price=None)), chain(leg()), "last_price_change", "there is no number"),
        (chain(leg()), chain(leg(iv=None)), "iv_change", "there was no number at 14:47:30 IST"),
        (
            chain(leg()),
            chain(leg(), timestamp="2026-06-18T14:15:00Z"),
            "total_traded_volume_change",
            "volumes count from zero each day",
        ),
        (
            chain(leg()),
            chain(leg(), source="upstox"),
            "total_traded_volume_change",
            "volumes of two sources",
        ),
        (chain(leg()), chain(leg(), lot_size=75), "open_interest_change", "the lot was 75 then"),
        (chain(leg()), chain(leg(iv_source="exchange")), "iv_change", "the other one was sent"),
    ],
)
def test_change_that_is_none_has_its_reason(
    modules: PageModules,
    later: dict[str, Any],
    earlier: dict[str, Any] | None,
    field: str,
    reason: str,
) -> None:
    found = changed(modules, later, earlier, "nothing was recorded at 14:47:30 IST")
    assert found[field] is None
    assert reason in found[f"{field}_reason"]


def rows(*calls: float | None) -> list[dict[str, Any]]:
    """Return rows of calls with these open interests; the puts are not listed."""
    return [
        {"strike_price": 100 + index, "call": {"open_interest": value}, "put": None}
        for index, value in enumerate(calls)
    ]


def test_sum_says_how_many_contracts_are_not_in_it(modules: PageModules) -> None:
    def total(*calls: float | None) -> Any:  # noqa: ANN401
        return modules.call(
            "figures/side_totals.js", "totalOf", rows(*calls), "call", "open_interest"
        )

    assert total(1, 2.5, 0) == {"sum": 3.5, "count": 3, "missing": 0}
    assert total(1, None) == {"sum": 1, "count": 2, "missing": 1}
    assert total(None) == {"sum": None, "count": 1, "missing": 1}
    puts = modules.call("figures/side_totals.js", "totalOf", rows(1), "put", "open_interest")
    assert puts == {"sum": None, "count": 0, "missing": 0}


def test_largest_are_by_size_up_or_down_and_no_zero(modules: PageModules) -> None:
    def largest(*calls: float | None) -> list[tuple[float, float]]:
        found = modules.call(
            "figures/largest.js", "largestOf", rows(*calls), "call", "open_interest"
        )
        return [(each["strike_price"], each["value"]) for each in found]

    assert largest(5, -9, None, 7, 8) == [(101, -9), (104, 8), (103, 7)]
    assert largest(4, 4, 4, 4) == [(100, 4), (101, 4), (102, 4)]
    assert largest(0, None, 1) == [(102, 1)]


@pytest.mark.parametrize(
    ("call", "put", "value"),
    [
        ({"open_interest": 4}, {"open_interest": 3}, 0.75),
        ({"open_interest": 4}, {"open_interest": 0}, 0),
        ({"open_interest": 0}, {"open_interest": 3}, None),
        ({"open_interest": None}, {"open_interest": 3}, None),
        (None, {"open_interest": 3}, None),
    ],
)
def test_ratio_of_a_strike_needs_both_sides(
    modules: PageModules, call: Leg | None, put: Leg | None, value: float | None
) -> None:
    found = modules.call("figures/side_totals.js", "strikeRatio", call, put)
    assert found["value"] == value
    assert bool(found["reason"]) is (value is None)


@pytest.mark.parametrize(
    ("spot", "before", "points", "percent"),
    [
        (24368.02, 24436.1, -68.08, -0.2786),
        (24400, 24400, 0, 0),
        (None, 24400, None, None),
        (24400, None, None, None),
        (24400, 0, 24400, None),
    ],
)
def test_spot_s_change_is_that_of_the_api(
    modules: PageModules,
    spot: float | None,
    before: float | None,
    points: float | None,
    percent: float | None,
) -> None:
    found = modules.call("figures/day_tiles.js", "spotChange", spot, before)
    assert found == {"points": points, "percent": percent}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("15m", "15m"),
        ("open", "open"),
        ("close", "close"),
        (MOMENT, MOMENT),
        ("2026-06-19T14:47:30+05:30", MOMENT),
        ("2026-06-19T14:47:30 05:30", MOMENT),
        ("2m", "2m"),
        ("2s", None),
        ("1441m", None),
        ("toString", None),
        ("2026-06-19", None),
        ("2026-13-45T99:00:00Z", None),
        (None, None),
    ],
)
def test_only_what_has_a_meaning_is_compared_with(
    modules: PageModules, text: str | None, name: str | None
) -> None:
    found = modules.call("words/against.js", "againstOf", text)
    assert (found and found["name"]) == name


@pytest.mark.parametrize(("value", "texts", "sign"), [
    (0.004, ["0.00", "0.00", "0"], 0),
    (-0.004, ["0.00", "0.00", "0"], 0),
    (-0.0, ["0.00", "0.00", "0"], 0),
    (0.006, ["0.01", "+0.01", "0"], 1),
    (-1234567.5, ["\N{MINUS SIGN}12,34,567.50"] * 2 + ["\N{MINUS SIGN}12.3L"], -1),
    (4.63e11, ["4,63,00,00,00,000.00", "+4,63,00,00,00,000.00", "+46,300Cr"], 1),
    (None, ["\N{EN DASH}"] * 2, None),
])  # fmt: skip
def test_what_is_written_as_0_has_no_sign(
    modules: PageModules, value: float | None, texts: list[str], sign: int | None
) -> None:
    path = "words/format.js"
    found = [modules.call(path, name, value, 2) for name in ("formatNumber", "formatSigned")]
    if value is not None:
        found.append(modules.call(path, "formatSignedCrore", value))
        assert modules.call(path, "signShown", value, found[1]) == sign
    assert found == texts


@pytest.mark.parametrize(("value", "shown"), [
    (0.004, "0.00: "), (-0.004, "0.00: "), (0.05, "+0.05: rise"),
    (-0.05, "\N{MINUS SIGN}0.05: fall"),
])  # fmt: skip
def test_a_change_that_is_shown_as_0_has_no_colour(
    browser: Browser, value: float, shown: str
) -> None:
    page = browser.new_page()
    made = """(() => {
      const cell = new Cell("call", {name: "change", kind: "signed", digits: 2});
      cell.show({change: args[0]}, 0, false, "lots");
      const {textContent: text, classList} = cell.element;
      return `${text}: ${["rise", "fall"].filter(name => classList.contains(name))}`;
    })()"""
    found = call(page, "chain/cell.js", made, value)
    page.close()
    assert found == shown


@pytest.mark.parametrize(("total", "text"), [
    (0, "0"), (650, "650"), (123_456, "1.23L"), (9_996_000, "1.00Cr"), (10_435_678, "1.04Cr"),
    (104_356_789, "10.4Cr"), (999_960_000, "100Cr"), (172_160_000_000, "17,216Cr"),
    (1_304_000_000_000, "1.30LCr"), (-10_435_678, "\N{MINUS SIGN}1.04Cr"),
])  # fmt: skip
def test_sum_in_few_characters_has_three_digits(
    modules: PageModules, total: float, text: str
) -> None:
    assert modules.call("words/format.js", "formatSum", total) == text
    signed = text if total <= 0 else f"+{text}"
    assert modules.call("words/format.js", "formatSignedSum", total) == signed


@pytest.mark.parametrize(("values", "step", "texts"), [
    ([0.92, 0.91995, 0.9199], 0.00005, ["0.92000", "0.91995", "0.91990"]),
    ([0.25, 0.5, 0.75], 0.25, ["0.25", "0.50", "0.75"]),
    ([2.5, 5, 7.5], 2.5, ["2.5", "5.0", "7.5"]),
    ([24_000, 24_200], 200, ["24,000", "24,200"]),
])  # fmt: skip
def test_axis_tells_its_steps_apart(
    modules: PageModules, values: list[float], step: float, texts: list[str]
) -> None:
    given = [None, values, 0, 30, step]
    assert modules.call("charts/day_chart.js", "valueTexts", *given) == texts


def test_words_of_candles_name_what_is_recorded(modules: PageModules) -> None:
    """The first candle is named by its interval, which began before the record did."""
    prices = {"open": 10, "high": 12, "low": 9, "close": 11}
    candles = [
        {**prices, "time": f"2026-06-19T{begins}Z", "snapshot_timestamp": f"2026-06-19T{end}Z",
         "count": count}
        for begins, end, count in (("07:40:00", "07:44:55", 1), ("07:45:00", "07:49:55", 30))
    ]  # fmt: skip
    path, name = "panels/contracts/candle_words.js", "describeCandles"
    whole = modules.call(path, name, candles, None)
    first = "10.00 in the candle of 13:10:00 (1 record, of 13:14:55)"
    last = "11.00 in the candle of 13:15:00 (30 records, the last of 13:19:55) IST"
    assert whole.startswith(f"Price: from {first} to {last}; ")
    nothing = modules.call(path, name, [], "2026-06-19T07:40:00Z")
    assert nothing == "No trade by 13:10:00 IST."


def test_candle_is_known_by_its_last_snapshot(modules: PageModules) -> None:
    """And another record by its own time."""
    ends = ("07:44:55", "07:49:55")
    records = [{"timestamp": f"2026-06-19T{time}Z"} for time in ends]
    candles = [
        {"timestamp": "2026-06-19T07:40:00Z", "snapshot_timestamp": each["timestamp"]}
        for each in records
    ]
    for at, count in (("07:44:54", 0), ("07:44:55", 1), ("07:49:54", 1), ("07:49:55", 2)):
        for given in (records, candles):
            moment = f"2026-06-19T{at}Z"
            known = modules.call("requests/known_by.js", "knownBy", given, moment)
            assert known == given[:count]
    assert modules.call("requests/known_by.js", "knownBy", candles, None) == candles
