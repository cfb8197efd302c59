"""A cluster of two shards: what holds on one server holds there, and a chain is on one shard."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from typing import Any

import pytest
from bson import MinKey
from pymongo import MongoClient

from local.mongod import Mongod, MongodUnavailable
from local.preflight.database import prepared_for_shards
from local.shards.refused import ShardsRefused
from local.shards.sharding import shard
from optionchain.mongo.client import Document
from optionchain.mongo.compressed_collections import compression_of
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, Indexes
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.mongo.snapshot_writer import Commit, CommitResult, SnapshotWriter
from optionchain.settings import SecretStr
from tests.support.api import client, commit
from tests.support.bodies import EXPIRY
from tests.support.commands import Commands, watched
from tests.support.mongomock_database import RETENTION_DAYS, AnyDatabase
from tests.support.sharded_cluster import SHARDS, ShardedCluster
from tests.support.snapshots import INTERVAL, TICK, snapshot

JULY = date(2026, 7, 28)
TICKS = [TICK - number * INTERVAL for number in range(6)]
# BANKNIFTY stays on the first shard.
SYMBOLS = ("BANKNIFTY", "NIFTY")
CHAINS = [
    snapshot([24000.0 + number, 24050.0], symbol=symbol, expiry=day, tick=tick)
    for number, tick in enumerate(reversed(TICKS))
    for symbol in SYMBOLS
    for day in (EXPIRY, JULY)
]
PAST = "2026-06-19T15:02:05"
SPAN = "from=15:02:00&to=15:02:25"
QUESTIONS = {
    "the latest chain": "?",
    "the chain as of a moment": f"?as_of={PAST}",
    "the history of a contract": f"/history?strike=24050&option_type=CE&{SPAN}",
    "the history of a window": f"/history?strikes_around_atm=1&{SPAN}",
    "candles": f"/history?strike=24050&option_type=CE&interval=1m&{SPAN}",
    "changes": "/changes?from=15:02:05&to=15:02:20",
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShardedCluster]:
    try:
        with ShardedCluster(tmp_path_factory.mktemp("cluster")) as running:
            yield running
    except MongodUnavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def commands() -> Commands:
    return Commands()


@pytest.fixture(scope="module")
def router(cluster: ShardedCluster, commands: Commands) -> Iterator[MongoClient[Document]]:
    options: dict[str, Any] = {"event_listeners": [commands], "timeoutMS": 20_000, "tz_aware": True}
    with MongoClient[Document](cluster.uri, **options) as connected:
        yield connected


@pytest.fixture(scope="module")
def recorded(router: MongoClient[Document]) -> AnyDatabase:
    """A database that was recorded before it was sharded; then NIFTY went to the second shard."""
    database = router["recorded"]
    Indexes(database, RETENTION_DAYS).ensure()
    commit(database, *CHAINS, rate=5.5)
    shard(database, lambda _line: None)
    for name in (CONTRACTS, SNAPSHOTS):
        begin = {"symbol": "NIFTY", "expiry": MinKey()}
        router.admin.command("moveRange", f"{database.name}.{name}", min=begin, toShard=SHARDS[1])
    return database


@pytest.fixture(scope="module")
def plain(mongod: Mongod) -> Iterator[AnyDatabase]:
    """The same on one server."""
    with watched(mongod, "unsharded") as (database, _):
        commit(database, *CHAINS, rate=5.5)
        yield database


def shards_of(database: AnyDatabase, command: Document) -> set[str]:
    """Return the shards that a command is sent to, by the router's plan."""
    plan = database.command("explain", command, verbosity="queryPlanner")
    return set(_named(plan))


def _named(plan: object) -> Iterator[str]:
    if isinstance(plan, Mapping):
        shards = plan.get("shards", ())
        yield from (
            shards if isinstance(shards, Mapping) else (each["shardName"] for each in shards)
        )
        for inner in plan.values():
            yield from _named(inner)


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_chains_and_histories_are_answered_by_one_shard_as_by_one_server(
    question: str, symbol: str, recorded: AnyDatabase, plain: AnyDatabase, commands: Commands
) -> None:
    path = f"/option-chain/{symbol}{QUESTIONS[question]}&expiry=23-Jun-2026"
    with commands.kept() as sent:
        answer = client(recorded).get(path)
    # Which contracts there are is asked of each shard, in the index alone.
    asked = [
        each
        for each in sent
        if next(iter(each.values())) in (CONTRACTS, SNAPSHOTS) and each.get("key") != "identifier"
    ]
    assert answer.status_code == 200, answer.text
    assert answer.content == client(plain).get(path).content
    assert CONTRACTS in {next(iter(each.values())) for each in asked}
    own = {SHARDS[SYMBOLS.index(symbol)]}
    for each in asked:
        assert shards_of(recorded, each) == own, each


