"""The numbers of a strategy are those of the API's model, and its payoff is exact."""

from itertools import pairwise, product
from math import erfc, exp, inf, sqrt
from random import Random
from statistics import NormalDist
from typing import Any

import pytest
from opengreeks import black76

from tests.browser.page_modules import PageModules

FOLDER = "panels/strategy"
FORWARD = 24_387.64
DAYS = 4.019
IV = 13.03
RANGE = [20_000.0, 30_000.0]

type Json = dict[str, Any]


def test_normal_distribution_is_exact_into_its_tails(modules: PageModules) -> None:
    deviations = [step / 16 for step in range(-640, 641)]
    calls = [[each] for each in deviations]
    found = modules.call_all(f"{FOLDER}/black76.js", "normalDistribution", calls)
    for deviation, value in zip(deviations, found, strict=True):
        expected = erfc(-deviation / sqrt(2)) / 2
        assert value == pytest.approx(expected, rel=1e-12 if deviation < 0 else 1e-14, abs=1e-300)


GRID = [
    (flag, FORWARD, round(FORWARD * moneyness, 2), days / 365, rate, sigma)
    for flag, moneyness, days, rate, sigma in product(
        "cp",
        (0.7, 0.9, 0.98, 1.0, 1.02, 1.1, 1.4),
        (0.01, 0.3, 4.019, 33.0, 900.0),
        (-0.01, 0.0, 0.055, 0.12),
        (0.02, 0.1303, 0.6, 3.0),
    )
]


def test_prices_and_greeks_are_those_of_the_library_of_the_api(modules: PageModules) -> None:
    given = [
        [
            {
                "type": "CE" if flag == "c" else "PE",
                "forward": forward,
                "strike": strike,
                "years": years,
                "rate": rate,
                "sigma": sigma,
            }
        ]
        for flag, forward, strike, years, rate, sigma in GRID
    ]
    prices = modules.call_all(f"{FOLDER}/black76.js", "black76Price", given)
    greeks = modules.call_all(f"{FOLDER}/black76.js", "black76Greeks", given)
    assert prices == pytest.approx([black76.black(*each) for each in GRID], abs=1e-6)
    for name in ("delta", "gamma", "theta", "vega"):
        expected = [getattr(black76, name)(*each) for each in GRID]
        assert [each[name] for each in greeks] == pytest.approx(expected, abs=1e-6, rel=1e-9)


def leg(weight: float, kind: str, strike: float, entry: float, **changes: object) -> Json:
    """Return a leg of a position."""
    usual = {"days": DAYS, "ratio": 1.0, "rate": 5.5, "iv": IV, "isFirst": True}
    return {"weight": weight, "type": kind, "strike": strike, "entry": entry} | usual | changes


def position(*legs: Json) -> Json:
    usual = {
        "firstExpiry": "23-Jun-2026",
        "forward": FORWARD,
        "atExpiry": "",
        "before": "",
        "model": "",
    }
    return usual | {"legs": legs, "days": DAYS}


def paid(legs: tuple[Json, ...], price: float) -> float:
    """Return the profit at the expiry of all legs, term by term."""
    total = 0.0
    for each in legs:
        sign = 1 if each["type"] == "CE" else -1
        total += each["weight"] * (max(0.0, sign * (price - each["strike"])) - each["entry"])
    return total


@pytest.mark.parametrize(
    ("legs", "break_evens", "gain", "loss"),
    [
        ([leg(1, "CE", 100, 4)], [104], inf, -4),
        ([leg(-1, "CE", 100, 4)], [104], 4, -inf),
        ([leg(1, "PE", 100, 4)], [96], 96, -4),
        ([leg(-2, "PE", 100, 4)], [96], 8, -192),
        ([leg(1, "CE", 100, 4), leg(1, "PE", 100, 3)], [93, 107], inf, -7),
        ([leg(1, "CE", 100, 4), leg(-2, "CE", 110, 1)], [102, 118], 8, -inf),
        ([leg(1, "CE", 100, 6), leg(-1, "CE", 110, 2)], [104], 6, -4),
        # A gain at all prices, none at any, and nothing but what was paid.
        ([leg(1, "CE", 100, 1), leg(-1, "CE", 110, 2)], [], 11, 1),
        ([leg(1, "CE", 100, 4), leg(-1, "CE", 100, 3)], [], -1, -1),
        # A break-even on a strike is one, and a stretch of them has two ends.
        ([leg(1, "CE", 100, 0), leg(-2, "CE", 110, 0), leg(1, "CE", 120, 0)], [100, 120], 10, 0),
    ],
)
def test_payoff_of_known_structures(
    modules: PageModules, legs: list[Json], break_evens: list[float], gain: float, loss: float
) -> None:
    whole = position(*legs)
    assert modules.call(f"{FOLDER}/payoff.js", "breakEvensOf", whole, RANGE) == break_evens
    extremes = modules.call(f"{FOLDER}/payoff.js", "extremesOf", whole, RANGE)
    assert (float(extremes["gain"]), float(extremes["loss"])) == (gain, loss)
    assert extremes["range"] is None


