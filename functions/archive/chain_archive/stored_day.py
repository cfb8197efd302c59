"""A symbol's day as MongoDB has it: its committed snapshots, its ticks, and what else is of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from chain_archive.bson_arrays import find_as_array
from chain_archive.contract_batches import ContractBatch, ContractBatches
from chain_archive.patience import Patience
from chain_archive.record_batches import milliseconds
from optionchain.errors import SnapshotIncomplete
from optionchain.exchange_time import IST, ist_text
from optionchain.mongo.client import Document, naive_collection
from optionchain.mongo.deletion_register import DeletionRegister
from optionchain.mongo.documents import source_of
from optionchain.mongo.indexes import CONTRACTS, OF_DAYS, SNAPSHOTS, TICKS

# A document of a contract is 0.6 KB as BSON and 3 KB in memory. A header is up to 10 KB.
_AT_ONCE = 2_048
_DOCUMENTS_AT_ONCE = 256
_DAY = timedelta(days=1)


class Committed(NamedTuple):
    """What a header commits: so many contracts of an expiry at a tick. Datetimes are naive, UTC."""

    expiry: datetime
    fetched_at: datetime
    contracts: int
    source: str


class StoredDay:
    """Reads a symbol's day in India; raises StoreUnavailable.

    Every query returns at most some thousand documents, so that it can be repeated as a whole: a
    cursor does not outlive a change of the primary.
    """

    def __init__(
        self, database: Database[Document], symbol: str, day: date, patience: Patience
    ) -> None:
        raw: CodecOptions[Any] = CodecOptions(RawBSONDocument)
        self.symbol, self.day = symbol, day
        self.start, self.end = bounds(day)
        self._patience = patience
        self._database = database
        self._headers = naive_collection(database, SNAPSHOTS)
        self._ticks = naive_collection(database, TICKS)
        self._raw_headers: Any = database.get_collection(SNAPSHOTS, codec_options=raw)
        self._raw_ticks: Any = database.get_collection(TICKS, codec_options=raw)

    def committed(self) -> list[Committed]:
        """Return what the day's headers commit, by expiry and tick."""
        query = {"symbol": self.symbol, "fetched_at": {"$gte": self.start, "$lt": self.end}}
        names = ("expiry", "fetched_at", "calls", "puts", "source")
        columns = {"_id": False, **dict.fromkeys(names, True)}
        find = partial(self._headers.find, query, columns, batch_size=100_000)
        rows = self._patience.of(lambda: list(find()))
        return sorted(
            Committed(row["expiry"], row["fetched_at"], row["calls"] + row["puts"], source_of(row))
            for row in rows
        )

    def contracts(self, committed: Sequence[Committed]) -> Iterator[tuple[datetime, ContractBatch]]:
        """Yield the contracts of these snapshots by expiry, in the order of their ticks.

        Documents without a header are left out. Raises SnapshotIncomplete if a snapshot has another
        number of contracts than its header commits.
        """
        for expiry, of_expiry in groupby(committed, attrgetter("expiry")):
            reader = ContractBatches()
            for some in _portions(of_expiry):
                data = self._patience.of(partial(self._find_contracts, some))
                ticks = {milliseconds(each.fetched_at): each for each in some}
                found = reader.read(data, ticks)
                self._check_whole(ticks, Counter(found.times))
                yield expiry, found

    def headers(self, committed: Sequence[Committed]) -> Iterator[bytes]:
        """Yield the BSON of each header, without its `_id`, in order of expiry and tick."""
        for expiry, of_expiry in groupby(committed, attrgetter("expiry")):
            ticks = [each.fetched_at for each in of_expiry]
            key = {"symbol": self.symbol, "expiry": expiry}
            yield from self._raw(self._raw_headers, key, "fetched_at", ticks)

    def ticks(self) -> Iterator[bytes]:
        """Yield the BSON of each tick of the ledger, without its `_id`, in order."""
        query = {"symbol": self.symbol, "tick": {"$gte": self.start, "$lt": self.end}}
        find = partial(self._ticks.find, query, {"_id": False, "tick": True}, batch_size=100_000)
        rows = self._patience.of(lambda: list(find()))
        ticks = sorted(row["tick"] for row in rows)
        yield from self._raw(self._raw_ticks, {"symbol": self.symbol}, "tick", ticks)

    def _find_contracts(self, some: Sequence[Committed]) -> bytes:
        # The documents of an expiry lie in order of time, so each page of the server is read once.
        query = {
            "symbol": self.symbol,
            "expiry": some[0].expiry,
            "fetched_at": {"$gte": some[0].fetched_at, "$lte": some[-1].fetched_at},
        }
        return find_as_array(self._database, CONTRACTS, query, {"fetched_at": ASCENDING})

    def _check_whole(self, ticks: Mapping[int, Committed], counts: Mapping[int, int]) -> None:
        for tick, each in ticks.items():
            if counts[tick] != each.contracts:
                raise SnapshotIncomplete(
                    f"The snapshot {self.symbol} {each.expiry:%Y-%m-%d} of "
                    f"{ist_text(each.fetched_at.replace(tzinfo=UTC))} has {counts[tick]} of "
                    f"{each.contracts} contracts"
                )

    def _raw(
        self, collection: Collection[Any], key: Document, name: str, instants: Sequence[datetime]
    ) -> Iterator[bytes]:
        for first in range(0, len(instants), _DOCUMENTS_AT_ONCE):
            some = instants[first : first + _DOCUMENTS_AT_ONCE]
            query = {**key, name: {"$gte": some[0], "$lte": some[-1]}}
            find = partial(collection.find, query, {"_id": False}, sort=[(name, ASCENDING)])
            yield from self._patience.of(partial(_bytes_of, find))


def _bytes_of(find: Callable[[], Iterable[Any]]) -> list[bytes]:
    return [document.raw for document in find()]


def bounds(day: date) -> tuple[datetime, datetime]:
    """Return when a day in India begins and when the next one begins, UTC."""
    start = datetime.combine(day, time.min, IST).astimezone(UTC)
    return start, start + _DAY


def whole_from(database: Database[Document]) -> date:
    """Return the first day of which MongoDB has never deleted anything; raise StoreUnavailable.

    It deletes by its own clock, whatever time is simulated.
    """
    return DeletionRegister(database).note(OF_DAYS, datetime.now(UTC))


def _portions(of_expiry: Iterator[Committed]) -> Iterator[list[Committed]]:
    """Yield snapshots in portions that are read at once."""
    some: list[Committed] = []
    size = 0
    for each in of_expiry:
        if some and size + each.contracts > _AT_ONCE:
            yield some
            some, size = [], 0
        some.append(each)
        size += each.contracts
    if some:
        yield some
