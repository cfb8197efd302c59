"""What is derived of a snapshot, on chains small enough to be worked out by hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import exp, sqrt
from typing import Any

import pytest
from opengreeks import black76

from optionchain.analytics import AnalyticsDocument, analytics_of, buildup, expires_at
from optionchain.snapshot import Quote, Side, Snapshot
from tests.support.bodies import EXPIRY
from tests.support.snapshots import quote, snapshot

RATE = 5.5
SPOT = 24_000.0
FORWARD = 24_030.0
STRIKES = tuple(float(strike) for strike in range(23_500, 24_501, 50))
STAMP = datetime(2026, 6, 19, 9, 32, 20, tzinfo=UTC)
YEARS = (expires_at(EXPIRY) - STAMP).total_seconds() / 86_400 / 365


def volatility(strike: float) -> float:
    """A smile: dearer below the money."""
    return 0.10 + 2e-5 * max(FORWARD - strike, 0.0)


def worth(side: Side, strike: float) -> float:
    flag = "c" if side == "CE" else "p"
    return float(black76.black(flag, FORWARD, strike, YEARS, RATE / 100, volatility(strike)))


def modelled(side: Side, strike: float, **numbers: float | None) -> Quote:
    """Return a leg quoted a little around what the model says, without a volatility."""
    price = worth(side, strike)
    quoted: dict[str, Any] = {
        "bid_price": price - 0.01,
        "ask_price": price + 0.01,
        "last_price": price,
        "implied_volatility": None,
    }
    return quote(side, strike, **{**quoted, **numbers})


def chain(**numbers: float | None) -> Snapshot:
    sides: tuple[Side, ...] = ("CE", "PE")
    quotes = tuple(modelled(side, strike, **numbers) for strike in STRIKES for side in sides)
    return replace(snapshot(stamp=STAMP, underlying=SPOT), quotes=quotes)


def changed(whole: Snapshot, change: Callable[[Quote], Quote]) -> Snapshot:
    return replace(whole, quotes=tuple(map(change, whole.quotes)))


def derived(whole: Snapshot) -> AnalyticsDocument:
    return analytics_of(whole, RATE)


def with_interest(calls: dict[float, float | None], puts: dict[float, float | None]) -> Snapshot:
    quotes = [quote("CE", strike, open_interest=held) for strike, held in calls.items()]
    quotes += [quote("PE", strike, open_interest=held) for strike, held in puts.items()]
    quotes.sort(key=lambda each: (each.strike_price, each.side))
    return replace(snapshot(underlying=102.0), quotes=tuple(quotes))


# ── terms ────────────────────────────────────────────────────────────────────────────────────


def test_the_forward_is_that_of_put_call_parity_at_the_money() -> None:
    found = derived(chain())
    assert found["forward"] == pytest.approx(FORWARD, abs=1e-6)
    assert (found["forward_source"], found["model"], found["rate"]) == ("parity", "black-76", RATE)


def test_time_runs_to_1540_in_india_from_the_exchange_s_own_stamp() -> None:
    assert expires_at(EXPIRY) == datetime(2026, 6, 23, 10, 10, tzinfo=UTC)
    assert derived(chain())["days_to_expiry"] == pytest.approx(YEARS * 365)


def test_of_the_strikes_at_the_money_the_tightest_quotes_tell_the_forward() -> None:
    def widened(leg: Quote) -> Quote:
        if leg.strike_price == 24_050.0 or leg.bid_price is None or leg.ask_price is None:
            return leg
        return leg._replace(bid_price=leg.bid_price * 0.5, ask_price=leg.ask_price * 3)

    assert derived(changed(chain(), widened))["forward"] == pytest.approx(FORWARD, abs=1e-6)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"bid_price": None},
        {"ask_price": None},
        {"bid_price": 2.0, "ask_price": 1.0},
    ],
    ids=["no bid", "no ask", "crossed"],
)
def test_without_quotes_at_all_the_spot_stands_for_the_forward(
    spoilt: dict[str, float | None],
) -> None:
    found = derived(chain(**spoilt))
    assert (found["forward"], found["forward_source"]) == (SPOT, "spot")


def test_a_forward_too_far_from_the_spot_is_no_carry() -> None:
    found = derived(replace(chain(), underlying_value=20_000.0))
    assert (found["forward"], found["forward_source"]) == (20_000.0, "spot")


def test_without_a_spot_the_money_is_where_call_and_put_cost_the_same() -> None:
    found = derived(replace(chain(), underlying_value=None))
    assert found["forward"] == pytest.approx(FORWARD, abs=1e-6)
    assert found["atm_strike"] == 24_050.0


def test_with_neither_spot_nor_quotes_there_is_no_forward_and_it_says_so() -> None:
    found = derived(replace(chain(bid_price=None), underlying_value=None))
    assert (found["forward"], found["forward_source"]) == (None, None)
    assert found["reasons"]["forward"] == "no_forward"
    assert found["reasons"]["atm_strike"] == "no_underlying"
    assert found["reasons"]["net_gamma_exposure"] == "no_forward"


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=20), timedelta(days=3)])
def test_after_the_close_of_its_last_session_an_expiry_has_no_volatility(late: timedelta) -> None:
    found = derived(replace(chain(), exchange_timestamp=expires_at(EXPIRY) + late))
    for name in ("forward", "total_gamma_exposure"):
        assert found[name] is None
        assert found["reasons"][name] == "expired"
    assert found["reasons"]["atm_iv"] == "no_iv"
    assert found["pcr_oi"] == 1.0
    assert found["straddle_price"] is not None


def test_a_second_before_it_ends_there_still_is_one() -> None:
    found = derived(
        replace(
            chain(implied_volatility=15.0),
            exchange_timestamp=expires_at(EXPIRY) - timedelta(seconds=1),
        )
    )
    assert found["atm_iv"] == 15.0
    assert found["days_to_expiry"] == pytest.approx(1 / 86_400)


# ── volatility ───────────────────────────────────────────────────────────────────────────────


def test_volatility_at_the_money_is_solved_of_prices_where_the_exchange_gives_none() -> None:
    assert derived(chain())["atm_iv"] == pytest.approx(100 * volatility(24_000.0), abs=1e-4)


def test_volatility_at_the_money_is_the_exchange_s_where_it_gives_it() -> None:
    def sent(leg: Quote) -> Quote:
        return leg._replace(implied_volatility=12.0 if leg.side == "CE" else 13.0)

    assert derived(changed(chain(), sent))["atm_iv"] == 12.5


def test_the_straddle_is_call_and_put_at_the_money_and_the_move_its_part_of_the_spot() -> None:
    found = derived(chain())
    straddle = worth("CE", 24_000.0) + worth("PE", 24_000.0)
    assert found["straddle_price"] == pytest.approx(straddle)
    assert found["implied_move_percent"] == pytest.approx(100 * straddle / SPOT)
    # What is known of straddles: 0.8 of a standard deviation.
    deviation = FORWARD * volatility(24_000.0) * sqrt(YEARS)
    assert straddle == pytest.approx(0.8 * deviation, rel=0.03)


def test_skew_is_put_less_call_at_a_quarter_delta_between_neighbours() -> None:
    def at_quarter(side: Side) -> float:
        flag = "c" if side == "CE" else "p"
        legs = [
            (
                abs(black76.delta(flag, FORWARD, k, YEARS, RATE / 100, volatility(k))),
                100 * volatility(k),
            )
            for k in STRIKES
        ]
        legs.sort()
        (low, low_iv), (high, high_iv) = next(
            (one, two) for one, two in pairwise(legs) if one[0] <= 0.25 <= two[0]
        )
        return float(low_iv + (high_iv - low_iv) * (0.25 - low) / (high - low))

    found = derived(chain())["skew_25_delta"]
    assert found == pytest.approx(at_quarter("PE") - at_quarter("CE"), abs=1e-3)
    assert found is not None
    assert found > 0.1


def test_skew_does_not_take_the_exchange_s_volatilities() -> None:
    """They are on another forward, which would tilt the smile."""

    def sent(leg: Quote) -> Quote:
        return leg._replace(implied_volatility=30.0 if leg.side == "CE" else 5.0)

    assert derived(changed(chain(), sent))["skew_25_delta"] == derived(chain())["skew_25_delta"]


def test_a_chain_too_narrow_for_a_quarter_delta_says_so() -> None:
    whole = chain()
    narrow = tuple(leg for leg in whole.quotes if abs(leg.strike_price - SPOT) <= 50)
    found = derived(replace(whole, quotes=narrow))
    assert found["skew_25_delta"] is None
    assert found["reasons"]["skew_25_delta"] == "no_25_delta"


def test_a_straddle_without_a_price_says_so() -> None:
    found = derived(chain(bid_price=None, last_price=None))
    for name in ("straddle_price", "implied_move_percent"):
        assert found[name] is None
        assert found["reasons"][name] == "no_price"


# ── gamma exposure ───────────────────────────────────────────────────────────────────────────


def test_gamma_exposure_is_gamma_by_interest_by_forward_squared_by_a_hundredth() -> None:
    found = derived(chain(implied_volatility=10.0, open_interest=1_000.0))
    gammas = sum(black76.gamma("c", FORWARD, strike, YEARS, RATE / 100, 0.10) for strike in STRIKES)
    expected = pytest.approx(gammas * 1_000 * FORWARD**2 / 100)
    assert found["call_gamma_exposure"] == expected
    assert found["put_gamma_exposure"] == expected
    assert found["total_gamma_exposure"] == pytest.approx(2 * gammas * 1_000 * FORWARD**2 / 100)
    assert found["net_gamma_exposure"] == pytest.approx(0.0, abs=1e-3)
    assert found["unpriced_legs"] == 0


def test_legs_without_a_gamma_are_counted_and_not_guessed() -> None:
    def deep(leg: Quote) -> Quote:
        if leg.strike_price > 23_600:
            return leg
        return leg._replace(bid_price=None, ask_price=None, last_price=None)

    found = derived(changed(chain(), deep))
    assert found["unpriced_legs"] == 6
    assert found["call_gamma_exposure"] is not None


# ── open interest ────────────────────────────────────────────────────────────────────────────


def test_ratios_are_the_puts_sum_by_the_calls() -> None:
    def sided(leg: Quote) -> Quote:
        if leg.side == "CE":
            return leg._replace(open_interest=4.0, total_traded_volume=10.0, change_in_oi=-2.0)
        return leg._replace(open_interest=3.0, total_traded_volume=25.0, change_in_oi=1.5)

    found = derived(changed(chain(), sided))
    assert (found["pcr_oi"], found["pcr_volume"], found["pcr_change"]) == (0.75, 2.5, -0.75)


def test_max_pain_is_where_all_options_are_worth_least() -> None:
    found = derived(
        with_interest({100.0: 10.0, 110.0: 50.0}, {90.0: 40.0, 100.0: 30.0, 110.0: 5.0})
    )
    # At 90: puts 300 + 100; at 100: puts 50, calls 0; at 110: calls 100.
    assert found["max_pain"] == 100.0


def test_of_equal_pains_the_lowest_strike_is_told() -> None:
    assert derived(with_interest({90.0: 5.0}, {110.0: 5.0}))["max_pain"] == 90.0


def test_levels_are_the_largest_interest_on_their_side_of_the_spot() -> None:
    found = derived(
        with_interest(
            {90.0: 999.0, 100.0: 5.0, 110.0: 20.0, 120.0: 20.0},
            {90.0: 7.0, 100.0: 7.0, 110.0: 999.0},
        )
    )
    # Of equal ones the nearest to the spot, 102.
    assert (found["support"], found["resistance"]) == (100.0, 110.0)
    assert found["largest_oi"]["calls"] == [
        {"strike_price": 90.0, "open_interest": 999.0},
        {"strike_price": 110.0, "open_interest": 20.0},
        {"strike_price": 120.0, "open_interest": 20.0},
    ]
    assert found["largest_oi"]["puts"][0] == {"strike_price": 110.0, "open_interest": 999.0}


def test_fastest_strikes_are_those_that_changed_most_either_way() -> None:
    changes = {23_900.0: -70.0, 24_000.0: 60.0, 24_100.0: 50.0, 24_200.0: 40.0}

    def moved(leg: Quote) -> Quote:
        return leg._replace(change_in_oi=changes.get(leg.strike_price, 0.0))

    found = derived(changed(chain(), moved))["fastest_oi"]
    assert found["calls"] == found["puts"]
    assert found["calls"] == [
        {"strike_price": 23_900.0, "change_in_oi": -70.0},
        {"strike_price": 24_000.0, "change_in_oi": 60.0},
        {"strike_price": 24_100.0, "change_in_oi": 50.0},
    ]


def test_a_sum_with_a_part_missing_is_no_sum() -> None:
    found = derived(with_interest({100.0: 10.0, 110.0: None}, {100.0: 3.0}))
    for name in ("pcr_oi", "max_pain"):
        assert found[name] is None
        assert found["reasons"][name] == "missing_leg"


@pytest.mark.parametrize(
    ("calls", "puts", "reason"),
    [
        ({100.0: 0.0}, {100.0: 3.0}, "zero_calls"),
        ({}, {100.0: 3.0}, "one_sided"),
        ({100.0: 3.0}, {}, "one_sided"),
    ],
)
def test_a_ratio_without_a_denominator_or_a_side_says_so(
    calls: dict[float, float | None], puts: dict[float, float | None], reason: str
) -> None:
    found = derived(with_interest(calls, puts))
    assert found["pcr_oi"] is None
    assert found["reasons"]["pcr_oi"] == reason


def test_nobody_holding_anything_has_no_pain_and_no_level() -> None:
    found = derived(with_interest({100.0: 0.0}, {100.0: 0.0}))
    for name in ("max_pain", "support", "resistance"):
        assert found[name] is None
        assert found["reasons"][name] == "no_open_interest"


def test_fractional_interest_is_taken_as_it_is() -> None:
    found = derived(with_interest({100.0: 0.5}, {100.0: 0.25}))
    assert found["pcr_oi"] == 0.5


# ── build-up ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "change_in_oi", "named"),
    [
        (1.5, 20.0, "long_buildup"),
        (-1.5, 20.0, "short_buildup"),
        (-1.5, -20.0, "long_unwinding"),
        (1.5, -20.0, "short_covering"),
        (None, 20.0, None),
        (1.5, None, None),
        (1.5, 0.0, None),
        (0.0, 20.0, None),
    ],
)
def test_a_leg_is_classed_by_the_changes_of_price_and_interest(
    change: float | None, change_in_oi: float | None, named: str | None
) -> None:
    assert buildup(change, change_in_oi) == named


def test_classes_are_counted_a_side() -> None:
    def moved(leg: Quote) -> Quote:
        return leg._replace(change=2.0 if leg.side == "CE" else -2.0, change_in_oi=10.0)

    found = derived(changed(chain(), moved))["buildup"]
    assert found["calls"]["long_buildup"] == len(STRIKES)
    assert found["puts"]["short_buildup"] == len(STRIKES)
    assert sum([*found["calls"].values(), *found["puts"].values()]) == 2 * len(STRIKES)


# ── the whole ────────────────────────────────────────────────────────────────────────────────


def test_parity_holds_of_the_prices_the_tests_are_made_of() -> None:
    """The tests' own chain is free of arbitrage, so what is found on it is the model's doing."""
    for strike in STRIKES:
        difference = worth("CE", strike) - worth("PE", strike)
        carried = exp(-RATE / 100 * YEARS) * (FORWARD - strike)
        assert difference == pytest.approx(carried, abs=1e-9)


def test_the_same_snapshot_gives_the_same_analytics() -> None:
    assert derived(chain()) == derived(chain())


def test_a_snapshot_of_one_leg_is_answered_in_full() -> None:
    found = derived(replace(chain(), quotes=(modelled("CE", 24_000.0),)))
    assert found["atm_strike"] == 24_000.0
    assert found["reasons"]["pcr_oi"] == "one_sided"
    assert found["reasons"]["straddle_price"] == "no_price"
    assert found["reasons"]["put_gamma_exposure"] == "no_iv"


@pytest.mark.parametrize("rate", [0.0, 5.5, 25.0])
def test_an_expiry_in_the_year_9999_has_no_greeks_and_breaks_nothing(rate: float) -> None:
    found = analytics_of(replace(chain(), expiry=date(9999, 12, 31)), rate)
    assert found["straddle_price"] is not None
    assert (found["unpriced_legs"] == 2 * len(STRIKES)) is (rate > 0)


def test_a_ratio_too_large_for_a_number_says_so() -> None:
    found = derived(with_interest({100.0: 1e-300}, {100.0: 1e14}))
    assert found["pcr_oi"] is None
    assert found["reasons"]["pcr_oi"] == "not_finite"


def test_a_strike_of_zero_has_no_greeks() -> None:
    found = derived(replace(chain(), quotes=(quote("CE", 0.0), *chain().quotes)))
    assert found["unpriced_legs"] == 1
