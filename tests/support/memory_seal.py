"""Seals a day of a database in memory, which cannot give the raw documents that a sealer reads."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chain_archive.day_records import records_of
from chain_archive.parquet_writer import write_rows
from chain_archive.stored_day import bounds
from optionchain.archive.columns import COLUMNS, ORDER
from optionchain.archive.document_rows import contract_row, document_row
from optionchain.archive.layout import FILE_KINDS, FileKind, file_key, manifest_key
from optionchain.archive.manifest import ArchivedFile, Manifest
from optionchain.archive.object_store import ObjectStore
from optionchain.mongo.documents import source_of
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS
from tests.support.mongomock_database import AnyDatabase

type Rows = Iterable[dict[str, Any]]


def seal_in_memory(database: AnyDatabase, store: ObjectStore, symbol: str, day: date) -> Manifest:
    """Put a day into a store, without a check."""
    start, end = bounds(day)
    of_day = {"symbol": symbol, "fetched_at": {"$gte": start, "$lt": end}}
    headers = list(database[SNAPSHOTS].find(of_day))
    ticks = database[TICKS].find({"symbol": symbol, "tick": of_day["fetched_at"]})
    rows: dict[FileKind, Rows] = {
        "contracts": map(contract_row, database[CONTRACTS].find(of_day)),
        "headers": (document_row("headers", each) for each in headers),
        "ticks": (document_row("ticks", each) for each in ticks),
        "records": (
            document_row("records", each.document) | {"collection": each.collection}
            for each in records_of(database, symbol, day)
        ),
    }
    manifest = Manifest(
        symbol=symbol,
        day=day,
        version=1,
        sealed_at=datetime.now(UTC),
        sources=tuple(sorted({source_of(header) for header in headers})),
        files={kind: _stored(store, symbol, day, kind, rows[kind]) for kind in FILE_KINDS},
        expiries=tuple(sorted({header["expiry"].date() for header in headers})),
    )
    assert store.replace(manifest_key(symbol, day), manifest.to_json(), None)
    return manifest


def _stored(store: ObjectStore, symbol: str, day: date, kind: FileKind, rows: Rows) -> ArchivedFile:
    ordered = sorted(rows, key=lambda row: tuple(row[name] for name in ORDER[kind]))
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{kind}.parquet"
        write_rows(path, kind, ordered)
        digest = sha256(path.read_bytes()).hexdigest()
        key = file_key(symbol, day, kind, digest)
        store.upload(key, path)
        columns = dict.fromkeys(COLUMNS[kind], "0" * 32)
        return ArchivedFile(key, path.stat().st_size, digest, len(ordered), columns)
