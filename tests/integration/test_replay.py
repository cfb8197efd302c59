"""Captured bodies all the way: exchange, fetch function, mongod, API; every leg and field."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import orjson
import pytest
from fastapi.testclient import TestClient

from chain_fetch.dependencies import Dependencies
from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.ticks.tick_grid import first_tick
from local.nse_simulator.captures import shift_date_text
from local.nse_simulator.replay import ReplayMarket
from local.nse_simulator.server import Exchange
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.settings import Settings
from tests.conftest import CAPTURED
from tests.support.api import client, commit
from tests.support.bodies import Json
from tests.support.captured import as_v3
from tests.support.histories import iso
from tests.support.mongomock_database import AnyDatabase
from tests.support.naive_reader import contracts_of, underlying_of
from tests.support.recorder import recorder


class Facts(NamedTuple):
    """What the record knows of a contract beside the body of its snapshot."""

    iv_as_of: str | None = None
    listed_on: str | None = None
    newly_listed: bool | None = False


type Captured = Callable[[str], Json]
# Where the bodies of the exchange come from.
PROVENANCE = {"source": "nse", "derived": [], "dated_by": "exchange"}

type Chain = dict[date, Json]
type OpenWay = Callable[..., AbstractContextManager[Way]]

SESSION = "v3-from-legacy/nifty-2025-12-05"
V3 = "v3/nifty-23-jun-2026.captured-2026-06-19T1737.json.gz"
JANUARY = "v3/dialect-pchange-2026-01.trimmed.json"
UNIVERSE = {"BANKNIFTY": 842, "FINNIFTY": 223, "RELIANCE": 194}
UNIVERSE |= {"M&M": 85, "BAJAJ-AUTO": 149, "IDEA": 52}
EDGES = (
    *("torn-two-underlyings", "zero-underlying-in-9-legs", "post-close-rewrite-before"),
    *("post-close-rewrite-after", "muhurat-session-live", "holiday-serves-last-session"),
)
IST = timedelta(hours=5, minutes=30)
INTERVAL = 5


def stamp_of(body: Json, market: ReplayMarket | None) -> str:
    """The timestamp of the body, which is of India, as the API writes it: a replay may move it."""
    text = body["records"]["timestamp"]
    if market:
        text = market.stamps[str(shift_date_text(text, market.shift_days))]
    local = datetime.strptime(text, "%d-%b-%Y %H:%M:%S")  # noqa: DTZ007
    return iso((local - IST).replace(tzinfo=UTC))


def answers_of(
    body: Json, symbol: str, tick: datetime, market: ReplayMarket | None = None
) -> Chain:
    """What the API is to answer for each expiry of a body, by the expiry captured."""
    shift = market.shift_days if market else 0
    chains: Chain = {}
    for (expiry, side, strike), numbers in contracts_of(body).items():
        day = expiry + timedelta(days=shift)
        shared = {
            "symbol": symbol,
            "expiry_date": day.strftime("%d-%b-%Y"),
            "underlying_value": underlying_of(body),
            "exchange_timestamp": stamp_of(body, market),
        }
        whole = {"timestamp": iso(tick), "last_seen_at": iso(tick), "calls": [], "puts": []}
        chain = chains.setdefault(expiry, shared | whole)
        price = str(strike).removesuffix(".0")
        contract = {
            "type": side,
            "identifier": f"{symbol}_{side}_{price}_{shared['expiry_date']}",
            "fetched_at": iso(tick),
            "expiry": f"{day}T00:00:00Z",
        }
        chain["calls" if side == "CE" else "puts"].append(shared | contract | numbers)
    for chain in chains.values():
        for side in ("calls", "puts"):
            chain[side].sort(key=lambda leg: leg["strike_price"])
            chain[f"total_{side}"] = len(chain[side])
    return chains


def contracts(chains: Chain) -> int:
    """How many contracts there are in chains."""
    return sum(len(chain["calls"]) + len(chain["puts"]) for chain in chains.values())


@dataclass(frozen=True)
class Way:
    """A replaying exchange, the recorder that reads it, and the API over what it stored."""

    market: ReplayMarket
    symbol: str
    deps: Dependencies
    api: TestClient
    began: datetime

    def tick(self, number: int) -> datetime:
        """The instant of a tick, from the first one after the beginning on."""
        return first_tick(self.began, INTERVAL) + timedelta(seconds=number * INTERVAL)

    def read(self, number: int) -> list[RequestResult]:
        """The results of a tick, which is read at once."""
        return self.deps.sources.readers[0].read([self.symbol], self.tick(number))[self.symbol]

    def get(self, path: str, **query: str) -> Json:
        return answer_of(self.api, f"/option-chain/{self.symbol.replace('&', '%26')}{path}", query)

    def chain(self, expiry: date) -> Json:
        """The API's latest chain of an expiry, which is named as captured."""
        day = expiry + timedelta(days=self.market.shift_days)
        return self.get("", expiry=day.isoformat())

    def answers(self, expiries: Mapping[date, object]) -> Chain:
        """The API's latest chains of these expiries, of which the record knows nothing else."""
        found = {expiry: without_facts(self.chain(expiry)) for expiry in expiries}
        for chain, facts in found.values():
            for leg in (*chain["calls"], *chain["puts"]):
                may_be_new = not leg["change_in_oi"] and (
                    leg["open_interest"] <= leg["total_traded_volume"]
                )
                assert facts[leg["identifier"]] == Facts(newly_listed=None if may_be_new else False)
        return {expiry: chain for expiry, (chain, _) in found.items()}


