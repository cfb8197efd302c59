"""Comparisons of two sources as the recorder stores them."""

from datetime import datetime, timedelta

from optionchain.mongo.disagreement_register import (
    ComparedField,
    CrossComparison,
    DifferingContract,
    FieldComparison,
)
from tests.support.bodies import EXPIRY

CHECK = timedelta(minutes=5)
FIRST_CHECK = datetime.fromisoformat("2026-06-19T09:10:00+00:00")
FIELDS: tuple[tuple[ComparedField, float], ...] = (
    ("last_price", 0.05),
    ("open_interest", 1e-6),
    ("implied_volatility", 0.01),
)


def comparison(number: int = 0, symbol: str = "NIFTY", **differing: int) -> CrossComparison:
    """Return the check of a number, in which so many of 200 contracts differ, by field."""
    at = FIRST_CHECK + number * CHECK
    fields = tuple(
        FieldComparison(
            field,
            tolerance,
            compared=200,
            differing=differing.get(field, 0),
            moved=6,
            largest=tuple(
                DifferingContract(f"{symbol}_CE_{24_000 + 50 * each}_23-Jun-2026", 101.3, 101.45)
                for each in range(min(differing.get(field, 0), 5))
            ),
        )
        for field, tolerance in FIELDS
    )
    moment = at + timedelta(seconds=7)
    before, after = moment - timedelta(seconds=22), moment + timedelta(seconds=18)
    return CrossComparison(symbol, at, EXPIRY, "upstox", "nse", moment, before, after, fields)
