"""The real handler in real time: simulated exchange, real mongod, faults, a relay, an outage."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from pymongo.database import Database

from chain_api import dependencies as api_deps
from chain_api.app import create_app
from chain_fetch.dependencies import Dependencies
from chain_fetch.handler import lambda_handler
from local.mongod import Mongod, free_port
from local.nse_simulator.faults import CHAIN, CONTRACTS
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS as CONTRACT_DOCUMENTS
from optionchain.mongo.indexes import SNAPSHOTS, TICKS
from optionchain.settings import Settings
from tests.support.naive_reader import contracts_of, underlying_of
from tests.support.recorder import Context, recorder

GOOD = ("stored", "unchanged")
SECOND = timedelta(seconds=1)


def until[T](found: Callable[[], T], seconds: float = 15.0) -> T:
    """What is found as soon as there is something; an error where that takes too long."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return value


@dataclass(frozen=True)
class Invocation:
    """A handler at work in a thread, as a Lambda of its own."""

    deps: Dependencies
    database: Database[Document]
    future: Future[dict[str, Any]]

    def entries(
        self, *outcomes: str, symbol: str = "IDEA", after: datetime | None = None
    ) -> list[Document]:
        """The symbol's ledger so far, by tick; of some outcomes, after an instant."""
        query: dict[str, Any] = {"symbol": symbol}
        if outcomes:
            query["outcome"] = {"$in": outcomes}
        if after:
            query["tick"] = {"$gt": after}
        return list(self.database[TICKS].find(query, sort=[("tick", 1)]))

    def good(self, after: datetime | None = None) -> list[Document]:
        """The good ticks so far, by tick."""
        return self.entries(*GOOD, after=after)

    def lost(self) -> list[Document]:
        """The ticks that failed for the database's sake, by tick."""
        return [row for row in self.entries("failed") if row["reason"] == "database"]

    def relieve(self) -> dict[str, Any]:
        """Has the invocation leave, as a newcomer would; returns what it answered."""
        symbols = self.deps.settings.nse_symbols
        self.deps.register.take_over(symbols, "the next one", datetime.now(UTC))
        return self.future.result(10)


@contextmanager
def invoked(
    deps: Dependencies,
    owner: str = "the-only-one",
    seconds: float = 60,
    event: Mapping[str, object] | None = None,
) -> Iterator[Invocation]:
    """The real handler, begun; what it raised is raised at the end."""
    with ThreadPoolExecutor(1, thread_name_prefix=owner) as pool:
        future = pool.submit(lambda_handler, event or {}, Context(owner, seconds), deps)
        invocation = Invocation(deps, deps.ledger._ticks.database, future)
        try:
            yield invocation
        finally:
            if not future.done():
                invocation.relieve()
        future.result(10)


def adapted(settings: Settings, url: str, *symbols: str, interval: int = 1) -> Settings:
    """Settings for a grid that is fine enough for a test, at any time of any day."""
    return settings.model_copy(
        update={
            "nse_base_url": url,
            "nse_symbols": symbols or ("IDEA",),
            "nse_fetch_interval": interval,
            "nse_expiries": 3,  # all of the small symbols' expiries, so none in rotation
            "nse_max_requests_per_second": 20,
            "market_hours": "always",
            "log_level": "ERROR",
        }
    )


@pytest.fixture
def moving() -> Iterator[Exchange]:
    """An exchange whose data changes every second."""
    with Exchange(SimulatedMarket(tick_seconds=1)) as exchange:
        yield exchange


@pytest.fixture
def still() -> Iterator[Exchange]:
    """An exchange whose data does not change."""
    began = datetime.now(UTC)
    with Exchange(SimulatedMarket(clock=lambda: began)) as exchange:
        yield exchange


def check_ledger(database: Database[Document], symbols: Sequence[str]) -> int:
    """Each tick from the first to the last has one outcome of each symbol; return how many."""
    for symbol in symbols:
        entries = list(database[TICKS].find({"symbol": symbol}, sort=[("tick", 1)]))
        ticks = [row["tick"] for row in entries]
        assert ticks == [ticks[0] + number * SECOND for number in range(len(ticks))]
        assert all(tick.microsecond == 0 for tick in ticks)
        assert all("outcome" in row for row in entries)
        assert all("reason" in row for row in entries if row["outcome"] not in GOOD)
    return len(ticks)