def structures(count: int) -> list[tuple[Json, ...]]:
    random = Random(1)
    return [
        tuple(
            leg(
                random.choice((-3, -2, -1, 1, 2, 3)),
                random.choice(("CE", "PE")),
                random.randrange(23_000, 26_000, 50),
                round(random.uniform(0.05, 400), 2),
            )
            for _ in range(random.randint(1, 6))
        )
        for _ in range(count)
    ]


def test_payoff_of_any_structure_is_that_of_its_legs(modules: PageModules) -> None:
    for legs in structures(60):
        whole = position(*legs)
        found = modules.call(f"{FOLDER}/payoff.js", "breakEvensOf", whole, RANGE)
        assert [paid(legs, price) for price in found] == pytest.approx([0] * len(found), abs=1e-6)
        far = 10 * max(each["strike"] for each in legs)
        edges = [0.0, *found, 2 * max([far, *found])]
        signs = [paid(legs, (low + high) / 2) > 0 for low, high in pairwise(edges)]
        assert all(one != other for one, other in pairwise(signs))
        grid = [price / 10 for price in range(0, 600_000, 500)]
        assert sum(paid(legs, one) * paid(legs, other) < 0 for one, other in pairwise(grid)) <= len(
            found
        )
        extremes = modules.call(f"{FOLDER}/payoff.js", "extremesOf", whole, RANGE)
        values = [paid(legs, each) for each in (0.0, *(each["strike"] for each in legs))]
        slope = sum(each["weight"] for each in legs if each["type"] == "CE")
        assert float(extremes["gain"]) == pytest.approx(inf if slope > 0 else max(values))
        assert float(extremes["loss"]) == pytest.approx(-inf if slope < 0 else min(values))


LATER = {"days": 11.02, "ratio": 1.0013, "iv": 12.4, "isFirst": False}
CALENDAR = (leg(-65, "CE", 24_400, 126.1), leg(65, "CE", 24_400, 232.9, **LATER))


def calendar_worth(price: float) -> float:
    """Return the profit at the first expiry; the later leg has its own forward and volatility."""
    near, far = CALENDAR
    years = (far["days"] - DAYS) / 365
    terms = (price * far["ratio"], far["strike"], years, 0.055, far["iv"] / 100)
    value = black76.black("c", *terms)
    return float(paid((near,), price) + far["weight"] * (value - far["entry"]))


def test_a_calendar_is_worth_what_its_later_leg_is_then(modules: PageModules) -> None:
    whole = position(*CALENDAR)
    prices = [22_000 + 137.3 * step for step in range(40)]
    calls = [[whole, price] for price in prices]
    values = modules.call_all(f"{FOLDER}/payoff.js", "profitAtExpiry", calls)
    assert values == pytest.approx(list(map(calendar_worth, prices)), abs=1e-6)
    low, high = modules.call(f"{FOLDER}/payoff.js", "breakEvensOf", whole, RANGE)
    assert [calendar_worth(low), calendar_worth(high)] == pytest.approx([0, 0], abs=1e-6)
    assert low < 24_400 < high
    extremes = modules.call(f"{FOLDER}/payoff.js", "extremesOf", whole, RANGE)
    assert extremes["range"] == RANGE
    assert extremes["gain"] == pytest.approx(calendar_worth(24_400), rel=1e-9)
    assert extremes["loss"] == pytest.approx(calendar_worth(RANGE[0]), rel=1e-3)


def test_net_greeks_are_the_sums_of_the_legs(modules: PageModules) -> None:
    legs = (leg(-65, "CE", 24_400, 0), leg(130, "PE", 24_000, 0, iv=14.2))
    supposed = {"daysAhead": 1.5, "shift": 2.0}
    net = modules.call(f"{FOLDER}/payoff.js", "netGreeks", position(*legs), FORWARD, supposed)
    for name in ("delta", "gamma", "theta", "vega"):
        each = [
            leg["weight"]
            * getattr(black76, name)(
                "c" if leg["type"] == "CE" else "p",
                *(FORWARD, leg["strike"], (DAYS - 1.5) / 365, 0.055, (leg["iv"] + 2) / 100),
            )
            for leg in legs
        ]
        assert net[name] == pytest.approx(sum(each), abs=1e-6)


