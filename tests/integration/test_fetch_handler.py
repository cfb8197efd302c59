"""The real handler over real HTTP and a real mongod: ticks, a relay of invocations, an outage."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bson.codec_options import CodecOptions
from pymongo import MongoClient

from chain_fetch.handler import lambda_handler
from local.mongod import Mongod, free_port
from local.nse_simulator.faults import CHAIN
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS
from optionchain.settings import SecretStr, Settings
from tests.integration.conftest import SceneAt
from tests.soak.api_reader import ApiReader
from tests.support.bodies import Json
from tests.support.invocation import GOOD, at_work, every_second, gaps, until
from tests.support.mongomock_database import AnyDatabase
from tests.support.naive_reader import check_stored_as_sent
from tests.support.patience import PATIENCE_SECONDS
from tests.support.recorder import Context, recorder
from tests.support.scripted_nse import NOON

ALL_EXPIRIES = 3  # of a small symbol, so that none is read in rotation


def check_snapshots(database: AnyDatabase, market: object) -> int:
    """All that is stored is what the exchange sent under that timestamp; return the headers."""
    assert isinstance(market, SimulatedMarket)
    headers = list(database[SNAPSHOTS].find())
    known = 0
    for header in headers:
        key = {name: header[name] for name in ("symbol", "expiry", "fetched_at")}
        documents = list(database[CONTRACTS].find(key))
        symbol, expiry, stamp = (
            header[name] for name in ("symbol", "expiry", "exchange_timestamp")
        )
        check_stored_as_sent(documents, market.chain(symbol, expiry.date(), stamp))
        known += len(documents)
    assert database[CONTRACTS].count_documents({}) == known
    return len(headers)


def test_each_symbol_and_tick_has_one_outcome_and_stores_what_was_sent(scene_at: SceneAt) -> None:
    symbols = ("NIFTY", "M&M", "BAJAJ-AUTO", "IDEA")
    changes: Json = {"nse_symbols": symbols, "nse_expiries": ALL_EXPIRIES}
    with scene_at(NOON, **changes) as here, here.recorder() as recorder:
        entries = recorder.work(4)
        assert [entry["symbol"] for entry in entries] == sorted(symbols) * 4
        assert len({entry["tick"] for entry in entries}) == 4
        assert {entry["outcome"] for entry in entries} == {"stored"}
        assert check_snapshots(here.database, here.exchange.market) >= 4 * (3 + 3 + 3 + 2)


def test_unchanged_polls_store_nothing_and_move_last_seen_at(scene_at: SceneAt) -> None:
    changes: Json = {"nse_symbols": ("IDEA",), "nse_expiries": ALL_EXPIRIES}
    still = SimulatedMarket(clock=lambda: NOON)
    with scene_at(NOON, lambda _: still, **changes) as here, here.recorder() as recorder:
        stored, *unchanged = recorder.work(4)
        assert check_snapshots(here.database, here.exchange.market) == 2
    assert stored["outcome"] == "stored"
    assert {(row["outcome"], row["inserted"]) for row in unchanged} == {("unchanged", 0)}
    headers = list(here.database[SNAPSHOTS].find())
    assert {row["fetched_at"] for row in headers} == {stored["tick"]}
    assert {row["last_seen_at"] for row in headers} == {unchanged[-1]["tick"]}
    assert stored["inserted"] == sum(row["calls"] + row["puts"] for row in headers)


def test_an_unknown_symbol_fails_by_name_at_each_tick_and_others_go_on(scene_at: SceneAt) -> None:
    with scene_at(NOON, nse_symbols=("NITFY", "IDEA")) as here, here.recorder() as recorder:
        entries = recorder.work(3)
        assert not [row for row in here.exchange.requests if "NITFY" in row.query]
    outcomes = [(row["symbol"], row["outcome"], row.get("reason")) for row in entries]
    failed = ("NITFY", "failed", "unknown_symbol")
    assert outcomes == [("IDEA", "stored", None), failed] * 3
    details = [row["detail"] for row in entries if row["symbol"] == "NITFY"]
    assert all(
        "'NITFY' is none of the 6 symbols that are listed; near to it: NIFTY" in detail
        for detail in details
    )
    assert here.database[SNAPSHOTS].distinct("symbol") == ["IDEA"]


def test_a_source_that_is_away_at_the_start_is_recorded_once_it_is_there(scene_at: SceneAt) -> None:
    port = free_port()
    with scene_at(NOON) as here, here.recorder(nse_base_url=f"http://127.0.0.1:{port}") as recorder:
        failed = recorder.tick()
        assert (failed["outcome"], failed["reason"]) == ("failed", "server_error")
        assert here.database[SNAPSHOTS].count_documents({}) == 0
        with Exchange(here.exchange.market, port=port) as exchange:
            assert recorder.work(4)[-1]["outcome"] == "stored"
            assert check_snapshots(here.database, exchange.market) > 0


@pytest.fixture
def moving() -> Iterator[Exchange]:
    """An exchange whose data changes every second."""
    with Exchange(SimulatedMarket(tick_seconds=1)) as exchange:
        yield exchange


def owners(database: AnyDatabase) -> list[str]:
    """Return who recorded the good ticks, by tick."""
    found = database[TICKS].find({"outcome": {"$in": GOOD}}, sort=[("tick", 1)])
    return [entry["owner"] for entry in found]


def check_requests(database: AnyDatabase, exchange: Exchange) -> None:
    """No tick is missing or read twice, no expiry asked for twice, and what came was asked for."""
    assert gaps(database) == []
    expiries = [row for entry in database[TICKS].find() for row in entry.get("expiries", [])]
    received = [row for row in expiries if "received_at" in row]
    # Where time runs out an attempt may end before it comes to a request.
    attempted = [row for row in expiries if "expiry_date" in row]
    assert 0 < len(received) <= len(exchange.requests.to(CHAIN)) <= len(attempted)
    check_snapshots(database, exchange.market)


def test_a_newcomer_takes_over_and_no_tick_is_fetched_twice_or_missed(
    moving: Exchange, mongo_settings: Settings, database: AnyDatabase
) -> None:
    settings = every_second(mongo_settings, moving.url, "IDEA")
    with recorder(settings) as first, recorder(settings) as second, ThreadPoolExecutor(2) as pool:
        veteran = pool.submit(lambda_handler, {}, Context("first", 60), first)
        until(lambda: len(owners(database)) >= 2)
        newcomer = pool.submit(lambda_handler, {}, Context("second", 60), second)
        veteran.result(PATIENCE_SECONDS)
        until(lambda: "second" in owners(database))
        second.register.take_over(("IDEA",), "the next one", datetime.now(UTC))
        newcomer.result(PATIENCE_SECONDS)
    assert owners(database) == sorted(owners(database))
    assert set(owners(database)) == {"first", "second"}
    check_requests(database, moving)


def test_an_event_delivered_twice_does_the_work_of_one(
    moving: Exchange, mongo_settings: Settings, database: AnyDatabase
) -> None:
    settings = every_second(mongo_settings, moving.url, "IDEA")
    with recorder(settings) as one, recorder(settings) as other, ThreadPoolExecutor(2) as pool:
        work = [pool.submit(lambda_handler, {}, Context("same", 3), deps) for deps in (one, other)]
        assert sum(each.result(20)["ticks"] for each in work) > 0
    check_requests(database, moving)


@pytest.fixture
def own_mongod(tmp_path: Path, mongod: Mongod) -> Iterator[Mongod]:  # noqa: ARG001  (skips without)
    """A mongod of the test's own, not yet started."""
    server = Mongod(tmp_path)
    yield server
    server.stop(signal.SIGKILL)


