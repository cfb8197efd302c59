"""Writes days of a database in memory into an archive. A sealer needs a real server."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from hashlib import file_digest
from itertools import count
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from chain_archive.parquet_writer import write_rows
from optionchain.archive.columns import COLUMNS, ORDER
from optionchain.archive.document_rows import contract_row, document_row
from optionchain.archive.layout import FileKind, file_key, manifest_key
from optionchain.archive.manifest import ArchivedFile, Manifest
from optionchain.archive.object_store import ObjectStore
from optionchain.exchange_time import IST
from optionchain.mongo.documents import source_of
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS
from tests.support.mongomock_database import AnyDatabase


def archive_day(database: AnyDatabase, store: ObjectStore, symbol: str, day: date) -> None:
    """Write what is stored of a symbol's day; it has no other records."""
    start = datetime.combine(day, time.min, IST).astimezone(UTC)
    within = {"$gte": start, "$lt": start + timedelta(days=1)}
    of_day = {"symbol": symbol, "fetched_at": within}
    headers = list(database[SNAPSHOTS].find(of_day))
    ticks = list(database[TICKS].find({"symbol": symbol, "tick": within}))
    rows: dict[FileKind, list[dict[str, Any]]] = {
        "contracts": [contract_row(each) for each in database[CONTRACTS].find(of_day)],
        "headers": [document_row("headers", each) for each in headers],
        "ticks": [document_row("ticks", each) for each in ticks],
        "records": [],
    }
    files = {
        kind: stored_file(store, symbol, day, kind, sorted(found, key=itemgetter(*ORDER[kind])))
        for kind, found in rows.items()
    }
    expiries = tuple(sorted({header["expiry"].date() for header in headers}))
    sources = tuple(sorted({source_of(header) for header in headers}))
    manifest = Manifest(symbol, day, 1, datetime.now(UTC), sources, files, expiries)
    assert store.replace(manifest_key(symbol, day), manifest.to_json(), None)


def stored_file(
    store: ObjectStore, symbol: str, day: date, kind: FileKind, rows: Iterable[dict[str, Any]]
) -> ArchivedFile:
    """Write rows, which are in order already, into a file of an archive."""
    with TemporaryDirectory() as folder:
        path, counted = Path(folder) / "rows.parquet", count()
        write_rows(path, kind, (row for row, _ in zip(rows, counted, strict=False)))
        with path.open("rb") as content:
            digest = file_digest(content, "sha256").hexdigest()
        key = file_key(symbol, day, kind, digest)
        store.upload(key, path)
        columns = dict.fromkeys(COLUMNS[kind], "")
        return ArchivedFile(key, path.stat().st_size, digest, next(counted), columns)