def check_requests(database: Database[Document], exchange: Exchange) -> None:
    """No expiry of a tick was asked for twice, and what was received was asked for."""
    expiries = [row for entry in database[TICKS].find() for row in entry.get("expiries", [])]
    received = [row for row in expiries if "received_at" in row]
    # Where time runs out an attempt may end before it comes to a request.
    attempted = [row for row in expiries if "expiry_date" in row]
    assert 0 < len(received) <= len(exchange.requests.to(CHAIN)) <= len(attempted)


def check_snapshots(database: Database[Document], market: object) -> int:
    """All that is stored is what the exchange sent under that timestamp; return the headers."""
    assert isinstance(market, SimulatedMarket)
    headers = list(database[SNAPSHOTS].find())
    known = 0
    for header in headers:
        body = market.chain(header["symbol"], header["expiry"].date(), header["exchange_timestamp"])
        key = {name: header[name] for name in ("symbol", "expiry", "fetched_at")}
        documents = list(database[CONTRACT_DOCUMENTS].find(key))
        expected = contracts_of(body)
        names = next(iter(expected.values())).keys()
        assert expected == {
            (row["expiry"].date(), row["type"], row["strike_price"]): {
                name: row[name] for name in names
            }
            for row in documents
        }
        assert {row["underlying_value"] for row in documents} == {underlying_of(body)}
        known += len(documents)
    assert database[CONTRACT_DOCUMENTS].count_documents({}) == known
    return len(headers)


# ── ordinary seconds ─────────────────────────────────────────────────────────────────────────


def test_each_symbol_and_tick_has_one_outcome_and_what_is_stored_was_sent(
    moving: Exchange, mongo_settings: Settings, database: Database[Document]
) -> None:
    symbols = ("NIFTY", "M&M", "BAJAJ-AUTO", "IDEA")
    with recorder(adapted(mongo_settings, moving.url, *symbols)) as deps:
        answer = lambda_handler({}, Context(seconds=4), deps)
    assert answer["symbols"] == list(symbols)
    assert answer["ticks"] == check_ledger(database, symbols) >= 4
    for symbol in symbols:
        outcomes = Counter(row["outcome"] for row in database[TICKS].find({"symbol": symbol}))
        assert outcomes["stored"] >= 2
    assert check_snapshots(database, moving.market) >= 2 * (3 + 3 + 3 + 2)


def test_symbols_of_the_event_go_before_those_of_the_settings(
    still: Exchange, mongo_settings: Settings, database: Database[Document]
) -> None:
    event = {"symbols": ["m&m", "IDEA"]}
    with recorder(adapted(mongo_settings, still.url, "NIFTY")) as deps:
        answer = lambda_handler(event, Context(seconds=2), deps)
    assert answer["symbols"] == ["M&M", "IDEA"]
    assert set(database[TICKS].distinct("symbol")) == {"M&M", "IDEA"}


def test_unchanged_polls_store_nothing_and_move_last_seen_at(
    still: Exchange, mongo_settings: Settings, database: Database[Document]
) -> None:
    with recorder(adapted(mongo_settings, still.url)) as deps, invoked(deps) as invocation:
        until(lambda: len(invocation.entries("unchanged")) >= 2)
        invocation.relieve()
        stored, *unchanged = invocation.good()
        headers = list(database[SNAPSHOTS].find())
    assert stored["outcome"] == "stored"
    assert {row["outcome"] for row in unchanged} == {"unchanged"}
    assert {row["inserted"] for row in unchanged} == {0}
    assert check_snapshots(database, still.market) == len(headers) == 2
    assert {row["fetched_at"] for row in headers} == {stored["tick"]}
    assert {row["last_seen_at"] for row in headers} == {unchanged[-1]["tick"]}
    assert stored["inserted"] == sum(row["calls"] + row["puts"] for row in headers)


def test_a_closed_market_costs_no_request_and_no_second(
    still: Exchange, mongo_settings: Settings, database: Database[Document]
) -> None:
    class Sunday:
        """A clock on a day without a session."""

        def now(self) -> datetime:
            return datetime(2026, 9, 20, 6, 30, tzinfo=UTC)

        def monotonic(self) -> float:
            return time.monotonic()

        def sleep(self, seconds: float) -> None:
            time.sleep(seconds)

    settings = adapted(mongo_settings, still.url).model_copy(update={"market_hours": "exchange"})
    started = time.monotonic()
    with recorder(settings) as deps:
        answer = lambda_handler({}, Context(seconds=60), replace(deps, clock=Sunday()))
    assert answer["ticks"] == 0
    assert time.monotonic() - started < 1
    assert list(still.requests) == []
    assert database[TICKS].count_documents({}) == 0


# ── faults of the source ─────────────────────────────────────────────────────────────────────