@pytest.fixture
def own(own_mongod: Mongod) -> Iterator[AnyDatabase]:
    """The test's own connection to what the recorder writes."""
    name = Settings().mongodb_database
    with MongoClient[Document](own_mongod.uri) as client:
        yield client.get_database(name, codec_options=CodecOptions(tz_aware=True))


@pytest.mark.time_limits
def test_an_outage_costs_its_ticks(moving: Exchange, own_mongod: Mongod, own: AnyDatabase) -> None:
    """At the start and in mid-shift. Who reads all the while sees whole chains or a 503."""
    settings = every_second(Settings(mongodb_uri=SecretStr(own_mongod.uri)), moving.url, "IDEA")
    with recorder(settings) as deps:
        answer = lambda_handler({}, Context("early", 0.1), deps)
        owed = len(deps.backlog)
        assert answer["ticks"] == owed > 0
        assert moving.requests.to(CHAIN) == []
        own_mongod.start()
        with ApiReader(settings) as reader, at_work(deps, own) as work:
            began = datetime.min.replace(tzinfo=UTC)
            early = work.lost(began)
            assert len(early) == owed
            assert not any("owner" in row for row in early)
            assert own[CONTRACTS].index_information()["identifier_1_fetched_at_1"]["unique"]
            until(lambda: reader.whole)
            before = work.good(began)[-1]["tick"]
            own_mongod.stop(signal.SIGKILL)
            until(lambda: len(deps.backlog))
            until(lambda: reader.statuses[503])
            own_mongod.start()
            back = datetime.now(UTC)
            until(lambda: work.good(back))
        assert len(deps.backlog) == 0
        lost = work.lost(before)
        assert lost
        assert work.lost(began) == early + lost
        stored = {row["fetched_at"] for row in own[SNAPSHOTS].find()}
        assert stored.isdisjoint(row["tick"] for row in (*early, *lost))
        own[TICKS].delete_many({"tick": {"$in": [row["tick"] for row in early]}})
        assert gaps(own) == []  # nobody was on duty between the two invocations
    assert (reader.torn, reader.strange) == ([], 0)
