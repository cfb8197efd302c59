"""The analytics of chains that are small enough to be worked out by hand."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from typing import Any

import pytest
from opengreeks import black76

from optionchain.analytics import AnalyticsDocument, analytics_of, buildup, open_interest
from optionchain.market import expires_at
from optionchain.snapshot import Quote, Side, Snapshot
from optionchain.snapshot_facts import SnapshotFacts
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


def spread(leg: Quote) -> Quote:
    """Widen the quotes of every strike but one."""
    if leg.strike_price == 24_050.0 or leg.bid_price is None or leg.ask_price is None:
        return leg
    return leg._replace(bid_price=leg.bid_price * 0.5, ask_price=leg.ask_price * 3)


def sided(call: dict[str, Any], put: dict[str, Any]) -> Snapshot:
    """The chain with these numbers in every call and every put."""
    return changed(chain(), lambda leg: leg._replace(**(call if leg.side == "CE" else put)))


def missing(found: AnalyticsDocument, **reasons: str) -> bool:
    values: dict[str, Any] = {**found}
    return all(
        values[name] is None and found["reasons"][name] == why for name, why in reasons.items()
    )


def test_the_forward_follows_from_put_call_parity_at_the_money() -> None:
    found = derived(chain())
    assert found["forward"] == pytest.approx(FORWARD, abs=1e-6)
    assert (found["forward_source"], found["model"], found["rate"]) == ("parity", "black-76", RATE)


def test_time_runs_to_the_close_of_the_expiry_from_the_exchange_s_own_timestamp() -> None:
    assert expires_at(EXPIRY) == datetime(2026, 6, 23, 10, 0, tzinfo=UTC)
    assert derived(chain())["days_to_expiry"] == pytest.approx(YEARS * 365)


def test_the_narrowest_quotes_at_the_money_give_the_forward() -> None:
    assert derived(changed(chain(), spread))["forward"] == pytest.approx(FORWARD, abs=1e-6)


@pytest.mark.parametrize(
    ("whole", "spot"),
    [
        (chain(bid_price=None, total_traded_volume=0.0), SPOT),
        (chain(ask_price=None, total_traded_volume=None), SPOT),
        (chain(bid_price=2.0, ask_price=1.0, last_price=None), SPOT),
        (replace(chain(), underlying_value=20_000.0), 20_000.0),  # too far away to be carry
    ],
    ids=["no bid", "no ask", "crossed", "far from the spot"],
)
def test_without_credible_prices_the_spot_is_the_forward(whole: Snapshot, spot: float) -> None:
    found = derived(whole)
    assert (found["forward"], found["forward_source"]) == (spot, "spot")


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("spot", [SPOT, 24_060.0, None])
def test_without_quotes_today_s_last_prices_give_the_forward(
    spot: float | None, frozen: bool
) -> None:
    facts = SnapshotFacts(frozen_since=STAMP if frozen else None)
    found = analytics_of(replace(chain(bid_price=None), underlying_value=spot), RATE, facts)
    assert found["forward"] == pytest.approx(FORWARD)
    assert found["forward_source"] == "parity"


def test_a_last_price_of_hours_ago_at_the_money_moves_no_forward() -> None:
    """Four strikes beside it contradict it."""

    def old(leg: Quote) -> Quote:
        at_the_money = (leg.side, leg.strike_price) == ("CE", 24_000.0)
        return leg._replace(last_price=700.0) if at_the_money else leg

    found = derived(changed(chain(bid_price=None), old))
    assert found["forward"] == pytest.approx(FORWARD, abs=1e-6)


def test_a_spot_that_stands_still_decides_nothing_about_the_forward() -> None:
    """Not which strikes are at the money, not what is credible, and it takes no forward's place."""
    frozen = SnapshotFacts(frozen_since=STAMP)
    far = replace(chain(), underlying_value=20_000.0)
    assert analytics_of(far, RATE, frozen)["forward"] == pytest.approx(FORWARD, abs=1e-6)
    without = analytics_of(replace(far, quotes=()), RATE, frozen)
    assert (without["forward"], without["forward_source"]) == (None, None)
    assert without["reasons"]["forward"] == "no_forward"


@pytest.mark.parametrize("spot", [SPOT, None])
def test_wide_quotes_that_no_spot_can_contradict_give_no_forward(spot: float | None) -> None:
    """The middle of 0.05 and 2,500 says little. Narrow quotes of other strikes say it better."""
    frozen = SnapshotFacts(frozen_since=STAMP)

    def wide(leg: Quote) -> Quote:
        return leg._replace(bid_price=0.05, ask_price=2_500.0, last_price=None)

    def wide_at_the_money(leg: Quote) -> Quote:
        return wide(leg) if abs(leg.strike_price - FORWARD) < 150 else leg

    alone, beside = (
        analytics_of(replace(changed(chain(), each), underlying_value=spot), RATE, frozen)
        for each in (wide, wide_at_the_money)
    )
    assert (alone["forward"], alone["reference_price"]) == (None, None)
    assert beside["forward"] == pytest.approx(FORWARD, abs=1e-6)


