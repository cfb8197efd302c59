"""How long answers about a cold day take: from a folder, and from a store as far away as S3."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from pymongo.database import Database
from starlette.types import ASGIApp

from chain_api.app import create_app
from chain_api.dependencies import over
from optionchain.analytics import analytics_of
from optionchain.archive.document_rows import contract_row, document_row
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.layout import FileKind, manifest_key
from optionchain.archive.manifest import Manifest
from optionchain.archive.object_store import ObjectStore, StoredObject
from optionchain.market import Market
from optionchain.mongo.client import Document
from optionchain.mongo.documents import contract_documents, header_document
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import Settings
from tests.performance import sessions
from tests.performance.application import get
from tests.performance.measure import Figure, Ratio, Row, side_by_side
from tests.performance.sample_bodies import SampleBody, steady_body
from tests.support.archived_days import stored_file

type Rows = Iterator[dict[str, Any]]

SYMBOL = "NIFTY"
ROWS = 600_000
_DAY = sessions.LAST_DAY
_TICK = timedelta(seconds=5)
_RATE = 5.5
_ROUNDS = 15
# Between Lambda and S3 of one region, with a function of 512 MB.
_LATENCY, _BYTES_A_SECOND = 0.03, 60e6
_LONGEST_MS = 2_000.0
_HOT_LIMIT = 1.05
_CHAIN = f"/option-chain/{SYMBOL}"
_MOMENT = f"as_of={_DAY}T12:00:00"
_ASKED = {
    "chain of a cold day": f"{_CHAIN}?{_MOMENT}",
    "the same, five strikes around the money": f"{_CHAIN}?{_MOMENT}&strikes_around_atm=5",
    "the same with Greeks": f"{_CHAIN}?{_MOMENT}&greeks=true",
    "analytics of a cold day": f"{_CHAIN}/analytics?{_MOMENT}",
    "changes of a cold day": f"{_CHAIN}/changes?from={_DAY}T10:00:00&to={_DAY}T12:00:00",
}


class DistantStore(FolderStore):
    """A folder that answers as late as S3, and whose files have to be copied."""

    def local_path(self, key: str) -> None:
        """Return no path: no file is here."""

    def read(self, key: str) -> StoredObject | None:
        """Return an object after the latency."""
        time.sleep(_LATENCY)
        return super().read(key)

    def download(self, key: str, path: Path) -> bool:
        """Copy an object as fast as a network does."""
        found = super().download(key, path)
        time.sleep(_LATENCY + (path.stat().st_size / _BYTES_A_SECOND if found else 0))
        return found


def rows(runner: asyncio.Runner, database: Database[Document]) -> Iterator[Row]:
    """Yield how long each answer takes; the database has nothing of the day."""
    with TemporaryDirectory() as folder:
        near = FolderStore(Path(folder))
        _archive(near, steady_body())
        yield _hot(runner, database, near)
        for name, store in (
            ("S3", DistantStore(Path(folder))),
            ("folder", near),
        ):
            app = _application(database, store)
            first = f"{next(iter(_ASKED))}, its first request ({name}, {ROWS:,} rows)"
            yield Figure(
                first, milliseconds(runner, app, _ASKED["chain of a cold day"]), _LONGEST_MS
            )
            for question, target in _ASKED.items():
                times = [milliseconds(runner, app, target) for _ in range(_ROUNDS)]
                yield Figure(f"{question} ({name}, warm)", median(times), _LONGEST_MS)


def _hot(runner: asyncio.Runner, database: Database[Document], store: ObjectStore) -> Ratio:
    """Return what an answer about a day of the database costs because there is an archive."""
    first = sessions.first_snapshot(steady_body())
    snapshot = next(sessions.snapshots(SYMBOL, _DAY, first))
    SnapshotWriter(database).commit(Commit(snapshot))
    now, target = snapshot.fetched_at + timedelta(days=10), f"{_CHAIN}?as_of={_DAY}T15:00:00"
    settings = Settings(log_level="ERROR")
    plain, both = (
        create_app(over(database, settings, lambda: now, archive=archive))
        for archive in (None, store)
    )
    row = side_by_side(
        "GET as-of of a day in the database, with an archive / without",
        lambda _: runner.run(get(both, target)),
        lambda _: runner.run(get(plain, target)),
        _HOT_LIMIT,
    )
    for collection in database.list_collection_names():
        database[collection].delete_many({})
    return row


def _application(database: Database[Document], store: ObjectStore) -> ASGIApp:
    now = datetime.combine(_DAY, datetime.min.time(), UTC) + timedelta(days=60)
    return create_app(over(database, Settings(log_level="ERROR"), lambda: now, archive=store))


def milliseconds(runner: asyncio.Runner, app: ASGIApp, target: str) -> float:
    """Return how long an answer takes."""
    started = time.perf_counter()
    runner.run(get(app, target))
    return (time.perf_counter() - started) * 1e3


def _archive(store: ObjectStore, body: SampleBody) -> None:
    """Write a session of one expiry, whose snapshots repeat after some hours."""
    kept = list(sessions.snapshots(SYMBOL, _DAY, sessions.first_snapshot(body)))
    opens = Market().sessions(_DAY)[0].opens.astimezone(UTC)
    legs = len(kept[0].quotes)
    ticks = [opens + _TICK * number for number in range(ROWS // legs)]
    contracts = [contract_documents(snapshot) for snapshot in kept]
    headers = [header_document(each, analytics=analytics_of(each, _RATE)) for each in kept]
    rows_of: dict[FileKind, Rows] = {
        "contracts": _contract_rows(contracts, ticks, legs),
        "headers": _header_rows(headers, ticks),
        "ticks": iter(()),
        "records": iter(()),
    }
    files = {kind: stored_file(store, SYMBOL, _DAY, kind, each) for kind, each in rows_of.items()}
    manifest = Manifest(SYMBOL, _DAY, 1, ticks[-1], ("nse",), files, (kept[0].expiry,))
    store.replace(manifest_key(SYMBOL, _DAY), manifest.to_json(), None)


def _contract_rows(contracts: list[Any], ticks: list[datetime], legs: int) -> Rows:
    """Yield the rows of each contract by tick, contract after contract."""
    for leg in range(legs):
        for tick, documents in zip(ticks, cycle(contracts), strict=False):
            yield contract_row(documents[leg] | {"fetched_at": tick})


def _header_rows(headers: list[Any], ticks: list[datetime]) -> Rows:
    for tick, header in zip(ticks, cycle(headers), strict=False):
        yield document_row("headers", header | {"fetched_at": tick, "last_seen_at": tick})
