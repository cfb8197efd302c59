"""Users of the database that lack a right: it is named, and what does not need it goes on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from chain_fetch.handler import lambda_handler
from local.mongod import Mongod
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from optionchain.mongo.client import Document, open_database
from optionchain.mongo.compressed_collections import compression_of
from optionchain.mongo.indexes import CONTRACTS, RECORDED, SNAPSHOTS, TICKS, Indexes
from optionchain.settings import SecretStr, Settings
from tests.support.api import CHAIN, client, commit, problem, read
from tests.support.invocation import GOOD, every_second
from tests.support.mongomock_database import RETENTION_DAYS, AnyDatabase
from tests.support.recorder import Context, recorder
from tests.support.secret import Guarded, guarded
from tests.support.snapshots import snapshot

READ, WRITE = ["find"], ["find", "insert", "update", "remove"]
ALL = [*WRITE, "createIndex", "listIndexes", "collMod", "dbStats"]
DAY = 86_400

type Restrict = Callable[[Sequence[str]], Settings]


@pytest.fixture(scope="module")
def mongo(tmp_path_factory: pytest.TempPathFactory, mongod: Mongod) -> Iterator[Guarded]:  # noqa: ARG001  (skips without)
    """A mongod that asks for user and password."""
    with guarded(tmp_path_factory.mktemp("rights"), "first") as mongo:
        yield mongo


@pytest.fixture
def own(mongo: Guarded) -> Iterator[AnyDatabase]:
    """The database of a test, for one who may do all."""
    name = "rights"
    yield mongo.root.get_database(name)
    mongo.root.drop_database(name)
    users = mongo.root.admin
    users.command("dropUser", "restricted")
    users.command("dropRole", "restricted")


@pytest.fixture
def restricted(mongo: Guarded, own: AnyDatabase) -> Restrict:
    """Settings of a user who may do no more than this in the database."""

    def restrict(actions: Sequence[str]) -> Settings:
        rights = [{"resource": {"db": own.name, "collection": ""}, "actions": list(actions)}]
        admin = mongo.root.admin
        admin.command("createRole", "restricted", privileges=rights, roles=[])
        admin.command("createUser", "restricted", pwd="x", roles=["restricted"])
        uri = f"mongodb://restricted:x@127.0.0.1:{mongo.server.port}/?replicaSet=rs0"
        return Settings(
            mongodb_uri=SecretStr(uri),
            mongodb_database=own.name,
            nse_symbols=("IDEA",),
            retention_days=RETENTION_DAYS,
        )

    return restrict


@contextmanager
def opened(settings: Settings) -> Iterator[AnyDatabase]:
    database = open_database(settings)
    yield database
    database.client.close()


def record(settings: Settings, seconds: float = 3.2) -> list[Document]:
    """Record the simulated market for some ticks; return their entries."""
    with (
        Exchange(SimulatedMarket(tick_seconds=1)) as exchange,
        recorder(replace(every_second(settings, exchange.url, "IDEA"), log_level="INFO")) as deps,
    ):
        lambda_handler({}, Context(seconds=seconds), deps)
        with opened(settings) as database:
            return list(database[TICKS].find(sort=[("tick", 1)]))


def check_recorded(entries: Sequence[Document]) -> None:
    """Ticks went on. The first may be late, as the parts are loaded before it."""
    assert {entry["outcome"] for entry in entries} & set(GOOD)
    assert "database" not in {entry.get("reason") for entry in entries}


def warnings(log: pytest.LogCaptureFixture) -> list[str]:
    rows = [vars(row) for row in log.records if row.getMessage() == "housekeeping"]
    return [row["detail"] for row in rows]


def time_to_live(database: AnyDatabase, collection: str) -> list[Any]:
    found = database[collection].index_information().values()
    return [row["expireAfterSeconds"] for row in found if "expireAfterSeconds" in row]


def test_the_recorders_role_may_make_compressed_collections(
    own: AnyDatabase, restricted: Restrict
) -> None:
    """The right to insert is enough; createCollection is not asked for."""
    with opened(restricted([*WRITE, "createIndex", "listIndexes"])) as database:
        Indexes(database, RETENTION_DAYS).ensure()
    assert all((found := compression_of(own, name)) and found.is_zstd for name in RECORDED)


def test_a_retention_that_cannot_be_set_is_named_and_ticks_go_on(
    own: AnyDatabase, restricted: Restrict, caplog: pytest.LogCaptureFixture
) -> None:
    Indexes(own, 30).ensure()
    settings = restricted([right for right in ALL if right != "collMod"])
    check_recorded(record(settings))
    assert time_to_live(own, SNAPSHOTS) == [30 * DAY]
    told = warnings(caplog)
    named = [text.partition(" ")[0] for text in told]
    assert {"ticks", "duties", "listings", "option_chain"} <= set(named)
    assert "snapshots" not in named, "contracts come first where the retention grows"
    refusal = "right collMod: MongoDB refuses the user this right: not authorized"
    assert all(refusal in text for text in told)
    with opened(settings) as database:
        api = client(database, settings=settings)
        assert read(api, "/pipeline/status")["warnings"] == told
        notices = [
            row for row in api.get("/health").json()["notices"] if "collMod" in row["detail"]
        ]
    assert notices == [{"code": "housekeeping", "detail": text} for text in told]


def test_equivalent_indexes_under_other_names_serve_without_the_right_to_make_them(
    own: AnyDatabase, restricted: Restrict, caplog: pytest.LogCaptureFixture
) -> None:
    Indexes(own, RETENTION_DAYS).ensure()
    for name in own.list_collection_names():
        existing = own[name].index_information()
        for index, row in existing.items():
            if index != "_id_":
                options = {key: row[key] for key in ("unique", "expireAfterSeconds") if key in row}
                own[name].drop_index(index)
                own[name].create_index(row["key"], name=f"mine_{index}", **options)
    check_recorded(record(restricted([*WRITE, "listIndexes"])))
    assert warnings(caplog) == []


def test_nothing_is_recorded_without_a_unique_index(own: AnyDatabase, restricted: Restrict) -> None:
    entries = record(restricted([*WRITE, "listIndexes"]))
    assert {(entry["outcome"], entry["reason"]) for entry in entries} == {("failed", "database")}
    for entry in entries:
        assert (
            "nothing is recorded without the unique index (identifier, fetched_at) of"
            in (entry["detail"])
        )
    assert own[CONTRACTS].count_documents({}) == own[SNAPSHOTS].count_documents({}) == 0


def test_a_missing_index_that_is_not_unique_costs_no_tick(
    own: AnyDatabase, restricted: Restrict, caplog: pytest.LogCaptureFixture
) -> None:
    Indexes(own, RETENTION_DAYS).ensure()
    own[SNAPSHOTS].drop_index([("symbol", 1), ("fetched_at", -1)])
    check_recorded(record(restricted([right for right in ALL if right != "createIndex"])))
    (told,) = warnings(caplog)
    assert told.startswith("the index (symbol, fetched_at) of snapshots cannot be made, and")


def test_stats_answer_what_they_can_without_the_right_to_dbstats(
    own: AnyDatabase, restricted: Restrict
) -> None:
    commit(own, snapshot())
    settings = restricted(READ)
    with opened(settings) as database:
        answer = read(client(database, settings=settings), "/stats")
    assert answer["total_snapshots"] == 1
    assert answer["bytes"] is None
    assert answer["bytes_reason"] == "the database's user lacks the right dbStats"
    assert answer["compression"] is None
    assert answer["compression_reason"] == "the database's user lacks the right collStats"


def test_a_refused_right_is_no_database_that_did_not_answer(
    own: AnyDatabase, restricted: Restrict, caplog: pytest.LogCaptureFixture
) -> None:
    commit(own, snapshot())
    settings = restricted(["dbStats"])
    with opened(settings) as database:
        api = client(database, settings=settings)
        response, health = api.get(CHAIN), api.get("/health")
    assert [reason["code"] for reason in health.json()["reasons"]] == ["database_refuses"]
    body = problem(response, 503, "database-refuses")
    assert body["detail"] == "The database refuses this right to the service; the log names it."
    lines = [vars(row) for row in caplog.records if row.getMessage() == "database_unavailable"]
    assert len(lines) == 2
    assert all("not authorized on rights to execute command" in line["error"] for line in lines)