def reads(reader: SnapshotReader) -> dict[str, object]:
    """Return what is read of many symbols, or contracts, at once."""
    days, since = [JULY, EXPIRY], dict.fromkeys(SYMBOLS, EXPIRY)
    names = [f"{symbol}_CE_24050_23-Jun-2026" for symbol in SYMBOLS]
    documents = reader.newest_documents(names, ["identifier", "fetched_at"])
    return {
        "of expiries": reader.newest_of_symbols(dict.fromkeys(SYMBOLS, days)),
        "of one symbol": reader.newest_headers("NIFTY", days),
        "of the nearest expiry": reader.nearest_of_symbols(since),
        "of each expiry": reader.current_of_symbols(since),
        "of any expiry": {row["symbol"]: row["fetched_at"] for row in last(reader)},
        "contracts": {row["identifier"]: row["fetched_at"] for row in documents},
    }


def last(reader: SnapshotReader) -> Iterable[HeaderDocument]:
    return reader.last_of_symbols(SYMBOLS).values()


def test_what_is_read_of_many_symbols_is_looked_up_on_the_shard_of_each(
    recorded: AnyDatabase, plain: AnyDatabase, commands: Commands
) -> None:
    """Sorted and grouped, every header of a symbol would be sent from shard to shard."""
    with commands.kept() as sent:
        found = reads(SnapshotReader(recorded))
    assert found == reads(SnapshotReader(plain))
    for each in [*sent]:
        plan = recorded.command("explain", each, verbosity="queryPlanner")
        stages = [*chain.from_iterable(plan["splitPipeline"]["shardsPart"])]
        assert "$limit" in stages
        assert "$sort" not in stages, each


def test_a_contract_is_stored_once_at_a_tick_on_whichever_shard(recorded: AnyDatabase) -> None:
    writer, tick = SnapshotWriter(recorded), TICK + INTERVAL
    for symbol, expiry in (("NIFTY", EXPIRY), ("BANKNIFTY", JULY)):
        once = Commit(snapshot(symbol=symbol, expiry=expiry, tick=tick))
        assert writer.commit(once) == CommitResult(inserted=4, duplicates=0)
        assert writer.commit(once) == CommitResult(inserted=0, duplicates=4)
        for name, documents in ((CONTRACTS, 4), (SNAPSHOTS, 1)):
            stored = recorded[name].count_documents({"symbol": symbol, "fetched_at": tick})
            assert stored == documents


def test_a_header_is_confirmed_on_its_shard(recorded: AnyDatabase) -> None:
    writer = SnapshotWriter(recorded)
    for symbol in SYMBOLS:
        header = writer.latest_header(symbol, JULY, TICK)
        assert header is not None
        writer.confirm(header, TICK + INTERVAL, settled=True)
        confirmed = writer.latest_header(symbol, JULY, TICK)
        assert confirmed is not None
        assert (confirmed["last_seen_at"], confirmed["settled"]) == (TICK + INTERVAL, True)


def test_a_recorder_finds_its_indexes_in_a_sharded_database(recorded: AnyDatabase) -> None:
    """It neither misses the unique index that begins with the shard key, nor makes another."""
    before = recorded[CONTRACTS].index_information()
    warnings: list[str] = []
    Indexes(recorded, RETENTION_DAYS, warnings.append).ensure()
    assert recorded[CONTRACTS].index_information() == before
    assert warnings == []
    unique = [list(each["key"]) for each in before.values() if each.get("unique")]
    assert unique == [[("symbol", 1), ("expiry", 1), ("identifier", 1), ("fetched_at", 1)]]


def test_an_empty_database_is_sharded_and_compressed_before_it_is_recorded(
    router: MongoClient[Document], cluster: ShardedCluster
) -> None:
    database, lines = router["new"], list[str]()
    assert prepared_for_shards(SecretStr(cluster.uri), "new") is False
    for _ in range(2):
        shard(database, lines.append)
    assert prepared_for_shards(SecretStr(cluster.uri), "new") is True
    Indexes(database, RETENTION_DAYS).ensure()
    assert lines == 2 * [
        "snapshots is sharded by symbol and expiry",
        "option_chain is sharded by symbol and expiry",
    ]
    for name in (CONTRACTS, SNAPSHOTS):
        compression = compression_of(database, name)
        assert compression is not None
        assert compression.is_zstd
        assert not [
            each
            for each in database[name].index_information().values()
            if list(each["key"]) == [("symbol", 1), ("expiry", 1)]
        ]
    commit(database, *CHAINS)
    assert database[CONTRACTS].count_documents({}) == sum(len(each.quotes) for each in CHAINS)


def test_a_server_without_shards_is_refused_and_left_as_it_is(mongod: Mongod) -> None:
    with watched(mongod, "alone") as (database, _):
        before = database[CONTRACTS].index_information()
        with pytest.raises(ShardsRefused, match="not the router"):
            shard(database, lambda _line: None)
        assert prepared_for_shards(SecretStr(mongod.uri), "alone") is None
        assert database[CONTRACTS].index_information() == before
