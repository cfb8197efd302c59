"""While the underlying stands still the forward says where the money is; a payoff gets fixed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from optionchain.analytics import AnalyticsDocument, analytics_of, greeks, terms_in, terms_of
from optionchain.analytics.quotes import pairs_of
from optionchain.snapshot_facts import NOTHING_KNOWN, SnapshotFacts
from tests.support.auction_chains import (
    AUCTION_PRICE_KNOWN,
    FROZEN,
    RATE,
    SIDES,
    STANDS_AT,
    STRIKES,
    auction_chain,
)
from tests.support.captured_minutes import EXPIRING, MINUTES, NEXT_WEEK, at, minutes_of
from tests.support.histories import ist
from tests.support.snapshots import quote

# Every number of a chain that depends on where the money is.
OF_THE_MONEY = (
    "atm_strike",
    "atm_iv",
    "straddle_price",
    "implied_move_percent",
    "skew_25_delta",
    "support",
    "resistance",
)
# The numbers of what the underlying may still do.
OF_WHAT_MAY_HAPPEN = (
    "atm_iv",
    "implied_move_percent",
    "skew_25_delta",
    "call_gamma_exposure",
    "net_gamma_exposure",
)


def reasons_of(found: AnalyticsDocument, *names: str) -> set[str | None]:
    """Return the reasons of numbers that must all be missing."""
    values: dict[str, Any] = {**found}
    assert [name for name in names if values[name] is not None] == []
    return {found["reasons"].get(name) for name in names}


@pytest.mark.parametrize("forward", [24_194.0, 24_214.0, 24_140.0, 24_010.0])
@pytest.mark.parametrize("stands_at", [STANDS_AT, 20_000.0, None])
@pytest.mark.parametrize("expiry", [EXPIRING, NEXT_WEEK])
def test_while_the_spot_stands_still_the_money_is_at_the_forward(
    forward: float, stands_at: float | None, expiry: date
) -> None:
    """No number depends on the value that stands."""
    frozen = auction_chain(forward, at("15:20"), expiry=expiry, spot=stands_at)
    found = analytics_of(frozen, RATE, FROZEN)
    assert found == analytics_of(replace(frozen, underlying_value=STANDS_AT), RATE, FROZEN)
    nearest = min(STRIKES, key=lambda strike: abs(strike - forward))
    assert found["reference_price"] == pytest.approx(forward, abs=0.5)
    assert (found["reference_source"], found["atm_strike"]) == ("forward", nearest)
    support, resistance = found["support"], found["resistance"]
    assert support is not None
    assert resistance is not None
    assert (support <= forward, resistance - support) == (True, 50)
    assert found["atm_iv"] == pytest.approx(30.0, abs=1.0)
    assert found["implied_move_percent"] == pytest.approx(
        100 * (found["straddle_price"] or 0) / (found["forward"] or 1)
    )


def test_while_the_spot_moves_the_money_is_at_the_spot() -> None:
    found = analytics_of(auction_chain(24_214.0, at("15:10")), RATE)
    assert (found["reference_price"], found["reference_source"]) == (STANDS_AT, "spot")
    assert (found["atm_strike"], found["support"], found["resistance"]) == (24_150, 24_150, 24_200)
    without = analytics_of(auction_chain(24_214.0, at("15:10"), spot=None), RATE)
    assert (without["reference_source"], without["atm_strike"]) == ("forward", 24_200)


def test_without_a_forward_a_frozen_chain_has_no_money() -> None:
    """Numbers of a price that stands still would be invented."""
    silent = replace(
        auction_chain(24_200.0, at("15:20")),
        quotes=tuple(quote(side, strike, last_price=None, bid_price=None)
        for strike in STRIKES for side in SIDES),
    )  # fmt: skip
    found = analytics_of(silent, RATE, FROZEN)
    assert reasons_of(found, "forward", "reference_price", *OF_THE_MONEY) == {"no_forward"}
    assert (found["reference_source"], found["pcr_oi"]) == (None, 1.0)
    spot = replace(silent, underlying_value=None)
    missing = reasons_of(analytics_of(spot, RATE), "reference_price", *OF_THE_MONEY)
    assert missing == {"no_underlying"}


@pytest.mark.parametrize(
    ("expiry", "time", "reason"),
    [
        (EXPIRING, "15:34", None),
        (EXPIRING, "15:35", "payoff_fixed"),
        (EXPIRING, "15:39", "payoff_fixed"),
        (EXPIRING, "15:40", "expired"),
        (date(2026, 7, 28), "15:29", None),  # before the auction
        (date(2026, 7, 28), "15:30", "expired"),
        (date(2024, 3, 2), "12:29", None),  # its last session is a special one
        (date(2024, 3, 2), "12:30", "expired"),
    ],
)
def test_a_volatility_ends_with_the_auction_and_a_series_with_the_close(
    expiry: date, time: str, reason: str | None
) -> None:
    whole = auction_chain(24_200.0, ist(expiry, time), expiry=expiry, spot=24_200.0)
    for facts in (NOTHING_KNOWN, SnapshotFacts(ist(expiry, time), ist(expiry, time))):
        found = analytics_of(whole, RATE, facts)
        terms = terms_of(whole, pairs_of(whole), RATE, facts)
        assert terms_in(found) == terms
        assert terms.missing == reason
        assert (terms.days_to_expiry > 0) is (reason is None)
        at_the_money = greeks("CE", 24_200.0, 20.0, (60.0, "mid"), terms)
        assert at_the_money.reason == reason
        if reason == "payoff_fixed":
            assert reasons_of(found, *OF_WHAT_MAY_HAPPEN) == {"payoff_fixed"}
            assert found["forward"] == 24_200.0
            assert found["straddle_price"] == pytest.approx(0.15)
        if reason == "expired":
            assert reasons_of(found, "forward", "net_gamma_exposure") == {"expired"}
        assert found["unpriced_legs"] == (len(whole.quotes) if reason else found["unpriced_legs"])


def test_once_the_auction_s_price_is_known_the_payoff_is_reckoned_from_it() -> None:
    whole = auction_chain(24_139.8, at("15:36"), spot=24_154.9)
    known = analytics_of(whole, RATE, AUCTION_PRICE_KNOWN)
    assert (known["forward"], known["forward_source"]) == (24_154.9, "spot")
    assert (known["reference_price"], known["reference_source"]) == (24_154.9, "spot")
    unknown = analytics_of(whole, RATE, FROZEN)
    assert (unknown["forward_source"], unknown["reference_source"]) == ("parity", "forward")
    # A series that goes on is worth what its own prices say.
    other = auction_chain(24_180.0, at("15:36"), expiry=NEXT_WEEK, spot=24_154.9)
    assert analytics_of(other, RATE, AUCTION_PRICE_KNOWN)["forward_source"] == "parity"


def test_the_captured_strike_at_the_money_follows_the_forward(
    captured: Callable[[str], bytes],
) -> None:
    """By the spot, which stood at 24,166.35, it was 24,150 all the time."""
    found: dict[str, tuple[Any, Any]] = {}
    for whole in minutes_of(captured(MINUTES), EXPIRING):
        time = whole.stamp
        if time >= at("15:17"):
            facts = FROZEN if time < at("15:30") else AUCTION_PRICE_KNOWN
            document = analytics_of(whole, RATE, facts)
            assert document["reference_source"] == "forward"
            found[f"{time:%H:%M}"] = (document["atm_strike"], document["forward"])
    assert {strike for strike, _ in found.values()} == {24_150.0, 24_200.0}
    assert [found[time] for time in ("15:20", "15:22", "15:30")] == [
        (24_200.0, pytest.approx(24_194.4, abs=2)),
        (24_200.0, pytest.approx(24_213.5, abs=2)),
        (24_150.0, pytest.approx(24_139.8, abs=2)),
    ]
