"""Whether two sources agree about one moment. Pure.

A source is ahead of another one by seconds. So a number is compared only where the record has the
same number from some time before the moment until some time after it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from optionchain.mongo.disagreement_register import (
    ComparedField,
    DifferingContract,
    FieldComparison,
)
from optionchain.mongo.documents import HeaderDocument, source_of, stamp_of
from optionchain.snapshot import Leg, Quote, Snapshot

type Contracts = Mapping[Leg, Mapping[str, Any]]

# By so much one source may be ahead of another one.
_SLACK = timedelta(seconds=15)
# NIFTY's and every stock's options are priced in steps of 0.05 rupees; it is the smallest one.
SMALLEST_TICK = 0.05
# Sources send volatilities with two decimals, each rounded by itself.
_IV_STEP = 0.01
# Open interest may be a fraction of a lot, and the last binary digits are no difference.
_INTEREST_STEP = 1e-6
# The rounding of doubles: 101.35 - 101.3 is a little less than 0.05.
_ROUNDING = 1e-9
# So many of the contracts that differ are named for a person, of each field.
_NAMED = 5


class Neighbours(NamedTuple):
    """The snapshots that show the record before and after a moment; they may be the same one."""

    before: HeaderDocument
    after: HeaderDocument


def neighbours(
    headers: Sequence[HeaderDocument], moment: datetime, source: str
) -> Neighbours | None:
    """Return the snapshots of a source around a moment, None if the record does not have both.

    `headers` are by time. Snapshots of another source in between leave nothing to compare.
    """
    before = [each for each in headers if _begins(each) <= moment - _SLACK]
    if not before:
        return None
    last = before[-1]
    after = [last] if _ends(last) >= moment + _SLACK else []
    after += [each for each in headers if _begins(each) >= moment + _SLACK]
    if not after:
        return None
    between = headers[headers.index(last) : headers.index(after[0]) + 1]
    if any(source_of(each) != source for each in between):
        return None
    return Neighbours(last, after[0])


def compare(
    before: Contracts, after: Contracts, other: Snapshot, tick_size: float | None
) -> tuple[FieldComparison, ...]:
    """Compare a body of another source with the recorded contracts before and after its moment.

    `tick_size` is in rupees; None if it is not known.
    """
    tolerances: dict[ComparedField, float] = {
        "last_price": tick_size or SMALLEST_TICK,
        "open_interest": _INTEREST_STEP,
        "implied_volatility": _IV_STEP,
    }
    return tuple(
        _compared(field, tolerance, before, after, other) for field, tolerance in tolerances.items()
    )


def _compared(
    field: ComparedField, tolerance: float, before: Contracts, after: Contracts, other: Snapshot
) -> FieldComparison:
    compared = moved = 0
    differing = []
    for quote in other.quotes:
        ends = [each[quote.leg][field] for each in (before, after) if quote.leg in each]
        value = getattr(quote, field)
        if len(ends) < len((before, after)) or None in (value, *ends):
            continue
        if ends[0] != ends[1]:
            moved += 1
            continue
        compared += 1
        if abs(value - ends[0]) > tolerance + _ROUNDING:
            differing.append(DifferingContract(_name(before, quote), ends[0], value))
    differing.sort(key=_size, reverse=True)
    named = tuple(differing[:_NAMED])
    return FieldComparison(field, tolerance, compared, len(differing), moved, named)


def _name(contracts: Contracts, quote: Quote) -> str:
    return str(contracts[quote.leg]["identifier"])


def _size(contract: DifferingContract) -> float:
    return abs(contract.other - contract.recorded)


def by_leg(documents: Iterable[Mapping[str, Any]]) -> Contracts:
    """Return the documents of contracts by leg."""
    return {(each["strike_price"], each["type"]): each for each in documents}


def _begins(header: HeaderDocument) -> datetime:
    """Return the moment that a snapshot shows."""
    return stamp_of(header)


def _ends(header: HeaderDocument) -> datetime:
    """Return until when a snapshot is known to be what its source shows.

    Of a stamped one nothing is known beyond its stamp: the exchange repeats it for a minute.
    """
    return header["last_seen_at"] if header["exchange_timestamp"] is None else stamp_of(header)