def test_a_fault_on_one_tick_costs_that_tick_and_the_next_one_is_stored(
    moving: Exchange, mongo_settings: Settings, database: Database[Document]
) -> None:
    faults = {
        "server_error": "server_error",
        "truncated": "truncated",
        "empty_data": "empty",
    }
    with recorder(adapted(mongo_settings, moving.url)) as deps, invoked(deps) as invocation:
        began = tick = until(invocation.good)[-1]["tick"]
        for kind, reason in faults.items():
            moving.faults.add(kind, times=1)
            failed = until(partial(invocation.entries, "failed", after=tick))[0]
            assert (failed["reason"], bool(failed["detail"])) == (reason, True)
            good = until(partial(invocation.good, after=failed["tick"]))[0]
            assert (good["tick"], good["outcome"]) == (failed["tick"] + SECOND, "stored")
            tick = good["tick"]
        invocation.relieve()
        assert len(invocation.entries("failed", after=began)) == len(faults)
    check_ledger(database, ["IDEA"])
    check_snapshots(database, moving.market)


def test_an_unknown_symbol_fails_by_name_at_each_tick_and_the_others_go_on(
    still: Exchange, mongo_settings: Settings, database: Database[Document]
) -> None:
    settings = adapted(mongo_settings, still.url, "NITFY", "IDEA")
    with recorder(settings) as deps, invoked(deps) as invocation:
        until(lambda: len(invocation.good()) >= 3)
        invocation.relieve()
        began = invocation.good()[0]["tick"]
        known = invocation.entries(after=began)
        unknown = invocation.entries(symbol="NITFY", after=began)
    assert {row["outcome"] for row in known} <= set(GOOD)
    assert [row["tick"] for row in unknown] == [row["tick"] for row in known]
    assert {(row["outcome"], row["reason"]) for row in unknown} == {("failed", "invalid_payload")}
    assert all("'NITFY' has no options at the exchange" in row["detail"] for row in unknown)
    assert not [row for row in still.requests if "NITFY" in row.query]
    assert database[SNAPSHOTS].distinct("symbol") == ["IDEA"]


def test_a_source_that_is_away_at_the_start_is_recorded_as_soon_as_it_is_there(
    mongo_settings: Settings, database: Database[Document]
) -> None:
    port = free_port()
    settings = adapted(mongo_settings, f"http://127.0.0.1:{port}")
    with ExitStack() as stack:
        deps = stack.enter_context(recorder(settings))
        invocation = stack.enter_context(invoked(deps))
        (failed, *_) = until(lambda: invocation.entries("failed"))
        assert failed["reason"] == "server_error"
        assert database[SNAPSHOTS].count_documents({}) == 0
        exchange = stack.enter_context(Exchange(SimulatedMarket(tick_seconds=1), port=port))
        until(invocation.good, seconds=20)
        invocation.relieve()
        check_ledger(database, ["IDEA"])
        assert check_snapshots(database, exchange.market) > 0


def test_contract_info_that_fails_is_a_failed_tick_until_it_answers(
    still: Exchange, mongo_settings: Settings, database: Database[Document]
) -> None:
    still.faults.add("no_expiry_dates", times=1)
    with recorder(adapted(mongo_settings, still.url)) as deps, invoked(deps) as invocation:
        until(invocation.good)
        invocation.relieve()
        details = [row["detail"] for row in invocation.entries("failed")]
    # The first tick may have begun before the invocation, with no time left for a request.
    assert sum("contract info of IDEA: expiryDates" in detail for detail in details) == 1
    assert len(still.requests.to(CONTRACTS)) >= 2
    check_ledger(database, ["IDEA"])


# ── the relay ────────────────────────────────────────────────────────────────────────────────


def test_a_newcomer_takes_over_and_no_tick_is_fetched_twice_or_missed(
    moving: Exchange, mongo_settings: Settings, database: Database[Document]
) -> None:
    settings = adapted(mongo_settings, moving.url)
    with ExitStack() as stack:
        first, second = (stack.enter_context(recorder(settings)) for _ in range(2))
        veteran = stack.enter_context(invoked(first, "first"))
        until(lambda: len(veteran.good()) >= 2)
        started = time.monotonic()
        newcomer = stack.enter_context(invoked(second, "second"))
        veteran.future.result(5)
        assert time.monotonic() - started < 2.5
        until(lambda: [row for row in newcomer.good() if row["owner"] == "second"])
        newcomer.relieve()
    entries = list(database[TICKS].find(sort=[("tick", 1)]))
    owners = [row["owner"] for row in entries]
    assert owners == sorted(owners)
    assert set(owners) == {"first", "second"}
    assert check_ledger(database, ["IDEA"]) == len(entries)
    check_requests(database, moving)
    check_snapshots(database, moving.market)