CONDOR = (
    *(leg(1, "PE", 23_800, 12.8), leg(-1, "PE", 24_100, 39.9)),
    *(leg(-1, "CE", 24_650, 40.1), leg(1, "CE", 24_950, 7.3)),
)


@pytest.mark.parametrize(
    "legs", [CONDOR, (leg(1, "CE", 24_400, 126.1),), (leg(-1, "PE", 24_000, 25),)]
)
def test_chance_of_profit_is_the_share_of_lognormal_prices(
    modules: PageModules, legs: tuple[Json, ...]
) -> None:
    """The formula by sums: of many equally probable prices, so many bring a profit."""
    deviation = IV / 100 * sqrt(DAYS / 365)
    count = 40_000
    normal = NormalDist()
    prices = (
        FORWARD * exp(deviation * normal.inv_cdf((each + 0.5) / count) - deviation**2 / 2)
        for each in range(count)
    )
    share = sum(paid(legs, price) > 0 for price in prices) / count
    numbers = numbers_of(modules, legs)
    assert numbers["probability"]["value"] == pytest.approx(share, abs=3 / count)
    assert numbers["distribution"]["deviation"] == pytest.approx(deviation)


def known(value: float | None, reason: str = "") -> Json:
    return {"value": value, "reason": reason}


def numbers_of(
    modules: PageModules, legs: tuple[Json, ...], unit: str = "points", **analytics: object
) -> Json:
    """Return the numbers of legs of one expiry; each leg may have a reason for what it lacks."""
    expiry = "23-Jun-2026"
    priced = [
        {
            "leg": {"sign": 1 if each["weight"] > 0 else -1, "lots": abs(each["weight"])}
            | {name: each[name] for name in ("strike", "type")},
            "expiry": expiry,
            "entry": known(each["entry"], each.get("reason", "")),
            "iv": known(each["iv"], each.get("reason", "")),
            "lotSize": known(65),
            "model": {"forward": FORWARD, "rate": each["rate"], "days": each["days"]},
        }
        for each in legs
    ]
    usual = {"atm_iv": IV, "reasons": {}}
    market = {"expiries": {expiry: {"analytics": usual | analytics}}}
    supposed = {"part": 0, "shift": 0}
    found: Json = modules.call(
        f"{FOLDER}/strategy_numbers.js", "strategyNumbers", priced, market, unit, supposed
    )
    return found


def test_rupees_are_points_times_the_lot(modules: PageModules) -> None:
    points, rupees = (numbers_of(modules, CONDOR, unit) for unit in ("points", "rupees"))
    for name in ("premium", "profit", "delta", "gamma", "theta", "vega"):
        assert rupees[name]["value"] == pytest.approx(65 * points[name]["value"])
    assert rupees["extremes"]["gain"] == pytest.approx(65 * points["extremes"]["gain"])
    assert rupees["breakEvens"] == pytest.approx(points["breakEvens"])
    assert points["premium"]["value"] == pytest.approx(12.8 - 39.9 - 40.1 + 7.3)


def test_without_a_volatility_the_payoff_at_expiry_is_known_alone(modules: PageModules) -> None:
    unpriced = leg(1, "CE", 24_400, 126.1, iv=None, reason="no trade today")
    found = numbers_of(modules, (unpriced,))
    assert found["breakEvens"] == [24_526.1]
    assert found["probability"]["value"] is not None
    assert found["delta"] == found["profit"]
    assert found["profit"] == known(None, "24,400 CE 23-Jun-2026: no trade today")


def test_without_a_price_nothing_is_known_but_the_greeks(modules: PageModules) -> None:
    unpriced = leg(1, "CE", 24_400, 126.1) | {"entry": None, "reason": "no trade today"}
    found = numbers_of(modules, (unpriced,))
    assert found["breakEvens"] is None
    assert found["extremes"] is None
    reason = "24,400 CE 23-Jun-2026: no trade today"
    assert found["delta"]["value"] is not None
    assert found["premium"] == found["profit"] == found["probability"] == known(None, reason)


def test_without_a_volatility_at_the_money_there_is_no_chance_of_profit(
    modules: PageModules,
) -> None:
    found = numbers_of(modules, CONDOR, atm_iv=None, reasons={"atm_iv": "no_iv"})
    assert found["probability"] == known(None, "no contract at the money has a volatility")
    assert found["distribution"] is None
    fixed = tuple(each | {"days": 0.0} for each in CONDOR)
    found = numbers_of(modules, fixed, atm_iv=None, reasons={"atm_iv": "payoff_fixed"})
    assert "fixed" in found["probability"]["reason"]
    assert len(found["breakEvens"]) == 2