def answer_of(api: TestClient, path: str, query: Mapping[str, str]) -> Json:
    response = api.get(path, params=dict(query))
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    assert answer.pop("age_seconds") >= 0
    if "expiries" in answer:  # what a chain says of itself besides its numbers and their times
        (state,) = answer.pop("expiries")
        assert state.pop("age_seconds") >= 0
        for flag in ("gap", "settled", "frozen"):
            assert state.pop(flag) is answer.pop(flag) is False
        for absent in ("frozen_since", "lot_size"):
            assert state.pop(absent) is answer.pop(absent) is None
        for name, value in PROVENANCE.items():
            assert state.pop(name) == answer.pop(name) == value
        assert state.pop("lot_size_reason") == answer.pop("lot_size_reason") == "not_read"
        assert state == {name: answer[name] for name in state}
        assert answer.pop("layout") == "sides"
    return answer


def without_facts(chain: Json) -> tuple[Json, dict[str, Facts]]:
    """A chain without what the record knows beside the bodies, and that by identifier."""
    facts = {}
    for leg in (*chain["calls"], *chain["puts"]):
        known = leg.pop("iv_as_of"), leg.pop("listed_on"), leg.pop("newly_listed")
        facts[leg["identifier"]] = Facts(*known)
    return chain, facts


@pytest.fixture
def way(mongo_settings: Settings, database: AnyDatabase) -> OpenWay:
    """Opens the whole way for the captures in a folder."""

    @contextmanager
    def opened(folder: Path, symbol: str) -> Iterator[Way]:
        market = ReplayMarket(folder)
        with Exchange(market) as exchange:
            changed = replace(
                mongo_settings,
                nse_base_url=exchange.url,
                nse_symbols=(symbol,),
                nse_expiries=20,
                nse_max_requests_per_second=20,
                market_hours="always",
                log_level="WARNING",
                nse_fetch_interval=INTERVAL,
            )
            api = client(database, lambda: datetime.now(UTC), changed)
            with recorder(changed) as deps:
                yield Way(market, symbol, deps, api, datetime.now(UTC))

    return opened


