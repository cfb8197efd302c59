"""How long a month of a contract and of analytics take, from the archive and from the database."""

from asyncio import Runner
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from pymongo.database import Database
from starlette.types import ASGIApp

from chain_api.app import create_app
from chain_api.dependencies import over
from optionchain.analytics import analytics_of
from optionchain.archive.document_rows import contract_row, document_row
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.layout import FileKind, manifest_key
from optionchain.archive.manifest import Manifest
from optionchain.archive.object_store import ObjectStore
from optionchain.mongo.client import Document
from optionchain.mongo.documents import contract_documents, header_document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, Indexes
from optionchain.settings import Settings
from tests.performance import sessions
from tests.performance.application import get
from tests.performance.cold_reads import DistantStore, milliseconds
from tests.performance.measure import Figure, Row, side_by_side
from tests.performance.sample_bodies import steady_body
from tests.support.archived_days import stored_file

SYMBOL = "NIFTY"
DAYS = 21
_RATE = 5.5
# Each is asked for in its turn, so that no answer is kept.
_STRIKES = 12
_ROUNDS = range(-4, 40)
_LONGEST_MS = 2_000.0


class Month(NamedTuple):
    """The snapshots of a session, which all days of the month repeat, and its days."""

    contracts: list[list[Any]]
    headers: list[Any]
    days: list[date]

    def at(self, day: date) -> Iterator[tuple[datetime, list[Any], Any]]:
        """Yield the tick, the contracts and the header of each snapshot of a day."""
        yield from zip(
            sessions.moments(day), cycle(self.contracts), cycle(self.headers), strict=False
        )


def rows(runner: Runner, hot: Database[Document], empty: Database[Document]) -> Iterator[Row]:
    """Yield what a page costs from the archive, compared with the database."""
    month = month_of_sessions()
    with TemporaryDirectory() as folder:
        near = FolderStore(Path(folder))
        for day in month.days:
            archive_day(near, month, day)
        _store(hot, month)
        expiry = month.headers[0]["expiry_date"]
        within = f"from={month.days[0]}&to={month.days[-1]}&expiry={expiry}"
        chain = f"/option-chain/{SYMBOL}"
        strikes = [row["strike_price"] for row in islice(month.contracts[0], 0, None, 2)]
        turns = cycle(strikes[:_STRIKES])
        asked: dict[str, Callable[[], str]] = {
            "1,000 rows of a contract's month": lambda: (
                f"{chain}/history?strike={next(turns)}&option_type=CE&limit=1000&{within}"
            ),
            "all rows of a contract's month": lambda: (
                f"{chain}/history?strike={next(turns)}&option_type=CE&limit=10000&{within}"
            ),
            "a month of analytics": lambda: f"{chain}/analytics/history?limit=10000&{within}",
            "PCR of a month by the day": lambda: (
                f"{chain}/analytics/history?metric=pcr_oi&interval=1d&{within}"
            ),
        }
        for name, target in asked.items():
            distant = application_over(empty, DistantStore(Path(folder)))
            first = milliseconds(runner, distant, target())
            yield Figure(f"{name}, first request (S3)", first, _LONGEST_MS)
        both = application_over(hot, None), application_over(empty, near)
        for name, target in asked.items():
            yield side_by_side(
                f"{name}: from the archive / from the database",
                partial(_ask, runner, both[1], target),
                partial(_ask, runner, both[0], target),
                None,
                rounds=_ROUNDS,
            )


def _ask(runner: Runner, app: ASGIApp, target: Callable[[], str], _: int) -> None:
    runner.run(get(app, target()))


def month_of_sessions() -> Month:
    """Return the month: 21 days of 250 snapshots of one expiry."""
    first = sessions.first_snapshot(steady_body())
    kept = list(sessions.snapshots(SYMBOL, sessions.LAST_DAY, first))
    headers = [header_document(each, analytics=analytics_of(each, _RATE)) for each in kept]
    return Month([contract_documents(each) for each in kept], headers, sessions.days()[-DAYS:])


def archive_day(store: ObjectStore, month: Month, day: date) -> None:
    """Write the files and the manifest of a day."""
    snapshots = list(month.at(day))
    legs = range(len(month.contracts[0]))
    rows_of: dict[FileKind, Iterator[dict[str, Any]]] = {
        "contracts": (
            contract_row(contracts[leg] | {"fetched_at": tick})
            for leg in legs
            for tick, contracts, _ in snapshots
        ),
        "headers": (
            document_row("headers", header | {"fetched_at": tick, "last_seen_at": tick})
            for tick, _, header in snapshots
        ),
        "ticks": iter(()),
        "records": iter(()),
    }
    files = {kind: stored_file(store, SYMBOL, day, kind, each) for kind, each in rows_of.items()}
    expiry = month.headers[0]["expiry"].date()
    manifest = Manifest(SYMBOL, day, 1, snapshots[-1][0], ("nse",), files, (expiry,))
    store.replace(manifest_key(SYMBOL, day), manifest.to_json(), None)


def _store(database: Database[Document], month: Month) -> None:
    """Write the headers, and the contracts that are asked for."""
    Indexes(database, retention_days=3_650).ensure()
    for day in month.days:
        headers, contracts = [], []
        for tick, rows, header in month.at(day):
            headers.append({**header, "fetched_at": tick, "last_seen_at": tick})
            contracts += [{**row, "fetched_at": tick} for row in rows[: 2 * _STRIKES]]
        database[SNAPSHOTS].insert_many(headers)
        database[CONTRACTS].insert_many(contracts)


def application_over(database: Database[Document], archive: ObjectStore | None) -> ASGIApp:
    """Return the API two months later; with an archive the database has nothing of the month."""
    midnight = datetime.combine(sessions.LAST_DAY, datetime.min.time(), UTC)
    settings = Settings(log_level="ERROR", retention_days=1 if archive else 3_650)
    now = midnight + timedelta(days=60)
    return create_app(over(database, settings, lambda: now, archive=archive))
