"""What the panels of structure compute of the API's numbers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.page_modules import call

GRID, WINDOW = "panels/heat/heat_grid.js", "panels/strike_window.js"
UNIT = "panels/gamma/gamma_unit.js"
LINES = "panels/volatility/smile_lines.js"
RECORDS = [
    {"strikes": [100, 110], "call_open_interest": [5, None], "put_open_interest": [2, 3]},
    {"strikes": [100, 110, 120], "call_open_interest": [8, 0, 1], "put_open_interest": [2, 1, 4]},
]


@pytest.fixture
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_context().new_page()
    yield page
    page.context.close()


@pytest.fixture
def values(blank: Page) -> Callable[..., Any]:
    def of(side: str, *, is_change: bool = False, factor: float = 1) -> Any:  # noqa: ANN401
        choice = {"side": side, "isChange": is_change}
        expression = "heatValues(args[0], strikesOfHeat(args[0]), args[1], args[2])"
        return call(blank, GRID, expression, RECORDS, choice, factor)

    return of


def test_heat_is_null_where_a_record_has_no_number_and_0_where_it_is_0(
    values: Callable[..., Any],
) -> None:
    assert values("calls") == [[5, None, None], [8, 0, 1]]
    assert values("puts", factor=65) == [[130, 195, None], [130, 65, 260]]
    assert values("net") == [[3, None, None], [6, -1, -3]]


def test_a_change_is_since_the_first_interval_and_null_without_it(
    values: Callable[..., Any],
) -> None:
    assert values("calls", is_change=True) == [[0, None, None], [3, None, None]]
    assert values("puts", is_change=True, factor=2) == [[0, 0, None], [0, -4, None]]


@pytest.mark.parametrize(
    ("first", "begins"), [("07:44:55", "07:44:55"), (None, "07:44:58"), ("09:00:00", "07:44:58")]
)
def test_a_cell_is_where_it_was_recorded(blank: Page, first: str | None, begins: str) -> None:
    """Not before the first snapshot, and not after the last one."""
    times = [("07:40:00", "07:44:58"), ("07:45:00", "07:49:55"), ("07:50:00", "07:51:30")]
    records = [
        {"timestamp": f"2026-06-19T{start}Z", "snapshot_timestamp": f"2026-06-19T{last}Z"}
        for start, last in times
    ]
    expression = """spansOfHeat(args[0], args[1])
      .map(span => span.map(time => new Date(time).toISOString().slice(11, 19)))"""
    found = call(blank, GRID, expression, records, first and f"2026-06-19T{first}Z")
    assert found == [[begins, "07:45:00"], ["07:45:00", "07:50:00"], ["07:50:00", "07:51:30"]]


def test_strikes_are_those_around_the_price(blank: Page) -> None:
    strikes = [100, 110, 120, 130, 140]

    def around(price: float | None, size: str) -> Any:  # noqa: ANN401
        return call(blank, WINDOW, "strikesAround(args[0], args[1], args[2])", strikes, price, size)

    assert around(121, "1") == [110, 120, 130]
    assert around(99, "1") == [100, 110]
    assert around(121, "all") == around(None, "1") == strikes
    assert call(blank, GRID, "largestOfHeat(args[0])", [[1, None], [-7, 3]]) == 7
    assert call(blank, GRID, "largestOfHeat([])") == 0


def test_exposures_are_in_rupees_where_these_are_known(blank: Page) -> None:
    def unit(net: float | None, rupees: float | None, **reasons: str) -> Any:  # noqa: ANN401
        totals = {"net_gamma_exposure": net, "net_gamma_exposure_rupees": rupees}
        return call(blank, UNIT, "gammaUnit(args[0])", {"totals": totals, "reasons": reasons})

    assert unit(1, 65)["ending"] == "_rupees"
    per_unit = unit(1, None, gamma_exposure_rupees="not_listed")
    assert per_unit["ending"] == ""
    assert "lot of one unit" in per_unit["text"]
    assert "no list of contracts has this expiry" in per_unit["why"]
    assert unit(None, None)["why"] == ""
    assert call(blank, UNIT, "distancePercent(99, 100)") == -1
    assert call(blank, UNIT, "distancePercent(null, 100)") is None


def test_smiles_share_an_axis_and_have_no_number_where_they_have_none(blank: Page) -> None:
    near = {
        "model": {"forward": 105},
        "strike_prices": [100, 110],
        "moneyness_percent": [95, 105],
        "iv": [20, None],
        "call_delta": [None, 0.4],
        "put_delta": [-0.3, -0.6],
    }
    far = near | {"strike_prices": [100, 120], "iv": [18, 16], "moneyness_percent": [90, 108]}

    def lines(axis: str) -> Any:  # noqa: ANN401
        return call(blank, LINES, "smileLines(args[0], args[1])", [near, far], axis)

    assert lines("strike") == [[100, 120], [20, None], [18, 16]]
    assert lines("moneyness") == [[90, 95, 108], [None, 20, None], [18, None, 16]]
    assert lines("delta") == [[0.4, 0.7], [None, 20], [16, 18]]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([[10, 12, 26, None], [11, None, 26]], ""),
        ([[10, 12, 40], [None]], "cut at 28 %, 1 point above"),
        ([[10, 40, 41], [11, 12, 60]], "cut at 28 %, 3 points above"),
        ([[None, None], []], ""),
        ([[15], [15]], ""),
    ],
)
def test_points_above_the_axis_of_a_smile_are_counted(
    blank: Page, lines: list[list[float | None]], words: str
) -> None:
    assert call(blank, "charts/strike_descriptions.js", "describeCut(args[0])", lines) == words
