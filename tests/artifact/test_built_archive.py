"""The archive as it is deployed, on Lambda's runtime: a day is sealed, and the API reads it."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from local.lambda_emulator.artifact import API, ARCHIVE, FETCH, Artifact
from local.lambda_emulator.runtime_emulator import InvocationFailed, RuntimeEmulator
from optionchain.archive.catalogue import Catalogue
from optionchain.archive.object_stores import open_store
from optionchain.exchange_time import exchange_date
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.artifact.conftest import Start
from tests.support.gateway import event
from tests.support.snapshots import snapshot

MEGABYTE = 1_000_000
SYMBOL, STRIKES = "NIFTY", 100
# What only an archive needs, as the names of its libraries. boto3 is half of a cold start.
HEAVY = ("duckdb", "arro3")
NOW = datetime.now(UTC).replace(microsecond=0)
PAST = NOW.replace(hour=6, minute=30, second=0) - timedelta(days=4)


@pytest.fixture(scope="module")
def archive_url(env: Mapping[str, str]) -> str:
    return env["ARCHIVE_URL"]


@pytest.fixture(scope="module")
def day(recorded: Database[Document]) -> date:
    """Store an hour of a past day: a snapshot every five minutes; return the day."""
    prices = [24_000.0 + 50 * strike for strike in range(STRIKES)]
    for minutes in range(0, 60, 5):
        tick = PAST + timedelta(minutes=minutes)
        expiry = exchange_date(NOW) + timedelta(days=20)
        found = snapshot(prices, symbol=SYMBOL, tick=tick, stamp=tick, expiry=expiry)
        SnapshotWriter(recorded).commit(Commit(found))
    return exchange_date(PAST)


@pytest.fixture(scope="module")
def sealed(start: Start, day: date) -> tuple[RuntimeEmulator, dict[str, Any]]:
    """The environment in which the built function has sealed the day, and what it returned."""
    emulator = start(ARCHIVE)
    asked = event("archive-day") | {"symbol": SYMBOL, "day": day.isoformat()}
    return emulator, emulator.invoke(asked)


def loaded(emulator: RuntimeEmulator) -> set[str]:
    """Return which of the heavy libraries an environment has loaded."""
    maps = Path(f"/proc/{emulator.runtime_pid}/maps").read_text(encoding="utf-8")
    return {name for name in HEAVY if f"/{name}/" in maps or f"_{name}." in maps}


def chain_event(at: datetime) -> Mapping[str, Any]:
    """Return the request for a chain as of a moment."""
    given: dict[str, Any] = event("api-chain")
    query = {"as_of": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    many = {name: [text] for name, text in query.items()}
    return given | {"queryStringParameters": query, "multiValueQueryStringParameters": many}


def test_day_is_sealed_and_visible(
    sealed: tuple[RuntimeEmulator, dict[str, Any]], archive_url: str, day: date
) -> None:
    _, answer = sealed
    assert answer == {"sealed": 1, "unchanged": 0, "empty": 0, "left": 0}
    manifest = Catalogue(open_store(archive_url)).manifest(SYMBOL, day)
    assert manifest is not None
    rows = {kind: file.rows for kind, file in manifest.files.items()}
    assert (rows["contracts"], rows["headers"]) == (12 * 2 * STRIKES, 12)


def test_sealing_again_changes_nothing(sealed: tuple[RuntimeEmulator, Any], day: date) -> None:
    emulator, _ = sealed
    answer = emulator.invoke({"from": day.isoformat(), "to": day.isoformat(), "symbols": [SYMBOL]})
    assert answer == {"sealed": 0, "unchanged": 1, "empty": 0, "left": 0}


def test_scheduled_event_is_understood(sealed: tuple[RuntimeEmulator, Any]) -> None:
    emulator, _ = sealed
    answer = emulator.invoke(event("archive"))
    assert set(answer) == {"sealed", "unchanged", "empty", "left"}
    assert answer["left"] == 0


def test_memory_is_far_below_that_of_the_function(
    sealed: tuple[RuntimeEmulator, Any], artifact: Artifact
) -> None:
    emulator, _ = sealed
    assert emulator.peak_bytes < 0.25 * artifact.function(ARCHIVE).memory * MEGABYTE


def test_event_of_another_shape_is_an_error_that_lambda_counts(start: Start) -> None:
    with pytest.raises(InvocationFailed) as failed:
        start(ARCHIVE).invoke({"days": 5})
    assert failed.value.kind == "SettingInvalid"


def test_api_loads_what_reads_an_archive_with_its_first_cold_answer_alone(
    sealed: tuple[RuntimeEmulator, Any],
    start: Start,
    artifact: Artifact,
    recorded: Database[Document],
) -> None:
    """A start with an archive costs what it cost before, and both fit into the API's memory."""
    assert sealed
    today = snapshot(symbol=SYMBOL, tick=NOW, stamp=NOW, expiry=exchange_date(NOW))
    SnapshotWriter(recorded).commit(Commit(today))
    api = start(API, RETENTION_DAYS="1")
    hot = api.invoke(event("api-chain"))
    assert (hot["statusCode"], loaded(api)) == (200, set())

    for collection in (CONTRACTS, SNAPSHOTS):  # MongoDB lets the day go
        recorded[collection].delete_many({"symbol": SYMBOL, "fetched_at": {"$lt": NOW}})
    cold = api.invoke(chain_event(PAST + timedelta(minutes=30)))
    assert cold["statusCode"] == 200, cold["body"][:500]
    assert cold["headers"]["x-storage"] == "archive"
    chain = json.loads(cold["body"])
    assert len(chain["calls"]) == len(chain["puts"]) == STRIKES
    assert loaded(api) == {"duckdb"}
    assert api.peak_bytes < 0.75 * artifact.function(API).memory * MEGABYTE


def test_recorder_with_an_archive_loads_nothing_of_it(start: Start) -> None:
    recorder = start(FETCH, timeout=5)
    recorder.invoke(event("schedule"))
    assert loaded(recorder) == set()
