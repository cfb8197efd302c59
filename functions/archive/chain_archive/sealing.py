"""Seals a symbol's day: reads it from MongoDB, writes its files, and then the manifest."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pymongo.database import Database

from chain_archive.parquet_writer import write_rows
from chain_archive.record_batches import Row
from optionchain.archive.columns import COLUMNS, ORDER
from optionchain.archive.document_rows import contract_row, document_row
from optionchain.archive.layout import FILE_KINDS, FileKind, file_key, manifest_key
from optionchain.archive.manifest import ArchivedFile, Manifest
from optionchain.archive.object_store import ObjectStore
from optionchain.exchange_time import IST, midnight_utc
from optionchain.mongo.client import Document
from optionchain.mongo.documents import source_of
from optionchain.mongo.indexes import (
    CONTRACT_TERMS,
    CONTRACTS,
    DISAGREEMENTS,
    DUTIES,
    LISTINGS,
    SETTLEMENTS,
    SNAPSHOTS,
    TICKS,
)

_DAY = timedelta(days=1)


def seal(
    database: Database[Document],
    store: ObjectStore,
    symbol: str,
    day: date,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Manifest | None:
    """Seal a symbol's day in India; return its manifest, None if nothing is stored of it."""
    start = datetime.combine(day, time.min, IST).astimezone(UTC)
    within = {"$gte": start, "$lt": start + _DAY}
    headers = list(database[SNAPSHOTS].find({"symbol": symbol, "fetched_at": within}))
    ticks = list(database[TICKS].find({"symbol": symbol, "tick": within}))
    if not headers and not ticks:
        return None
    rows: dict[FileKind, Iterable[Row]] = {
        "contracts": _contract_rows(database, symbol, headers),
        "headers": [document_row("headers", each) for each in headers],
        "ticks": [document_row("ticks", each) for each in ticks],
        "records": list(_records(database, symbol, day, start)),
    }
    key = manifest_key(symbol, day)
    before = store.read(key)
    with TemporaryDirectory(prefix="optionchain-seal-") as folder:
        files = {
            kind: _store_file(store, Path(folder), symbol, day, kind, _sorted(kind, rows[kind]))
            for kind in FILE_KINDS
        }
    sources = tuple(sorted({source_of(header) for header in headers}))
    version = Manifest.from_json(before.data, key).version + 1 if before else 1
    expiries = tuple(sorted({header["expiry"].date() for header in headers}))
    manifest = Manifest(symbol, day, version, now(), sources, files, expiries)
    store.replace(key, manifest.to_json(), before.tag if before else None)
    return manifest


def _store_file(
    store: ObjectStore, folder: Path, symbol: str, day: date, kind: FileKind, rows: list[Row]
) -> ArchivedFile:
    path = folder / f"{kind}.parquet"
    write_rows(path, kind, rows)
    with path.open("rb") as content:
        digest = file_digest(content, "sha256").hexdigest()
    key = file_key(symbol, day, kind, digest)
    store.upload(key, path)
    columns = dict.fromkeys(COLUMNS[kind], "")
    return ArchivedFile(key, path.stat().st_size, digest, len(rows), columns)


def _sorted(kind: FileKind, rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: tuple(row[name] for name in ORDER[kind]))


def _contract_rows(
    database: Database[Document], symbol: str, headers: list[Document]
) -> Iterable[Row]:
    for header in headers:
        key = {"symbol": symbol, "expiry": header["expiry"], "fetched_at": header["fetched_at"]}
        yield from map(contract_row, database[CONTRACTS].find(key))


def _records(
    database: Database[Document], symbol: str, day: date, start: datetime
) -> Iterable[Row]:
    """Return what else the answers about a day need, of the collections that have it."""
    end, midnight = start + _DAY, midnight_utc(day)
    last = database[LISTINGS].find_one(
        {"symbol": symbol, "since": {"$lt": start}}, sort=[("since", -1)]
    )
    since = last["since"] if last else start
    queries: dict[str, dict[str, Any]] = {
        LISTINGS: {"symbol": symbol, "since": {"$gte": since, "$lt": end}},
        DUTIES: {"symbols": symbol, "since": {"$gte": start - _DAY, "$lt": end}},
        SETTLEMENTS: {"symbol": symbol, "day": midnight},
        DISAGREEMENTS: {"symbol": symbol, "at": {"$gte": start, "$lt": end}},
        CONTRACT_TERMS: {
            "symbol": symbol,
            "day": {"$gte": midnight - 8 * _DAY, "$lte": midnight},
        },
    }
    for collection, query in queries.items():
        for document in database[collection].find(query):
            yield document_row("records", document) | {"collection": collection}
