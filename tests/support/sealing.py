"""Recorded days to be sealed, and what an independent reader finds in an archive."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import bson
import orjson
import pyarrow.parquet
from bson.codec_options import CodecOptions

from optionchain.archive.document_rows import contract_document
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.documents import contract_documents
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
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import TICK, snapshot

type Json = dict[str, Any]

DAY = date(2026, 6, 19)
LATER = EXPIRY + timedelta(days=7)
MINUTE = timedelta(minutes=1)
_AWARE: CodecOptions[Json] = CodecOptions(tz_aware=True)


def record_day(
    database: AnyDatabase, symbol: str = "NIFTY", first: datetime = TICK, minutes: int = 6
) -> None:
    """Store a morning of two expiries with its ticks, and everything else that is of a day.

    A killed writer has left contracts that no header commits.
    """
    writer = SnapshotWriter(database)
    for number in range(minutes):
        tick = first + number * MINUTE
        for expiry in (EXPIRY, LATER) if number % 2 else (EXPIRY,):
            price = None if number == 2 else 100.05 + number
            chain = snapshot(symbol=symbol, expiry=expiry, tick=tick, stamp=tick, last_price=price)
            writer.commit(Commit(chain))
        entry = {"symbol": symbol, "tick": tick, "claimed_at": tick}
        database[TICKS].insert_one({**entry, "outcome": "stored", "lateness_ms": 4.25})
    orphan = snapshot(symbol=symbol, tick=first + MINUTE / 2, stamp=first)
    half: list[Any] = contract_documents(orphan)[::2]
    database[CONTRACTS].insert_many(half)
    record_rest(database, symbol, first)


def record_rest(database: AnyDatabase, symbol: str, first: datetime) -> None:
    """Store a document of each further collection for the day, and some of other days."""
    midnight = midnight_utc(first.date())
    day = timedelta(days=1)
    for since in (first - 9 * day, first - 2 * day, first, first + day):
        listing = {"symbol": symbol, "since": since, "read_at": since, "unlisted": []}
        database[LISTINGS].insert_one({**listing, "expiries": [midnight_utc(EXPIRY)]})
        duty = {"symbols": [symbol, "OTHER"], "owner": f"{since}", "since": since}
        database[DUTIES].insert_one({**duty, "until": since + 2 * MINUTE, "interval": 60})
    for when in (midnight - day, midnight, midnight + day):
        key = {"symbol": symbol, "day": when}
        database[SETTLEMENTS].insert_one({**key, "expiry": midnight_utc(EXPIRY), "legs": 4})
        terms = {"source": "bhavcopy", "content_hash": "a", "read_at": when, "terms": []}
        database[CONTRACT_TERMS].insert_one({**key, **terms})
        check = {"symbol": symbol, "at": when + timedelta(hours=5), "reason": "busy"}
        database[DISAGREEMENTS].insert_one(check)


def kept(collection: str, document: Json) -> bool:
    """Tell whether a document of `record_rest` is about the day."""
    start = datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC) - timedelta(hours=5, minutes=30)
    name = {DISAGREEMENTS: "at", LISTINGS: "since", DUTIES: "since"}.get(collection, "day")
    when: datetime = document[name]
    first = {
        LISTINGS: start - timedelta(days=3),
        DUTIES: start - timedelta(days=3),
        CONTRACT_TERMS: start - timedelta(days=7),
    }
    return first.get(collection, start) <= when < start + timedelta(days=1)


def stored(database: AnyDatabase, symbol: str = "NIFTY") -> dict[str, list[bytes]]:
    """Return the BSON of all that is to be archived of the day, by kind, sorted."""
    headers = list(database[SNAPSHOTS].find({"symbol": symbol}))
    committed = {(each["expiry"], each["fetched_at"]) for each in headers}
    contracts = database[CONTRACTS].find({"symbol": symbol})
    rest = (LISTINGS, DUTIES, SETTLEMENTS, DISAGREEMENTS, CONTRACT_TERMS)
    records = [
        document
        for name in rest
        for document in database[name].find({"$or": [{"symbol": symbol}, {"symbols": symbol}]})
        if kept(name, document)
    ]
    return {
        "contracts": _sorted(
            each for each in contracts if (each["expiry"], each["fetched_at"]) in committed
        ),
        "headers": _sorted(headers),
        "ticks": _sorted(database[TICKS].find({"symbol": symbol})),
        "records": _sorted(records),
    }


def _sorted(documents: Iterable[Json]) -> list[bytes]:
    return sorted(
        bson.encode({name: value for name, value in each.items() if name != "_id"})
        for each in documents
    )


def visible_days(folder: Path) -> Iterator[tuple[Json, dict[str, list[bytes]]]]:
    """Yield each visible day of an archive: its manifest, and the BSON of its documents, sorted.

    It is read with nothing of the project but the making of a contract's document. Every file is
    compared with its size and its SHA-256 in the manifest.
    """
    for path in sorted(folder.glob("manifests/*/*.json")):
        manifest = orjson.loads(path.read_bytes())
        yield (
            manifest,
            {
                kind: _documents(folder / file["key"], kind, file)
                for kind, file in manifest["files"].items()
            },
        )


def _documents(path: Path, kind: str, file: Json) -> list[bytes]:
    content = path.read_bytes()
    assert (len(content), sha256(content).hexdigest()) == (file["size"], file["sha256"])
    rows = pyarrow.parquet.read_table(path).to_pylist()
    assert len(rows) == file["rows"]
    if kind == "contracts":
        return sorted(bson.encode(contract_document(row)) for row in rows)
    return sorted(row["document"] for row in rows)
