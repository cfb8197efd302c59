"""Puts the contracts of a symbol's day into the order of the archive, in bounded memory.

They come in the order of time, and go by expiry, strike, side and time. In between they lie in a
temporary file, expiry by expiry.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from itertools import accumulate, chain
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, NamedTuple, Self

from arro3.core import Array, DataType, RecordBatch, Table
from arro3.io import read_ipc_stream, write_ipc_stream

from chain_archive.contract_batches import ContractBatch
from chain_archive.record_batches import ROWS_IN_BATCH, record_batch
from optionchain.archive.document_rows import contract_columns

type _Document = Mapping[str, Any]
type _Leg = tuple[Any, Any]
type _Rows = array[int]

# A document is 2 to 3 KB in memory, a row 0.2 KB.
_MOST_PENDING = 8_192
_MOST_SORTED_AT_ONCE = 65_536


class _Part(NamedTuple):
    """Where a batch lies in the temporary file."""

    start: int
    size: int
    rows: int


class _Expiry:
    """The contracts of one expiry: where their batches lie, and which rows each contract has."""

    def __init__(self) -> None:
        self.pending: list[_Document] = []
        self.parts: list[_Part] = []
        self.rows = 0
        self.legs: defaultdict[_Leg, _Rows] = defaultdict(lambda: array("I"))
        self.newest: Any = None


class RowSorter:
    """Takes documents in the order of time, and gives each out once, as rows in batches.

    `rows` is how many it was given. Raises ValueError for documents that are not in the order of
    time within their expiry, and OSError if the disk is full.
    """

    def __init__(self, folder: Path) -> None:
        self.rows = 0
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115  (closed at the end of `with`)
        self._expiries: defaultdict[datetime, _Expiry] = defaultdict(_Expiry)
        self._pending = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, documents: Sequence[_Document]) -> None:
        """Add contracts; they may be of several snapshots and expiries."""
        self.rows += len(documents)
        self._pending += len(documents)
        for document in documents:
            self._expiries[document["expiry"]].pending.append(document)
        if self._pending >= _MOST_PENDING:
            self._write_pending()

    def add_batch(self, expiry: datetime, part: ContractBatch) -> None:
        """Add contracts of one expiry that are rows already; then all of it must be."""
        self.rows += len(part.times)
        if part.times:
            self._store(self._expiries[expiry], part.rows, part.times, part.legs)

    def batches(self) -> Iterator[RecordBatch]:
        """Yield all rows in order; no batch has rows of two expiries."""
        self._write_pending()
        for expiry in sorted(self._expiries):
            yield from self._sorted(self._expiries[expiry])

    def _write_pending(self) -> None:
        for expiry in self._expiries.values():
            if expiry.pending:
                self._write(expiry)
                expiry.pending = []
        self._pending = 0

    def _write(self, expiry: _Expiry) -> None:
        documents = expiry.pending
        columns = contract_columns(documents)
        times = [document["fetched_at"] for document in documents]
        legs = zip(columns["strike_price"], columns["type"], strict=True)
        self._store(expiry, record_batch("contracts", columns), times, legs)

    def _store(
        self, expiry: _Expiry, batch: RecordBatch, times: Sequence[Any], legs: Iterable[_Leg]
    ) -> None:
        if times != sorted(times) or (expiry.newest and times[0] < expiry.newest):
            raise ValueError("the contracts of an expiry must come in the order of time")
        expiry.newest = times[-1]
        for row, leg in enumerate(legs, expiry.rows):
            expiry.legs[leg].append(row)
        content = BytesIO()
        write_ipc_stream(batch, content)
        start = self._file.seek(0, 2)
        self._file.write(content.getvalue())
        expiry.parts.append(_Part(start, content.tell(), len(times)))
        expiry.rows += len(times)

    def _sorted(self, expiry: _Expiry) -> Iterator[RecordBatch]:
        for run in _runs(expiry):
            wanted = None if len(run) == expiry.rows else sorted(run)
            rows = self._read(expiry, wanted)
            order = run if wanted is None else _places(run, wanted)
            for start in range(0, len(order), ROWS_IN_BATCH):
                places = order[start : start + ROWS_IN_BATCH]
                yield rows.take(Array(places, DataType.uint32()))
            del rows  # before the next ones are read: memory is for one run at a time

    def _read(self, expiry: _Expiry, wanted: Sequence[int] | None) -> RecordBatch:
        """Return an expiry's rows in the order in which they came: all, or those wanted."""
        found = []
        first = 0
        for part in expiry.parts:
            batch = self._read_part(part)
            if wanted is not None:
                end = bisect_left(wanted, first + part.rows)
                places = [row - first for row in wanted[bisect_left(wanted, first) : end]]
                batch = batch.take(Array(places, DataType.uint32()))
            found.append(batch)
            first += part.rows
        (rows,) = Table.from_batches(found).combine_chunks().to_batches()
        return rows

    def _read_part(self, part: _Part) -> RecordBatch:
        self._file.seek(part.start)
        return read_ipc_stream(BytesIO(self._file.read(part.size))).read_next_batch()


def _runs(expiry: _Expiry) -> Iterator[_Rows]:
    """Yield the numbers of an expiry's rows in order, so many at once as memory allows."""
    legs = sorted(expiry.legs, key=_nulls_last)
    ends = accumulate(len(expiry.legs[leg]) for leg in legs)
    runs: defaultdict[int, list[_Rows]] = defaultdict(list)
    for leg, end in zip(legs, ends, strict=True):
        runs[(end - 1) // _MOST_SORTED_AT_ONCE].append(expiry.legs[leg])
    for run in runs.values():
        yield array("I", chain.from_iterable(run))


def _places(rows: _Rows, wanted: Sequence[int]) -> _Rows:
    """Return at which place each of the rows is among those wanted."""
    place = {row: place for place, row in enumerate(wanted)}
    return array("I", map(place.__getitem__, rows))


def _nulls_last(leg: _Leg) -> tuple[Any, ...]:
    return tuple((value is None, 0 if value is None else value) for value in leg)