def test_without_a_spot_call_and_put_cost_the_same_at_the_money() -> None:
    found = derived(replace(chain(), underlying_value=None))
    assert found["forward"] == pytest.approx(FORWARD, abs=1e-6)
    assert found["atm_strike"] == 24_050.0


def test_with_neither_spot_nor_quotes_there_is_no_forward() -> None:
    nothing = chain(bid_price=None, total_traded_volume=0.0)
    found = derived(replace(nothing, underlying_value=None))
    assert found["forward_source"] is None
    assert missing(
        found, forward="no_forward", atm_strike="no_underlying", net_gamma_exposure="no_forward"
    )


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=20), timedelta(days=3)])
def test_after_its_last_close_an_expiry_has_no_volatility(late: timedelta) -> None:
    found = derived(replace(chain(), exchange_timestamp=expires_at(EXPIRY) + late))
    assert missing(found, forward="expired", total_gamma_exposure="expired", atm_iv="no_iv")
    assert found["pcr_oi"] == 1.0
    assert found["straddle_price"] is not None


def test_a_second_before_its_end_an_expiry_has_a_volatility() -> None:
    stamp = expires_at(EXPIRY) - timedelta(seconds=1)
    late = replace(chain(implied_volatility=15.0), exchange_timestamp=stamp)
    found = analytics_of(late, RATE, iv_source="exchange")
    assert found["atm_iv"] == 15.0
    assert found["days_to_expiry"] == pytest.approx(1 / 86_400)


def test_volatilities_are_solved_of_prices_whatever_the_exchange_sends() -> None:
    """Its own are of minutes ago and assume another forward, which would tilt the smile."""
    found = derived(chain())
    assert found["atm_iv"] == pytest.approx(100 * volatility(24_000.0), abs=1e-4)
    assert found["iv_source"] == "price"
    sent = sided({"implied_volatility": 30.0}, {"implied_volatility": 5.0})
    assert derived(sent) == found


def test_the_exchange_s_volatilities_are_a_choice() -> None:
    sent = sided({"implied_volatility": 12.0}, {"implied_volatility": 13.0})
    found = analytics_of(sent, RATE, iv_source="exchange")
    assert (found["atm_iv"], found["iv_source"]) == (12.5, "exchange")
    assert found["skew_25_delta"] == pytest.approx(1.0)
    without = analytics_of(chain(), RATE, iv_source="exchange")
    assert without == derived(chain()) | {"iv_source": "exchange"}


def test_the_exchange_s_volatility_is_no_last_resort_of_a_summary() -> None:
    """A call and a put without a price would have another smile than their neighbours."""
    unpriced = chain(bid_price=None, last_price=None, implied_volatility=12.0)
    found = derived(unpriced)
    assert missing(found, atm_iv="no_iv", skew_25_delta="no_25_delta", net_gamma_exposure="no_iv")
    assert found["unpriced_legs"] == len(unpriced.quotes)


def test_the_straddle_is_call_and_put_at_the_money_and_the_move_its_part_of_the_spot() -> None:
    found = derived(chain())
    straddle = worth("CE", 24_000.0) + worth("PE", 24_000.0)
    assert found["straddle_price"] == pytest.approx(straddle)
    assert found["implied_move_percent"] == pytest.approx(100 * straddle / SPOT)
    # A known rule: a straddle costs 0.8 of a standard deviation.
    deviation = FORWARD * volatility(24_000.0) * sqrt(YEARS)
    assert straddle == pytest.approx(0.8 * deviation, rel=0.03)


def test_a_chain_too_narrow_for_a_quarter_delta_has_no_skew() -> None:
    narrow = tuple(leg for leg in chain().quotes if abs(leg.strike_price - SPOT) <= 50)
    assert missing(derived(replace(chain(), quotes=narrow)), skew_25_delta="no_25_delta")


def test_legs_without_a_price_have_no_straddle() -> None:
    found = derived(chain(bid_price=None, last_price=None))
    assert missing(found, straddle_price="no_price", implied_move_percent="no_price")


@pytest.mark.parametrize("volume", [0.0, None])
def test_a_last_price_of_another_day_gives_nothing(volume: float | None) -> None:
    found = derived(chain(bid_price=None, total_traded_volume=volume, implied_volatility=12.0))
    assert missing(found, straddle_price="no_trade_today", implied_move_percent="no_trade_today")
    assert missing(found, atm_iv="no_iv", skew_25_delta="no_25_delta")
    assert found["forward_source"] == "spot"


def test_legs_without_a_gamma_are_counted_and_not_guessed() -> None:
    unpriced: dict[str, Any] = dict.fromkeys(("bid_price", "ask_price", "last_price"))
    whole = changed(
        chain(), lambda leg: leg if leg.strike_price > 23_600 else leg._replace(**unpriced)
    )
    assert derived(whole)["unpriced_legs"] == 6
    assert derived(whole)["call_gamma_exposure"] is not None


