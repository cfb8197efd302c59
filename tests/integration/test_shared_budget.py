"""One account, several recorders: a real server gets no more than its windows allow."""

from collections.abc import Iterator

import pytest

from chain_fetch.handler import lambda_handler
from chain_fetch.http.window import Window
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from optionchain.mongo.indexes import REQUEST_COUNTS
from optionchain.mongo.request_counts import RequestCounts, address_key
from tests.integration.conftest import SceneAt
from tests.support.recorder import Context
from tests.support.scripted_nse import GOOD, NOON, Scene
from tests.support.twin_source import TWIN, TwinModule

FULL = "the budget of 9 requests in 10 min is used up until"


@pytest.fixture
def here(scene_at: SceneAt) -> Iterator[Scene]:
    with scene_at(NOON, source=(TWIN,), nse_expiries=1) as here:
        here.database[REQUEST_COUNTS].delete_many({})
        yield here


@pytest.fixture
def vendor(here: Scene) -> Iterator[Exchange]:
    with Exchange(SimulatedMarket(clock=here.clock.true, tick_seconds=1)) as exchange:
        yield exchange


def test_recorders_with_one_account_keep_its_windows_together(
    here: Scene, vendor: Exchange
) -> None:
    """The second one goes on where the first one was when it ended."""
    module = TwinModule(vendor.url, windows=(Window(9, 600),))
    entries = []
    for _ in range(3):
        with here.recorder({TWIN: module}) as recorder:
            entries += recorder.work(3)
    assert entries[0]["outcome"] in GOOD
    assert len(vendor.requests.to("/")) == 9
    left = [entry for entry in entries if entry["outcome"] not in GOOD]
    assert {(entry["outcome"], entry["reason"]) for entry in left} == {("skipped", "busy")}
    assert all(FULL in entry["detail"] for entry in left)
    assert len(left) >= 3


def test_requests_of_all_recorders_of_an_address_are_counted_together(scene_at: SceneAt) -> None:
    """The exchange's site counts by address, and two invocations may overlap."""
    with scene_at(NOON) as here, here.recorder() as first, here.recorder() as second:
        counts = RequestCounts(here.database)
        first.work(2)
        before = counts.read(address_key("nse", 1))
        second.work(2)
        assert 0 < before.version < counts.read(address_key("nse", 1)).version


def test_an_environment_counts_each_of_its_groups_by_the_address_of_the_group(
    scene_at: SceneAt,
) -> None:
    """Lambda gives an idle environment to whichever group comes next."""
    symbols = ("NIFTY", "BANKNIFTY", "RELIANCE", "IDEA")
    with scene_at(NOON, nse_symbols=symbols, nse_addresses=2) as here, here.recorder() as one:
        recorded = []
        for group in ("1", "2"):
            event = {"group": group, "groups": 2}
            recorded += lambda_handler(event, Context(group, 2.5), one.deps)["symbols"]
            here.clock.sleep(5)
        counts = RequestCounts(here.database)
        assert all(counts.read(address_key("nse", address)).version for address in (1, 2))
        plan = counts.plans(here.clock.now())["nse"]
    assert sorted(recorded) == sorted(symbols)
    assert (plan["symbols"], plan["groups"], plan["addresses"]) == (4, 2, 2)