class VolatilityAges:
    """Since when each contract has had the volatility that the exchange sends."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[float | None, str | None]] = {}

    def seen(self, chain: Json) -> dict[str, str | None]:
        """The stamps by identifier, after one more chain; None where the change was not seen."""
        for leg in (*chain["calls"], *chain["puts"]):
            name, sent = leg["identifier"], leg["implied_volatility"]
            before, since = self._known.get(name, (sent, None))
            if sent != before:
                since = chain["exchange_timestamp"]
            self._known[name] = sent, since if sent is not None else None
        names = [leg["identifier"] for leg in (*chain["calls"], *chain["puts"])]
        return {name: self._known[name][1] for name in names}


def test_captured_session_is_answered_as_served(
    captured_body: Captured, way: OpenWay, database: AnyDatabase
) -> None:
    captured_body(V3)  # skips where the captures are absent
    folders = sorted(path for path in (CAPTURED / SESSION).iterdir() if path.is_dir())
    assert len(folders) == 16
    with way(CAPTURED / SESSION, "NIFTY") as replayed:
        before: list[Json] = []
        expected: Chain = {}
        ages = VolatilityAges()
        for number, folder in enumerate(folders):
            replayed.market.position = number
            tick, results = replayed.tick(number), replayed.read(number)
            bodies = [
                captured_body(str(path.relative_to(CAPTURED))) for path in sorted(folder.iterdir())
            ]
            if bodies == before:  # captured twice after the close
                assert [result.outcome for result in results] == ["unchanged"] * 4
                expected = {
                    day: chain | {"last_seen_at": iso(tick)} for day, chain in expected.items()
                }
            else:
                assert [result.outcome for result in results] == ["stored"] * 4
                for body in bodies:
                    expected |= answers_of(body, "NIFTY", tick, replayed.market)
            assert len(expected) == 4
            for expiry, chain in expected.items():
                answer, facts = without_facts(replayed.chain(expiry))
                assert answer == chain
                assert {name: known.iv_as_of for name, known in facts.items()} == ages.seen(chain)
                assert {known.listed_on for known in facts.values()} == {None}
            assert sum(result.legs for result in results) == contracts(expected)
            before = bodies
    missing = [row["legs_missing"] for row in database[SNAPSHOTS].find(sort=[("fetched_at", 1)])]
    assert missing[:4] == [None] * 4
    assert set(missing[4:]) == {0}, "strikes came in that session, and none went"


def write(folder: Path, bodies: Mapping[date, Json], moment: int = 0) -> None:
    """Puts bodies where the replaying exchange looks for the moments of a session."""
    place = folder / f"{moment:06}-{moment:06}Z"
    place.mkdir()
    for expiry, body in bodies.items():
        (place / f"{expiry}.json").write_text(json.dumps(body))


@pytest.mark.parametrize(("name", "legs"), [(V3, 206), (JANUARY, 4)])
def test_captured_v3_body_is_answered_as_it_was_served(
    captured_body: Captured, way: OpenWay, tmp_path: Path, name: str, legs: int
) -> None:
    body = captured_body(name)
    write(tmp_path, {date.min: body})
    with way(tmp_path, "NIFTY") as replayed:
        assert [result.legs for result in replayed.read(0)] == [legs]
        expected = answers_of(body, "NIFTY", replayed.tick(0), replayed.market)
        assert contracts(expected) == legs
        assert replayed.answers(expected) == expected


@pytest.mark.parametrize("side", ["CE", "PE"])
def test_captured_absent_leg_is_no_contract(
    captured_body: Captured, way: OpenWay, tmp_path: Path, side: str
) -> None:
    body = captured_body(JANUARY)
    row = body["records"]["data"][1]
    row[side] = captured_body("v3/absent-leg-2026-09.trimmed.json")
    write(tmp_path, {date.min: body})
    with way(tmp_path, "NIFTY") as replayed:
        assert [result.legs for result in replayed.read(0)] == [3]
        expected = answers_of(body, "NIFTY", replayed.tick(0), replayed.market)
        assert replayed.answers(expected) == expected
    (chain,) = expected.values()
    name = "calls" if side == "CE" else "puts"
    assert row["strikePrice"] not in [leg["strike_price"] for leg in chain[name]]


@pytest.mark.parametrize(("symbol", "legs"), UNIVERSE.items())
def test_captured_symbol_is_answered_as_it_was_served(
    captured_body: Captured, way: OpenWay, tmp_path: Path, symbol: str, legs: int
) -> None:
    """Captured before v3: served in its form, expected from the body as captured."""
    body = captured_body(f"legacy/universe-2025-07-17/{symbol.lower()}.json.gz")
    write(tmp_path, as_v3(body))
    with way(tmp_path, symbol) as replayed:
        results = replayed.read(0)
        expected = answers_of(body, symbol, replayed.tick(0), replayed.market)
        assert sum(result.legs for result in results) == contracts(expected) == legs
        assert replayed.answers(expected) == expected


@pytest.mark.parametrize("name", EDGES)
def test_captured_edge_is_answered_as_it_was_captured(
    captured_body: Captured, database: AnyDatabase, name: str
) -> None:
    """Captured before v3, and not replayed: its dates stay as they were."""
    body = captured_body(f"legacy/edge/{name}.json.gz")
    tick = first_tick(datetime.now(UTC), INTERVAL)
    commit(database, *(parse(orjson.dumps(one), "NIFTY", tick) for one in as_v3(body).values()))
    expected = answers_of(body, "NIFTY", tick)
    api = client(database, lambda: datetime.now(UTC))
    for expiry, chain in expected.items():
        answer = answer_of(api, "/option-chain/NIFTY", {"expiry": expiry.isoformat()})
        assert without_facts(answer)[0] == chain