def test_ratios_are_the_sum_of_the_puts_divided_by_that_of_the_calls() -> None:
    call = {"open_interest": 4.0, "total_traded_volume": 10.0, "change_in_oi": -2.0}
    put = {"open_interest": 3.0, "total_traded_volume": 25.0, "change_in_oi": 1.5}
    found = derived(sided(call, put))
    assert (found["pcr_oi"], found["pcr_volume"], found["pcr_change"]) == (0.75, 2.5, -0.75)


@pytest.mark.parametrize(
    ("calls", "puts", "strike"),
    [
        # At 90: puts 300 + 100; at 100: puts 50, calls 0; at 110: calls 100.
        ({100.0: 10.0, 110.0: 50.0}, {90.0: 40.0, 100.0: 30.0, 110.0: 5.0}, 100.0),
        ({90.0: 5.0}, {110.0: 5.0}, 90.0),  # the lowest of equal ones
    ],
)
def test_max_pain_is_where_all_options_have_the_lowest_value(
    calls: dict[float, float | None], puts: dict[float, float | None], strike: float
) -> None:
    assert derived(with_interest(calls, puts))["max_pain"] == strike


def test_levels_are_the_largest_interest_on_their_side_of_the_spot() -> None:
    calls: dict[float, float | None] = {90.0: 999.0, 100.0: 5.0, 110.0: 20.0, 120.0: 20.0}
    found = derived(with_interest(calls, {90.0: 7.0, 100.0: 7.0, 110.0: 999.0}))
    # The nearest to the spot, 102, of equal ones.
    assert (found["support"], found["resistance"]) == (100.0, 110.0)
    assert found["largest_oi"]["calls"] == [
        {"strike_price": 90.0, "open_interest": 999.0},
        {"strike_price": 110.0, "open_interest": 20.0},
        {"strike_price": 120.0, "open_interest": 20.0},
    ]
    assert found["largest_oi"]["puts"][0] == {"strike_price": 110.0, "open_interest": 999.0}


@pytest.mark.parametrize(
    ("calls", "puts", "reasons"),
    [
        ({100.0: 0.0}, {100.0: 3.0}, {"pcr_oi": "zero_calls"}),
        ({}, {100.0: 3.0}, {"pcr_oi": "one_sided"}),
        ({100.0: 3.0}, {}, {"pcr_oi": "one_sided"}),
        ({100.0: 1e-300}, {100.0: 1e14}, {"pcr_oi": "not_finite"}),
        (
            {100.0: 10.0, 110.0: None},
            {100.0: 3.0},
            {"pcr_oi": "missing_leg", "max_pain": "missing_leg"},
        ),
        (
            {100.0: 0.0},
            {100.0: 0.0},
            dict.fromkeys(("max_pain", "support", "resistance"), "no_open_interest"),
        ),
    ],
)
def test_open_interest_that_gives_no_number_gives_a_reason(
    calls: dict[float, float | None], puts: dict[float, float | None], reasons: dict[str, str]
) -> None:
    assert missing(derived(with_interest(calls, puts)), **reasons)


def test_fractional_interest_is_taken_as_it_is() -> None:
    assert derived(with_interest({100.0: 0.5}, {100.0: 0.25}))["pcr_oi"] == 0.5


@pytest.mark.parametrize(
    ("change", "change_in_oi", "volume", "expected"),
    [
        (1.5, 20.0, 10.0, "long_buildup"),
        (-1.5, 20.0, 10.0, "short_buildup"),
        (-1.5, -20.0, 10.0, "long_unwinding"),
        (1.5, -20.0, 10.0, "short_covering"),
        (None, 20.0, 10.0, None),
        (1.5, None, 10.0, None),
        (1.5, 0.0, 10.0, None),
        (0.0, 20.0, 10.0, None),
        (1.5, 20.0, 0.0, None),  # the price is of an earlier day
        (1.5, 20.0, None, None),
    ],
)
def test_a_leg_is_classed_by_the_changes_of_price_and_interest(
    change: float | None, change_in_oi: float | None, volume: float | None, expected: str | None
) -> None:
    assert buildup(change, change_in_oi, volume) == expected
    leg = quote("CE", 100.0, change=change, change_in_oi=change_in_oi, total_traded_volume=volume)
    counts = open_interest.buildups([leg])
    assert [name for name, count in counts.items() if count] == [expected] * bool(expected)


def test_a_snapshot_of_one_leg_is_answered_in_full() -> None:
    found = derived(replace(chain(), quotes=(modelled("CE", 24_000.0),)))
    assert found["atm_strike"] == 24_000.0
    assert missing(found, pcr_oi="one_sided", straddle_price="no_price", put_gamma_exposure="no_iv")


@pytest.mark.parametrize("rate", [0.0, 5.5, 25.0])
def test_an_expiry_in_the_year_9999_has_no_greeks_and_breaks_nothing(rate: float) -> None:
    found = analytics_of(replace(chain(), expiry=date(9999, 12, 31)), rate)
    assert found["straddle_price"] is not None
    assert (found["unpriced_legs"] == 2 * len(STRIKES)) is (rate > 0)


def test_a_strike_of_zero_has_no_greeks() -> None:
    found = derived(replace(chain(), quotes=(quote("CE", 0.0), *chain().quotes)))
    assert found["unpriced_legs"] == 1
