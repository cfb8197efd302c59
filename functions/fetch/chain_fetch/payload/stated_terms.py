"""The terms that the rows of a list state of an expiry; rows that contradict each other. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from optionchain.contract_terms import ContractTerms


class StatedTerms(NamedTuple):
    """What one row states of its expiry: rupees and units of the underlying; 0 is none."""

    lot_size: int | None
    tick_size: float | None = None
    freeze_quantity: int | None = None


def terms_by_expiry(rows: Iterable[tuple[date, StatedTerms]]) -> dict[date, ContractTerms]:
    """Return the terms of each expiry; of which its rows state several values, it has none."""
    stated: dict[date, dict[StatedTerms, None]] = defaultdict(dict)
    for expiry, terms in rows:
        stated[expiry][terms] = None
    return {expiry: _terms(list(found)) for expiry, found in sorted(stated.items())}


def _terms(stated: list[StatedTerms]) -> ContractTerms:
    reasons: dict[str, str] = {}

    def only[T](name: str, values: Iterable[T | None]) -> T | None:
        distinct = {value for value in values if value}
        if len(distinct) == 1:
            return distinct.pop()
        reasons[name] = "sources_differ" if distinct else "not_listed"
        return None

    return ContractTerms(
        lot_size=only("lot_size", (each.lot_size for each in stated)),
        tick_size=only("tick_size", (each.tick_size for each in stated)),
        freeze_quantity=only("freeze_quantity", (each.freeze_quantity for each in stated)),
        reasons=reasons,
    )
