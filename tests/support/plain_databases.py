"""Databases as older versions made them: recorded without compression."""

from datetime import timedelta
from typing import Any

from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from optionchain.mongo.documents import contract_documents
from optionchain.mongo.indexes import CONTRACTS, RECORDED, TICKS, Indexes
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.support.mongomock_database import RETENTION_DAYS, AnyDatabase
from tests.support.snapshots import INTERVAL, TICK, snapshot

TICKS_STORED = 12
STRIKES = [24_000.0 + 50 * number for number in range(60)]


def record_plainly(database: AnyDatabase, ticks: int = TICKS_STORED) -> None:
    """Record some ticks of two symbols; an index and documents of somebody else lie beside them."""
    for name in RECORDED:
        database.create_collection(name, check_exists=False)
    Indexes(database, RETENTION_DAYS).ensure()
    store = SnapshotWriter(database)
    for number in range(ticks):
        tick = TICK + number * INTERVAL
        for symbol in ("NIFTY", "M&M"):
            values: Any = {
                "symbol": symbol,
                "tick": tick,
                "stamp": tick,
                "last_price": 1.0 + number,
            }
            store.commit(Commit(snapshot(STRIKES, **values), earlier_hashes=["a", "b"]))
            claim = {"symbol": symbol, "tick": tick, "outcome": "stored"}
            database[TICKS].insert_one(claim)
    torn: list[Any] = contract_documents(snapshot([1.0], tick=TICK + timedelta(days=1)))
    database[CONTRACTS].insert_many(torn)
    database[CONTRACTS].create_index("strike_price", name="somebody's")
    database[TICKS].insert_many([{"_id": "a text", "symbol": "X"}, {"_id": 7, "symbol": "Y"}])


def content(database: AnyDatabase) -> dict[str, Any]:
    """Return every document of the recorded collections, in bytes, and every index."""
    raw: Any = CodecOptions(document_class=RawBSONDocument)
    found: dict[str, Any] = {}
    for name in RECORDED:
        rows: Any = database.get_collection(name, codec_options=raw).find(sort=[("_id", 1)])
        indexes = database[name].index_information()
        found[name] = [row.raw for row in rows], indexes
    return found
