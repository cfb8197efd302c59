"""Whether the settled chains of a day are proved: one document for each symbol, expiry and day.

The next session proves a day: open interest less its change is the open interest that the exchange
settled the day before.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from optionchain.exchange_time import expiry_text, midnight_utc
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import SETTLEMENTS

type SettlementStatus = Literal["matched", "missing", "differs"]


class LegDifference(NamedTuple):
    """A contract whose settled open interest is not the base of the next morning, in contracts."""

    identifier: str
    open_interest: float
    base: float


class Settlement(NamedTuple):
    """What the next morning says of one settled chain.

    `day` is the settled day, `checked_at` the tick whose body was compared. `legs` were compared,
    `contracts_differing` is the sum of all differences without their signs, and `differing` are
    the largest of them. With the status `missing` there was nothing to compare.
    """

    symbol: str
    expiry: date
    day: date
    checked_at: datetime
    status: SettlementStatus
    legs: int = 0
    legs_differing: int = 0
    contracts_differing: float = 0.0
    differing: tuple[LegDifference, ...] = ()


class Known(NamedTuple):
    """What the register has of an expiry: whether it is judged, or since which stamp it is doubted.

    `doubted_at` is the exchange's stamp of the first body that differed.
    """

    judged: bool
    doubted_at: datetime | None


class SettlementRegister:
    """The collection `settlements`; raises StoreUnavailable if MongoDB does not answer."""

    def __init__(self, database: Database[Document]) -> None:
        self._settlements: Collection[Any] = database[SETTLEMENTS]

    def known(self, symbols: Sequence[str], day: date) -> dict[tuple[str, date], Known]:
        """Return what is known of a settled day, by symbol and expiry."""
        query = {"symbol": {"$in": list(symbols)}, "day": midnight_utc(day)}
        with database_errors():
            rows = list(self._settlements.find(query))
        return {
            (row["symbol"], row["expiry"].date()): Known("status" in row, row.get("doubted_at"))
            for row in rows
        }

    def doubt(self, symbol: str, expiry: date, day: date, stamp: datetime) -> None:
        """Note the exchange's stamp of a body that differs; the first one is kept."""
        first = {"$setOnInsert": {"expiry_date": expiry_text(expiry), "doubted_at": stamp}}
        with database_errors(), suppress(DuplicateKeyError):
            self._settlements.update_one(_key(symbol, expiry, day), first, upsert=True)

    def judge(self, settlement: Settlement) -> None:
        """Store what became of a settled chain; the first judgement is kept."""
        each = settlement
        key = _key(each.symbol, each.expiry, each.day)
        document = {
            "expiry_date": expiry_text(each.expiry),
            "checked_at": each.checked_at,
            "status": each.status,
            "legs": each.legs,
            "legs_differing": each.legs_differing,
            "contracts_differing": each.contracts_differing,
            "differing": [leg._asdict() for leg in each.differing],
        }
        with database_errors(), suppress(DuplicateKeyError):
            self._settlements.update_one(
                {**key, "status": {"$exists": False}}, {"$set": document}, upsert=True
            )

    def of_day(self, symbol: str, day: date) -> list[Settlement]:
        """Return what became of a symbol's settled chains of a day, by expiry."""
        return self._judged({"symbol": symbol, "day": midnight_utc(day)})

    def bad_since(self, symbols: Sequence[str], day: date) -> list[Settlement]:
        """Return the settled chains since a day that are missing or differ, by symbol and date."""
        since = {"symbol": {"$in": list(symbols)}, "day": {"$gte": midnight_utc(day)}}
        return [each for each in self._judged(since) if each.status != "matched"]

    def _judged(self, query: Document) -> list[Settlement]:
        with database_errors():
            rows = list(self._settlements.find(query))
        return judged(rows)


def _key(symbol: str, expiry: date, day: date) -> Document:
    return {"symbol": symbol, "day": midnight_utc(day), "expiry": midnight_utc(expiry)}


def judged(rows: Iterable[Document]) -> list[Settlement]:
    """Return those of these documents that tell a judgement, by symbol, day and expiry."""
    found = [_settlement(row) for row in rows if "status" in row]
    return sorted(found, key=lambda each: (each.symbol, each.day, each.expiry))


def _settlement(row: Document) -> Settlement:
    return Settlement(
        symbol=row["symbol"],
        expiry=row["expiry"].date(),
        day=row["day"].date(),
        checked_at=row["checked_at"],
        status=row["status"],
        legs=row["legs"],
        legs_differing=row["legs_differing"],
        contracts_differing=float(row["contracts_differing"]),  # older recorders stored a whole 0
        differing=tuple(LegDifference(**leg) for leg in row["differing"]),
    )
