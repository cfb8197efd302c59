"""Which contracts are new, where their changes are sent and where they are derived."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chain_fetch.recording.bodies.known_legs import KnownLegs, known_in
from chain_fetch.recording.bodies.leg_facts import facts_of, known_of
from optionchain.exchange_time import exchange_date
from optionchain.mongo.documents import contract_documents
from optionchain.snapshot import Leg, Snapshot
from tests.support.snapshots import TICK, quote, snapshot
from tests.support.two_sources import DERIVED, VENDOR

LEG: Leg = (24000.0, "CE")
MINUTE = timedelta(minutes=1)
TODAY = exchange_date(TICK)


def body(
    source: str,
    interest: float,
    change: float | None,
    minute: int = 0,
    volatility: float | None = 12.5,
    volume: float = 5000.0,
) -> Snapshot:
    """A chain of one contract: its open interest and the change of it."""
    leg = quote(
        open_interest=interest,
        change_in_oi=change,
        pchange_in_oi=None,
        total_traded_volume=volume,
        implied_volatility=volatility,
    )
    tick = TICK + minute * MINUTE
    chain = replace(snapshot(tick=tick, stamp=tick, symbol="NIFTY"), quotes=(leg,))
    if source == VENDOR:
        chain = replace(chain, source=VENDOR, derived=DERIVED, exchange_timestamp=None)
    return chain


def recorded(*bodies: Snapshot, unknown_are_new: bool = True) -> list[KnownLegs]:
    """Return what is known after each body, as another environment reads it again."""
    known: KnownLegs = {}
    found: list[KnownLegs] = []
    for each in bodies:
        known = known_of(each, known, unknown_are_new=unknown_are_new)
        documents = contract_documents(each, facts_of(known))
        again = known_in(documents, exchange_date(each.stamp), each.derived)
        assert again == known
        found.append(known)
    return found


@pytest.mark.parametrize(
    ("source", "interest", "change", "new", "listed"),
    [
        ("nse", 700.0, 0.0, True, TODAY),
        ("nse", 700.0, 700.0, False, None),
        # A difference of two sent numbers is true, also of a contract that was listed today.
        (VENDOR, 700.0, 700.0, False, TODAY),
        (VENDOR, 700.0, 0.0, False, None),  # all of it was there the day before
        (VENDOR, 0.0, 0.0, False, TODAY),
        (VENDOR, 700.0, None, None, None),
        (VENDOR, 5001.0, 5001.0, False, None),  # more than was traded
    ],
)
def test_a_contract_that_nobody_knows_is_new_by_its_own_numbers(
    source: str, interest: float, change: float | None, new: bool | None, listed: date | None
) -> None:
    leg = recorded(body(source, interest, change))[0][LEG]
    assert (leg.newly_listed, leg.listed_on) == (new, listed)


@pytest.mark.parametrize(
    ("vendor", "site", "new"),
    [
        ((700.0, 700.0), (900.0, 0.0), True),  # the vendor shows that there was nothing
        ((700.0, 0.0), (900.0, 0.0), True),
        ((700.0, -200.0), (900.0, 0.0), False),  # back at the base: a true 0
        ((700.0, 700.0), (900.0, 900.0), False),
    ],
)
def test_a_derived_change_tells_whether_a_sent_0_is_a_number(
    vendor: tuple[float, float | None], site: tuple[float, float], new: bool
) -> None:
    legs = recorded(body(VENDOR, *vendor), body("nse", *site, 1), unknown_are_new=False)
    assert [each[LEG].newly_listed for each in legs] == [False, new]


def test_a_vendor_without_a_change_tells_nothing() -> None:
    chains = body(VENDOR, 700.0, None), body("nse", 700.0, 0.0, 1), body("nse", 900.0, 0.0, 2)
    legs = recorded(*chains, unknown_are_new=False)
    assert [each[LEG].newly_listed for each in legs] == [None, None, True]
    legs = recorded(body("nse", 700.0, 0.0), *chains)
    assert [each[LEG].newly_listed for each in legs] == [True, True, True, True]


def test_what_a_day_has_shown_once_holds_for_the_rest_of_it() -> None:
    """Volume grows past the open interest later: that the contract was there is known by then."""
    early, late = body("nse", 700.0, 0.0, volume=600.0), body("nse", 700.0, 0.0, 1, volume=900.0)
    for bodies, new in (((early, late), [False, False]), ((late,), [None])):
        legs = recorded(*bodies, unknown_are_new=False)
        assert [each[LEG].newly_listed for each in legs] == new


def test_a_vendor_s_change_settles_a_doubt() -> None:
    chains = body("nse", 700.0, 0.0), body(VENDOR, 700.0, 0.0, 1), body("nse", 700.0, 0.0, 2)
    legs = recorded(*chains, unknown_are_new=False)
    assert [each[LEG].newly_listed for each in legs] == [None, False, False]


def test_a_derived_change_takes_no_listing_back() -> None:
    legs = recorded(body("nse", 700.0, 0.0), body(VENDOR, 800.0, 800.0, 1))
    assert [each[LEG].listed_on for each in legs] == [TODAY, TODAY]
    assert [each[LEG].newly_listed for each in legs] == [True, False]


def test_a_volatility_is_as_old_as_its_own_source_s() -> None:
    legs = recorded(
        body("nse", 700.0, 5.0),
        body("nse", 700.0, 5.0, 1, volatility=13.0),
        body(VENDOR, 700.0, 5.0, 2, volatility=13.0),
        body(VENDOR, 700.0, 5.0, 3, volatility=13.1),
        body("nse", 700.0, 5.0, 4, volatility=13.0),
    )
    since = [each[LEG].iv_as_of for each in legs]
    assert since == [None, TICK + MINUTE, None, TICK + 3 * MINUTE, None]
