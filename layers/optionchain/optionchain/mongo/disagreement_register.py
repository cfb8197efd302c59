"""Where two sources differ: one document for each check of a symbol."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from pymongo import ASCENDING
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from optionchain.exchange_time import expiry_text, midnight_utc
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import DISAGREEMENTS
from optionchain.mongo.newest_of_each import newest_of_each

# A check that was claimed, and of which nothing came yet or ever.
UNFINISHED = "unfinished"

type ComparedField = Literal["last_price", "open_interest", "implied_volatility"]


class DifferingContract(NamedTuple):
    """A contract of which two sources send different numbers for one moment."""

    identifier: str
    recorded: float
    other: float


class FieldComparison(NamedTuple):
    """How many contracts were compared in a field, and how many differ beyond its tolerance.

    `moved` contracts are not compared: their recorded value changed around the moment. `largest`
    are those that differ most.
    """

    field: ComparedField
    tolerance: float
    compared: int
    differing: int
    moved: int
    largest: tuple[DifferingContract, ...] = ()


class CrossComparison(NamedTuple):
    """What came of a check of one expiry.

    `at` is the beginning of the five minutes that the check is of. The body of the source `other`
    shows `moment`: its time stamp, else the time of its receipt. It was compared with the snapshots
    of the source `recorded` that were read at `before` and at `after`.
    """

    symbol: str
    at: datetime
    expiry: date
    recorded: str
    other: str
    moment: datetime
    before: datetime
    after: datetime
    fields: tuple[FieldComparison, ...]

    @property
    def differs(self) -> bool:
        """Tell whether any field differs in any contract."""
        return any(each.differing for each in self.fields)


class Checks(NamedTuple):
    """The checks of a symbol in start ≤ t ≤ end, of one expiry or (None) of all."""

    symbol: str
    start: datetime
    end: datetime
    expiry: date | None = None

    @property
    def query(self) -> Document:
        """Return the query for them."""
        query: Document = {"symbol": self.symbol, "at": {"$gte": self.start, "$lte": self.end}}
        return query | ({"expiry": midnight_utc(self.expiry)} if self.expiry else {})


class CheckOutcomes(NamedTuple):
    """How many checks compared anything, and how many did not, by reason."""

    compared: int
    failed: dict[str, int]


class DisagreementRegister:
    """The collection `disagreements`; raises StoreUnavailable if MongoDB does not answer.

    A check is claimed before it begins, so that one execution environment makes it.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._checks: Collection[Any] = database[DISAGREEMENTS]

    def claim(self, symbol: str, at: datetime, expiry: date) -> bool:
        """Claim a check of an expiry; return False if it was claimed before."""
        of_expiry = {"expiry": midnight_utc(expiry), "expiry_date": expiry_text(expiry)}
        with database_errors():
            try:
                self._checks.insert_one({"symbol": symbol, "at": at, **of_expiry})
            except DuplicateKeyError:
                return False
        return True

    def complete(self, comparison: CrossComparison) -> None:
        """Store what came of a check that was claimed."""
        document = comparison._asdict()
        key = {name: document.pop(name) for name in ("symbol", "at")}
        document |= {
            "expiry": midnight_utc(comparison.expiry),
            "expiry_date": expiry_text(comparison.expiry),
            "differs": comparison.differs,
            "fields": [
                each._asdict() | {"largest": [contract._asdict() for contract in each.largest]}
                for each in comparison.fields
            ],
        }
        with database_errors():
            self._checks.update_one(key, {"$set": document}, upsert=True)

    def fail(self, symbol: str, at: datetime, other: str, reason: str) -> None:
        """Store why nothing came of a check that was claimed."""
        with database_errors():
            self._checks.update_one(
                {"symbol": symbol, "at": at}, {"$set": {"other": other, "reason": reason}}
            )

    def differing(self, checks: Checks, most: int) -> list[CrossComparison]:
        """Return at most `most` of these checks that found a difference, by time."""
        query = checks.query | {"differs": True}
        with database_errors():
            rows = list(self._checks.find(query, sort=[("at", ASCENDING)], limit=most))
        return [comparison_of(row) for row in rows]

    def outcomes(self, checks: Checks) -> CheckOutcomes:
        """Return how many of these checks compared anything, and why the others did not."""
        columns = {"_id": False, "reason": True, "differs": True}
        with database_errors():
            return outcomes_of(list(self._checks.find(checks.query, columns)))

    def newest(self, symbols: Sequence[str], most: int) -> dict[str, list[CrossComparison]]:
        """Return the newest checks that compared anything, at most so many a symbol."""
        rows = newest_of_each(self._checks, "at", symbols, {"differs": {"$exists": True}}, most)
        return {symbol: [comparison_of(row) for row in found] for symbol, found in rows.items()}


def outcomes_of(rows: Sequence[Document]) -> CheckOutcomes:
    """Return how many of these documents compared anything, and why the others did not."""
    reasons = [row.get("reason", UNFINISHED) for row in rows if "differs" not in row]
    return CheckOutcomes(len(rows) - len(reasons), dict(sorted(Counter(reasons).items())))


def comparison_of(row: Document) -> CrossComparison:
    """Return the check of a document that compared anything."""
    fields = tuple(
        FieldComparison(
            **each | {"largest": tuple(DifferingContract(**leg) for leg in each["largest"])}
        )
        for each in row["fields"]
    )
    values = {name: row[name] for name in CrossComparison._fields}
    return CrossComparison(**values | {"expiry": row["expiry"].date(), "fields": fields})
