"""Query plans: what the application really asks is found by an index, and nothing else is read."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from local.mongod import Mongod
from optionchain.mongo.listing_register import Listing, ListingRegister
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.api import client, commit
from tests.support.bodies import EXPIRY, Json
from tests.support.commands import Watched, watched
from tests.support.snapshots import INTERVAL, TICK, snapshot

JULY = date(2026, 7, 28)
NIFTY = "/option-chain/NIFTY"
STRIKES = [23900.0 + 50 * number for number in range(8)]
TICKS = 40
SYMBOLS = ("NIFTY", "BANKNIFTY")
SIDES = ("CE", "PE")
CONTRACTS = len(SIDES) * len(STRIKES)
PAST = "2026-06-19T15:01:00"


@pytest.fixture(scope="module")
def parts(mongod: Mongod) -> Iterator[Watched]:
    """Many snapshots of two expiries and two symbols, each confirmed once, by a ledger of ticks."""
    with watched(mongod, "plans") as (database, commands):
        chains = [
            snapshot(STRIKES, symbol=symbol, expiry=day, tick=TICK - number * INTERVAL)
            for number in range(TICKS)
            for symbol in SYMBOLS
            for day in (EXPIRY, JULY)
        ]
        yesterday = snapshot(STRIKES, tick=TICK - timedelta(days=1))
        commit(database, *chains, yesterday, rate=5.5)
        ledger = TickLedger(database)
        for number in range(TICKS):
            ledger.record("NIFTY", TICK - number * INTERVAL, {"outcome": "stored"})
        for number in range(TICKS):
            since = TICK - number * timedelta(days=1)
            ListingRegister(database).write(Listing("NIFTY", (EXPIRY, JULY), since, since))
        yield database, commands


def plans(parts: Watched, path: str) -> list[tuple[Json, Json]]:
    """Return each command that a request is answered with, and how the server executes it."""
    database, commands = parts
    api = client(database)  # which has cached nothing
    with commands.kept() as sent:
        if path.startswith("{"):
            response = api.post(
                "/option-chain/filter", content=path, headers={"content-type": "application/json"}
            )
        else:
            response = api.get(path)
        assert response.status_code == 200, response.text
    asked = list(sent)
    assert asked
    return [(each, database.command("explain", each, verbosity="executionStats")) for each in asked]


def stages(plan: object) -> Iterator[str]:
    """Yield the name of every stage of a plan that is executed, however deep."""
    if isinstance(plan, Mapping):
        if isinstance(plan.get("stage"), str):
            yield plan["stage"]
        for name, inner in plan.items():
            if name != "rejectedPlans":
                yield from stages(inner)
    elif isinstance(plan, list):
        for inner in plan:
            yield from stages(inner)


def statistics(plan: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a plan's execution read and returned."""
    if "stages" in plan:  # an aggregation that was not handed down whole
        (cursor,) = [each["$cursor"] for each in plan["stages"] if "$cursor" in each]
        plan = cursor
    statistics: Mapping[str, Any] = plan["executionStats"]
    return statistics


def collection(command: Mapping[str, Any]) -> str:
    name: str = next(iter(command.values()))
    return name


ONE = "strike=24000&option_type=CE"
QUESTIONS = {
    "the latest chain": NIFTY,
    "the latest chain of a named expiry": f"{NIFTY}?expiry=28-Jul-2026",
    "the latest chain of the next expiry": f"{NIFTY}?expiry=next",
    "the latest chains of all expiries": f"{NIFTY}?expiry=all",
    "the chain as of a moment": f"{NIFTY}?as_of={PAST}",
    "the chain of a named expiry as of a moment": f"{NIFTY}?as_of={PAST}&expiry=28-Jul-2026",
    "the chains of all expiries as of a moment": f"{NIFTY}?as_of={PAST}&expiry=all",
    "the history of a contract": f"{NIFTY}/history?{ONE}&from=15:00",
    "the history of a contract by its name": (
        f"{NIFTY}/history?identifier=NIFTY_CE_24000_23-Jun-2026&from=15:00"
    ),
    "the history of both sides": f"{NIFTY}/history?strike=24000&from=15:00",
    "the history of a window": f"{NIFTY}/history?strikes_around_atm=1&from=15:00",
    "a page of a history": f"{NIFTY}/history?{ONE}&from=15:00&limit=5",
    "the candles of a contract": f"{NIFTY}/history?{ONE}&interval=1m",
    "changes": f"{NIFTY}/changes?from=15:01&to=15:02",
    "snapshots": f"{NIFTY}/snapshots?from=15:01&to=15:02",
    "snapshots of all expiries": f"{NIFTY}/snapshots?from=15:01&to=15:02&expiry=all",
    "a page of snapshots": f"{NIFTY}/snapshots?expiry=all&limit=5",
    "recorded days": f"{NIFTY}/days",
    "a filter": '{"symbol": "NIFTY"}',
    "a filter as of a moment": f'{{"symbol": "NIFTY", "as_of": "{PAST}"}}',
    "strikes": f"{NIFTY}/strikes",
    "expiry dates": f"{NIFTY}/expiry-dates",
    "expiry dates as of a moment": f"{NIFTY}/expiry-dates?as_of={PAST}",
    "the chain with greeks": f"{NIFTY}?greeks=true",
    "analytics": f"{NIFTY}/analytics",
    "analytics as of a moment": f"{NIFTY}/analytics?as_of={PAST}",
    "the smile": f"{NIFTY}/analytics/smile",
    "the profile of open interest": f"{NIFTY}/analytics/open-interest?as_of={PAST}",
    "gamma exposure": f"{NIFTY}/analytics/gamma-exposure",
    "gamma exposure of all expiries": f"{NIFTY}/analytics/gamma-exposure?expiry=all",
    "the term structure": f"{NIFTY}/analytics/term-structure?as_of={PAST}",
    "the rank of the volatility": f"{NIFTY}/analytics/iv-rank?as_of={PAST}",
    "the surface": f"{NIFTY}/analytics/surface",
    "the history of open interest": f"{NIFTY}/analytics/open-interest/history?interval=30s",
    "the history of analytics": f"{NIFTY}/analytics/history?metric=pcr_oi&from=15:00",
    "a page of the history of analytics": f"{NIFTY}/analytics/history?from=15:00&limit=5",
    "the history of analytics by interval": f"{NIFTY}/analytics/history?interval=1m",
}


