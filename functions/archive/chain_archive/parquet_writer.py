"""Writes rows into a Parquet file. The same rows give the same bytes."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

from arro3.core import RecordBatch, RecordBatchReader
from arro3.io import write_parquet

from chain_archive.parquet_joiner import ParquetJoiner
from chain_archive.record_batches import Row, row_batches, schema_of
from optionchain.archive.columns import COLUMNS, DOCUMENT, ORDER
from optionchain.archive.layout import FileKind

# Ten times as slow as level 9, level 19 saves 4 %.
_COMPRESSION = "zstd(9)"
# A reader decompresses whole pages: a contract's day is in one or two of those of its expiry.
_ROWS_IN_PAGE = 8_192
_MOST_ROWS_IN_GROUP = 131_072
_NO_LIMIT = 1 << 30  # bytes
# A document is a hundred times as large as a contract's row: what is held at once is bounded in
# bytes, because a reader decompresses whole pages, and arro3 holds whole row groups.
_PAGE_OF_DOCUMENTS = 4 << 20
_DOCUMENTS_BETWEEN_LOOKS = 16
_GROUP_OF_DOCUMENTS = 16 << 20
_PAGES_OF_DOCUMENTS = {
    "data_page_size_limit": _PAGE_OF_DOCUMENTS,
    "write_batch_size": _DOCUMENTS_BETWEEN_LOOKS,
}

# How columns are written whose values seldom come again in a contract's day; the others have a
# dictionary. Each is what took the least space of all that a column can have, measured on a day.
_SEPARATE_BYTES = dict.fromkeys(
    (
        "open_interest",
        "change_in_oi",
        "total_traded_volume",
        "last_price",
        "change",
        "bid_price",
        "ask_price",
    ),
    "byte_stream_split",
)
_PLAIN = dict.fromkeys(("pchange", "pchange_in_oi", DOCUMENT), "plain")
_DIFFERENCES = dict.fromkeys(
    ("fetched_at", "exchange_timestamp", "last_seen_at", "tick", "claimed_at"),
    "delta_binary_packed",
)
_ENCODINGS = _SEPARATE_BYTES | _PLAIN | _DIFFERENCES


def write_rows(path: Path, kind: FileKind, rows: Iterable[Row]) -> None:
    """Write rows, which are in order already, into a file; one at this path is replaced."""
    write_batches(path, kind, row_batches(kind, rows))


def write_batches(path: Path, kind: FileKind, batches: Iterable[RecordBatch]) -> None:
    """Write batches of rows, which are in order already, into a file.

    Contracts of two expiries are in no batch together, and in no row group. Raises OSError if the
    disk is full.
    """
    with path.open("wb") as file:
        joiner = ParquetJoiner(file, statistics={*ORDER[kind], "identifier"})
        for part in _parts(kind, batches):
            joiner.add(part)
        joiner.close()


def _parts(kind: FileKind, batches: Iterable[RecordBatch]) -> Iterator[bytes]:
    """Yield a Parquet file for each expiry of contracts, and for so many bytes of documents."""
    empty = True
    for _, some in groupby(batches, _expiry if kind == "contracts" else _Portions().number):
        empty = False
        yield _part(kind, some)
    if empty:
        yield _part(kind, ())


def _part(kind: FileKind, batches: Iterable[RecordBatch]) -> bytes:
    content = BytesIO()
    with _errors_of(batches) as source:
        stream = RecordBatchReader.from_batches(schema_of(kind), source)
        write_parquet(stream, content, **_options(kind))
    return content.getvalue()


def _options(kind: FileKind) -> dict[str, Any]:
    encodings = {each: how for each, how in _ENCODINGS.items() if each in COLUMNS[kind]}
    return {
        "compression": _COMPRESSION,
        "column_encoding": encodings,
        "column_dictionary_enabled": dict.fromkeys(encodings, False),
        "max_row_group_size": _MOST_ROWS_IN_GROUP,
        "data_page_row_count_limit": _ROWS_IN_PAGE,
        "data_page_size_limit": _NO_LIMIT,
        "dictionary_page_size_limit": _NO_LIMIT,
        **(_PAGES_OF_DOCUMENTS if DOCUMENT in COLUMNS[kind] else {}),
    }


class _Portions:
    """Numbers batches of documents by the row group that they go into."""

    def __init__(self) -> None:
        self._number = self._bytes = 0

    def number(self, batch: RecordBatch) -> int:
        """Return the number of a batch, which is to be the next one in order."""
        size = batch.nbytes
        if self._bytes and self._bytes + size > _GROUP_OF_DOCUMENTS:
            self._number, self._bytes = self._number + 1, 0
        self._bytes += size
        return self._number


@contextmanager
def _errors_of(batches: Iterable[RecordBatch]) -> Iterator[Iterator[RecordBatch]]:
    """Give the batches on, and raise what they raise: arro3 makes an Exception of its text."""
    errors = []

    def guarded() -> Iterator[RecordBatch]:
        try:
            yield from batches
        except BaseException as error:
            errors.append(error)
            raise

    try:
        yield guarded()
    except Exception:
        if errors:
            raise errors[0] from None
        raise


def _expiry(batch: RecordBatch) -> object:
    return batch.column("expiry").slice(0, 1).to_pylist()