def test_an_invocation_delivered_twice_does_the_work_of_one(
    moving: Exchange, mongo_settings: Settings, database: Database[Document]
) -> None:
    settings = adapted(mongo_settings, moving.url)
    with (
        recorder(settings) as one,
        recorder(settings) as other,
        invoked(one, "same", seconds=3) as first,
        invoked(other, "same", seconds=3) as second,
    ):
        began = [invocation.future.result(10)["ticks"] for invocation in (first, second)]
    assert sum(began) > 0
    check_requests(database, moving)
    check_ledger(database, ["IDEA"])
    check_snapshots(database, moving.market)


# ── the database goes away ───────────────────────────────────────────────────────────────────


@pytest.fixture
def own_mongod(tmp_path: Path, mongod: Mongod) -> Iterator[Mongod]:  # noqa: ARG001  (skips without)
    """A mongod of the test's own, not yet started."""
    server = Mongod(tmp_path)
    yield server
    server.stop(signal.SIGKILL)


class Reader:
    """Asks the API for chains all the time; keeps each it got, by its exchange timestamp."""

    def __init__(self, settings: Settings) -> None:
        self.chains: dict[str, dict[str, Any]] = {}
        self.statuses: Counter[int] = Counter()
        self._settings = settings
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._read, name="reader")

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def _read(self) -> None:
        deps = api_deps.connect(self._settings)
        with TestClient(create_app(deps)) as api:
            while not self._enough.wait(0.02):
                response = api.get("/option-chain/IDEA")
                self.statuses[response.status_code] += 1
                if response.status_code == 200:
                    chain = response.json()
                    self.chains[chain["exchange_timestamp"]] = chain
        deps.snapshots._database.client.close()


def test_an_outage_of_the_database_costs_its_ticks_alone_and_each_is_accounted_for(
    moving: Exchange, own_mongod: Mongod
) -> None:
    """Nothing is torn either: a reader that asks all the while sees whole chains or a 503."""
    own_mongod.start()
    settings = adapted(Settings(mongodb_uri=SecretStr(own_mongod.uri)), moving.url)
    with recorder(settings) as deps, Reader(settings) as reader, invoked(deps) as invocation:
        before = until(invocation.good)[-1]["tick"]
        own_mongod.stop(signal.SIGKILL)
        until(lambda: len(deps.backlog))
        until(lambda: reader.statuses[503])
        own_mongod.start()
        back = datetime.now(UTC)
        until(lambda: invocation.good(after=back))
        invocation.relieve()
        assert len(deps.backlog) == 0
        database = invocation.database
        lost = invocation.lost()
        check_ledger(database, ["IDEA"])
        assert lost
        assert all(row["tick"] > before - SECOND for row in lost)
        headers = list(database[SNAPSHOTS].find())
        market = moving.market
        assert isinstance(market, SimulatedMarket)
        for chain in reader.chains.values():
            stamp = datetime.fromisoformat(chain["exchange_timestamp"])
            day = datetime.strptime(chain["expiry_date"], "%d-%b-%Y").date()  # noqa: DTZ007
            sent = contracts_of(market.chain("IDEA", day, stamp))
            legs = chain["calls"] + chain["puts"]
            assert {(day, leg["type"], leg["strike_price"]) for leg in legs} == sent.keys()
            assert len({leg["fetched_at"] for leg in legs}) == 1
    assert {row["fetched_at"] for row in headers}.isdisjoint(row["tick"] for row in lost)
    assert set(reader.statuses) <= {200, 404, 503}


def test_a_database_that_is_away_at_the_start_is_told_later_what_it_missed(
    still: Exchange, own_mongod: Mongod
) -> None:
    settings = adapted(Settings(mongodb_uri=SecretStr(own_mongod.uri)), still.url)
    with recorder(settings) as deps:
        answer = lambda_handler({}, Context("early", seconds=0.1), deps)
        owed = len(deps.backlog)
        assert answer["ticks"] == owed > 0
        assert still.requests.to(CHAIN) == []
        own_mongod.start()
        with invoked(deps, "late") as invocation:
            until(invocation.good)
            invocation.relieve()
            lost = invocation.lost()
            assert len(lost) == owed
            assert not any("owner" in row for row in lost)
            assert len(deps.backlog) == 0
            unique = invocation.database[CONTRACT_DOCUMENTS].index_information()
            assert unique["identifier_1_fetched_at_1"]["unique"]