# How many contracts must be read at least, so that what is explained is what answers.
READ = {
    "the latest chain": CONTRACTS,
    "the latest chains of all expiries": 2 * CONTRACTS,
    "the chain as of a moment": CONTRACTS,
    "the history of a contract": 30,
    "changes": 2 * CONTRACTS,
    "gamma exposure": CONTRACTS,
    "gamma exposure of all expiries": 2 * CONTRACTS,
    "the surface": 2 * CONTRACTS,
    "the history of open interest": 7 * CONTRACTS,
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_is_answered_by_indexes_and_reads_no_more(question: str, parts: Watched) -> None:
    found = plans(parts, QUESTIONS[question])
    assert "snapshots" in {collection(command) for command, _ in found}
    assert len(found) <= 8
    contracts = 0
    for command, plan in found:
        names = set(stages(plan))
        assert names, plan
        assert not names & {"COLLSCAN", "SORT"}, command
        if command.get("find") == "option_chain":
            check_contracts_read(command, statistics(plan))
            contracts += statistics(plan)["nReturned"]
        elif collection(command) == "snapshots":
            check_headers_read(command, statistics(plan))
        elif collection(command) == "listings":
            assert statistics(plan)["totalDocsExamined"] == 1, command
    assert contracts >= READ.get(question, 0)


def check_contracts_read(command: Mapping[str, Any], read: Mapping[str, Any]) -> None:
    """No contract is read that is not answered."""
    assert read["totalDocsExamined"] == read["nReturned"], command
    # One key more is where the range ends; a chain or a window of several ranges has more ends.
    ranges = command["filter"].get("identifier", {})
    ticks = command["filter"].get("fetched_at", {})
    several = [each["$in"] for each in (ranges, ticks) if isinstance(each, dict) and "$in" in each]
    ends = len(several[0]) if several else 3
    assert read["totalKeysExamined"] <= read["nReturned"] + ends, command


def check_headers_read(command: Mapping[str, Any], read: Mapping[str, Any]) -> None:
    """A header is found by reading no other."""
    if command.get("limit") == 1:
        assert read["totalDocsExamined"] <= 1, command
    assert read["totalDocsExamined"] <= max(read["nReturned"], 2), command
    if "skip" not in command and command.get("find"):
        assert read["totalKeysExamined"] <= read["nReturned"] + 3, command


def test_the_newest_document_of_each_contract_is_found_without_its_others(parts: Watched) -> None:
    """The recorder looks for contracts that vanished, among all that were ever stored of them."""
    database, commands = parts
    contracts = [f"NIFTY_{side}_{strike:.0f}_23-Jun-2026" for strike in STRIKES for side in SIDES]
    with commands.kept() as sent:
        found = SnapshotReader(database).newest_documents([*contracts, "NIFTY_CE_1"], ["type"])
    assert len(found) == len(contracts)
    (asked,) = sent
    plan = database.command("explain", asked, verbosity="executionStats")
    assert "DISTINCT_SCAN" in set(stages(plan))
    assert statistics(plan)["totalDocsExamined"] <= len(contracts)


def test_the_newest_headers_of_many_symbols_are_found_by_one_query(parts: Watched) -> None:
    database, commands = parts
    asked = {"NIFTY": [EXPIRY, JULY], "BANKNIFTY": [EXPIRY, JULY], "NONE": [EXPIRY]}
    with commands.kept() as sent:
        found = SnapshotReader(database).newest_of_symbols(asked)
    assert {symbol: len(headers) for symbol, headers in found.items()} == {
        "NIFTY": 2,
        "BANKNIFTY": 2,
    }
    (command,) = sent
    first, *others = _branches(command["pipeline"])
    assert len(others) == 1
    for pipeline in (first, *others):
        asked_alone = {"aggregate": "snapshots", "pipeline": pipeline, "cursor": {}}
        plan = database.command("explain", asked_alone, verbosity="executionStats")
        assert "DISTINCT_SCAN" in set(stages(plan))
        assert statistics(plan)["totalDocsExamined"] == 2


def test_no_document_is_read_for_the_newest_ticks_of_further_expiries(parts: Watched) -> None:
    database, commands = parts
    near, further = ({symbol: [day] for symbol in SYMBOLS} for day in (EXPIRY, JULY))
    with commands.kept() as sent:
        found = SnapshotReader(database).newest_and_ticks(near, further, ["content_hash"])
    assert [len(headers) for headers in found.values()] == [2, 2]
    (command,) = sent
    examined = []
    for pipeline in _branches(command["pipeline"]):
        asked_alone = {"aggregate": "snapshots", "pipeline": pipeline, "cursor": {}}
        plan = database.command("explain", asked_alone, verbosity="executionStats")
        assert "DISTINCT_SCAN" in set(stages(plan))
        examined.append(statistics(plan)["totalDocsExamined"])
    assert examined == [len(SYMBOLS), 0]


def _branches(pipeline: list[Json]) -> list[list[Json]]:
    first = [stage for stage in pipeline if "$unionWith" not in stage]
    return [first, *(stage["$unionWith"]["pipeline"] for stage in pipeline[len(first) :])]
