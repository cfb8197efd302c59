"""The base of a morning against the open interest that was settled the evening before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.evening.settlement_rules import Comparison, compare, is_of_session
from optionchain.market import Market
from optionchain.snapshot import Leg, Snapshot
from tests.support.bodies import encoded
from tests.support.captured import as_v3
from tests.support.histories import ist
from tests.support.simulated_day import EXPIRY_DAY, SimulatedDay
from tests.support.snapshots import TICK, quote, snapshot

type Captured = Callable[[str], dict[str, Any]]

# Open interest and its change in the morning of a contract that was settled at 1,000.
LEGS: dict[str, tuple[float | None, float | None, int, int]] = {
    "unchanged": (1000.0, 0.0, 1, 0),
    "built up": (1250.0, 250.0, 1, 0),
    "closed out": (0.0, -1000.0, 1, 0),
    "another base": (1250.0, 240.0, 1, 1),
    "a change of 0 that is none": (1250.0, 0.0, 1, 1),
    "no open interest": (None, 250.0, 0, 0),
    "no change": (1250.0, None, 0, 0),
}


def open_interest(chain: Snapshot) -> dict[Leg, float | None]:
    """Return the open interest of a chain by contract."""
    return {(quote.strike_price, quote.side): quote.open_interest for quote in chain.quotes}


def morning(**numbers: float | None) -> Snapshot:
    """Return a body with one contract."""
    return replace(snapshot(), quotes=(quote("CE", 24000.0, **numbers),))


@pytest.mark.parametrize("leg", LEGS)
def test_open_interest_less_its_change_is_what_was_settled(leg: str) -> None:
    open_interest, change, legs, differing = LEGS[leg]
    body = morning(open_interest=open_interest, change_in_oi=change)
    found = compare({(24000.0, "CE"): 1000.0}, body)
    assert (found.legs, len(found.differing)) == (legs, differing)


@pytest.mark.parametrize("settled", [{}, {(24000.0, "PE"): 1.0}, {(24000.0, "CE"): None}])
def test_a_contract_without_a_yesterday_takes_no_part(settled: Any) -> None:  # noqa: ANN401
    assert compare(settled, morning(open_interest=500.0, change_in_oi=0.0)) == Comparison(0, [])


def test_the_rounding_of_a_fraction_is_no_difference() -> None:
    """Thirds of a contract stand where a lot was split by three."""
    body = morning(open_interest=20240.333333333332, change_in_oi=-7.0)
    assert 20240.333333333332 + 7 != 20247.333333333336
    assert compare({(24000.0, "CE"): 20247.333333333336}, body).differing == []


def test_the_contracts_that_differ_most_are_named() -> None:
    strikes = [24000.0 + 50 * number for number in range(8)]
    settled: dict[Leg, float | None] = {
        (strike, "PE"): 1200 + 34 + number * (-1) ** number for number, strike in enumerate(strikes)
    }
    found = compare(settled, snapshot(strikes))
    assert (found.legs, len(found.differing), found.contracts) == (8, 7, 28)
    assert [leg.identifier for leg in found.named] == [
        f"NIFTY_PE_{24350 - 50 * number}_23-Jun-2026" for number in range(5)
    ]
    assert found.named[0]._asdict() == {
        "identifier": "NIFTY_PE_24350_23-Jun-2026",
        "open_interest": 1227,
        "base": 1234,
    }


@pytest.mark.parametrize(
    ("stamp", "good"),
    [
        (ist(date(2026, 6, 18), "15:30:00"), False),
        (ist(date(2026, 6, 19), "09:07:10"), False),
        (ist(date(2026, 6, 19), "09:15:00"), True),
        (ist(date(2026, 6, 19), "15:02:20"), True),
    ],
)
def test_a_body_is_evidence_if_it_is_stamped_within_the_session(
    stamp: datetime, good: bool
) -> None:
    session = Market().session_at(TICK)
    assert session is not None
    assert is_of_session(snapshot(stamp=stamp), session) is good


@pytest.mark.parametrize(("minutes", "good"), [(0, False), (4.9, False), (5, True), (60, True)])
def test_without_a_stamp_the_minutes_after_the_opening_are_no_evidence(
    minutes: float, good: bool
) -> None:
    session = Market().session_at(TICK)
    assert session is not None
    body = snapshot(tick=session.opens + timedelta(minutes=minutes))
    assert is_of_session(replace(body, exchange_timestamp=None), session) is good


@pytest.mark.parametrize(
    "today",
    [
        SimulatedDay(),
        SimulatedDay(EXPIRY_DAY, seed=3),
        SimulatedDay(date(2026, 9, 15), seed=11, symbol="BANKNIFTY"),  # after a holiday, a Monday
        SimulatedDay(date(2026, 9, 21), seed=5, symbol="IDEA"),  # after a weekend
    ],
)
def test_a_simulated_morning_has_the_evening_of_the_day_before_as_its_base(
    today: SimulatedDay,
) -> None:
    expiries = set(today.expiries()) & set(today.before.expiries())
    for expiry in expiries:
        body = today.snapshot("09:16", expiry)
        evening, close = (today.before.snapshot(at, expiry) for at in ("19:45", "15:45"))
        assert compare(open_interest(evening), body).differing == []
        settled = compare(open_interest(close), body)
        assert settled.legs == len(evening.legs)
        assert 0.2 < len(settled.differing) / settled.legs < 0.8


EVENING = "legacy/new-strikes-2025-10-17/day-before-20251016T134838Z.json.gz"
AFTERNOON = "legacy/settled-2025-10-16/16-oct-1616-ist.json.gz"
# Bodies of the next day: contracts in both days, and how many differ from the afternoon's.
MORNINGS = {
    "legacy/new-strikes-2025-10-17/20251017T035513Z.json.gz": (1311, 643),
    "legacy/new-strikes-2025-10-17/20251017T074150Z.json.gz": (1331, 645),
    "legacy/new-strikes-2025-10-17/20251017T100501Z.json.gz": (1332, 645),
}


def chains(body: dict[str, Any]) -> dict[date, Snapshot]:
    """Return the snapshots of a captured body by expiry."""
    return {
        expiry: parse(encoded(each), "NIFTY", TICK + timedelta(days=1))
        for expiry, each in as_v3(body).items()
    }


def compared(before: dict[str, Any], after: dict[str, Any]) -> tuple[int, int]:
    """Return how many contracts of two captured bodies are compared, and how many differ."""
    settled = {expiry: open_interest(chain) for expiry, chain in chains(before).items()}
    found = [compare(settled[expiry], chain) for expiry, chain in chains(after).items()]
    return sum(each.legs for each in found), sum(len(each.differing) for each in found)


@pytest.mark.parametrize("body", MORNINGS)
def test_the_captured_evening_is_the_base_of_the_next_day_in_every_contract(
    body: str, captured_body: Captured
) -> None:
    """3,974 of 3,974, at 09:22, 13:09 and the close; of the numbers of 16:16 half."""
    legs, differing = MORNINGS[body]
    assert compared(captured_body(EVENING), captured_body(body)) == (legs, 0)
    assert compared(captured_body(AFTERNOON), captured_body(body)) == (legs, differing)
