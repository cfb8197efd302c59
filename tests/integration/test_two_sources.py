"""Two sources, each a real HTTP server: what the record has when one of them fails."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise

import pytest

from chain_fetch.nse import source as nse
from chain_fetch.source import SourceModule
from local.nse_simulator.faults import CHAIN
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import DISAGREEMENTS, LISTINGS, SNAPSHOTS
from tests.integration.conftest import SceneAt
from tests.support.scripted_nse import GOOD, NOON, Recorder, Scene
from tests.support.twin_source import TWIN, TwinModule

SOURCES = (TWIN, "nse")
# A source that is left is not taken again for a minute.
MINUTE = 12


@pytest.fixture
def here(scene_at: SceneAt) -> Iterator[Scene]:
    with scene_at(NOON, source=SOURCES) as here:
        yield here


@pytest.fixture
def first(here: Scene) -> Iterator[Exchange]:
    """The exchange that is preferred; it has the same market as the other one."""
    with Exchange(SimulatedMarket(clock=here.clock.true, tick_seconds=1)) as exchange:
        yield exchange


@contextmanager
def recording(here: Scene, first: Exchange) -> Iterator[Recorder]:
    modules: dict[str, SourceModule] = {TWIN: TwinModule(first.url), "nse": nse}
    with here.recorder(modules) as recorder:
        yield recorder


@pytest.fixture
def both(here: Scene, first: Exchange) -> Iterator[Recorder]:
    with recording(here, first) as recorder:
        yield recorder


def sources(entries: list[Document]) -> list[str]:
    return [entry["source"] for entry in entries]


def switches(entries: list[Document]) -> list[tuple[str, str]]:
    """From which source the record went, and why."""
    return [
        (entry["switched_from"]["source"], entry["switched_from"]["reason"])
        for entry in entries
        if "switched_from" in entry
    ]


def test_the_preferred_source_alone_is_asked(here: Scene, both: Recorder) -> None:
    entries = both.work(5)
    assert sources(entries) == [TWIN] * 5
    assert here.asked() == 0


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("server_error", "server_error"),
        ("access_denied", "blocked"),
        ("too_many", "rate_limited"),
        ("html_200", "not_json"),
        ("empty_data", "empty"),
        ("connection_reset", "server_error"),
    ],
)
def test_killing_the_first_source_loses_no_tick(
    here: Scene, first: Exchange, both: Recorder, fault: str, reason: str
) -> None:
    """A refusal comes early, so the other source is asked for the very tick that it hit."""
    both.work(3)
    first.faults.add(fault, path="/")
    entries = both.work(3 * MINUTE)
    assert {entry["outcome"] for entry in entries} <= set(GOOD)
    assert set(sources(entries)) == {"nse"}
    assert switches(entries) == [(TWIN, reason)]
    assert here.asked() > 0


def test_the_first_source_comes_back_and_a_flapping_one_does_not_switch_each_tick(
    first: Exchange, both: Recorder
) -> None:
    both.work(2)
    first.faults.add("server_error", times=2)  # both chains of one tick
    entries = both.work(MINUTE + 3)
    assert sources(entries)[0] == "nse"
    assert sources(entries)[-1] == TWIN
    assert [why for _, why in switches(entries)] == ["server_error", "preferred"]
    first.faults.add("server_error", times=2)
    again = both.work(2 * MINUTE)
    assert switches(again) == [(TWIN, "server_error")]  # it is left for twice as long


@pytest.mark.parametrize("stamped", [True, False])
def test_what_is_recorded_goes_on_across_switches_and_repeats_nothing(
    here: Scene, first: Exchange, *, stamped: bool
) -> None:
    """Both serve one market, and the preferred one may send no time stamps."""
    modules: dict[str, SourceModule] = {TWIN: TwinModule(first.url, stamped=stamped), "nse": nse}
    with here.recorder(modules) as recorder:
        recorder.work(4)
        first.faults.add("server_error", times=2)
        entries = [entry for _ in range(2) for entry in recorder.work(MINUTE)]
    assert [why for _, why in switches(entries)] == ["server_error", "preferred"]
    assert {entry["outcome"] for entry in entries} <= set(GOOD)
    headers = list(here.database[SNAPSHOTS].find(sort=[("expiry", 1), ("fetched_at", 1)]))
    for before, after in pairwise(headers):
        if before["expiry"] == after["expiry"]:
            assert before["content_hash"] != after["content_hash"]
            assert before["call_volume"] <= after["call_volume"]


def test_a_snapshot_is_whole_from_one_source(here: Scene, first: Exchange, both: Recorder) -> None:
    both.work(2)
    first.faults.add("server_error", times=1)  # of the two chains of a tick
    both.work(2)
    for header in here.database[SNAPSHOTS].find():
        key = {name: header[name] for name in ("symbol", "expiry", "fetched_at")}
        named = {row.get("source", "nse") for row in here.database["option_chain"].find(key)}
        assert named == {header["source"]}


def test_another_environment_knows_that_a_source_is_left(
    here: Scene, first: Exchange, both: Recorder
) -> None:
    both.work(2)
    first.faults.add("server_error", times=2)
    both.work(1)
    before = len(first.requests.to("/"))
    with recording(here, first) as other:
        assert sources(other.work(3)) == ["nse"] * 3
    assert len(first.requests.to("/")) == before


def test_if_both_refuse_the_rules_of_a_single_source_hold(
    here: Scene, first: Exchange, both: Recorder
) -> None:
    both.work(2)
    first.faults.add("server_error")
    here.exchange.faults.add("server_error", times=2)
    entries = both.work(2)
    assert [entry["outcome"] for entry in entries] == ["failed", "stored"]
    assert entries[0]["sources_failed"][0]["source"] == TWIN
    assert switches(entries) == [(TWIN, "server_error")]


def test_no_list_takes_an_expiry_from_the_other_one(
    here: Scene, first: Exchange, both: Recorder
) -> None:
    both.work(2)
    listed = here.database[LISTINGS].find_one(sort=[("since", -1)])
    assert listed
    before = listed["expiries"]
    first.faults.add("server_error", path="/")
    here.exchange.faults.add("past_expiries")
    both.work(2)
    after = here.database[LISTINGS].find_one(sort=[("since", -1)])
    assert after
    assert set(before) <= set(after["expiries"])
    assert set(after["by_source"]) == set(SOURCES)


def test_a_setting_that_names_another_source_is_a_switch(here: Scene, both: Recorder) -> None:
    with here.recorder(source=("nse",)) as alone:
        alone.work(1)
    assert switches(both.work(1)) == [("nse", "preferred")]
    with here.recorder(source=("nse",)) as alone:
        assert switches(alone.work(1)) == [(TWIN, "setting")]


@pytest.mark.time_limits
def test_a_returning_source_that_hangs_costs_no_tick(
    here: Scene, first: Exchange, both: Recorder
) -> None:
    """It has half of the tick, so the other source is asked for the same tick."""
    both.work(2)
    first.faults.add("server_error", times=2)
    both.work(MINUTE)
    first.faults.add("tarpit", seconds=20)
    entries = both.work(4)
    assert {entry["outcome"] for entry in entries} <= set(GOOD)
    assert set(sources(entries)) == {"nse"}
    assert any("sources_failed" in entry for entry in entries)
    assert here.clock.now() - NOON > timedelta(minutes=1)


def checks_of(here: Scene) -> list[Document]:
    return list(here.database[DISAGREEMENTS].find(sort=[("at", 1)]))


@pytest.mark.parametrize("other_seed", [7, 8])
def test_two_servers_are_compared_every_five_minutes(here: Scene, other_seed: int) -> None:
    """Those of one market agree; those of two markets differ, contract by contract."""
    first, second = (
        Exchange(SimulatedMarket(seed, here.clock.true, tick_seconds=30))
        for seed in (7, other_seed)
    )
    with first, second:
        modules: dict[str, SourceModule] = {TWIN: TwinModule(first.url), "nse": nse}
        with here.recorder(modules, cross_check=True, nse_base_url=second.url) as recorder:
            for _ in range(14):
                recorder.work(MINUTE)
        asked = second.requests.to(CHAIN)
    checks = [each for each in checks_of(here) if "differs" in each]
    assert len(checks) >= 2
    assert len(asked) <= 4  # of the source that does not record, in fourteen minutes
    assert {check["differs"] for check in checks} == {other_seed != 7}
    for check in checks:
        compared = {each["field"]: each["compared"] for each in check["fields"]}
        assert all(compared.values())
        assert (check["recorded"], check["other"]) == (TWIN, "nse")
