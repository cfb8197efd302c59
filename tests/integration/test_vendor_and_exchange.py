"""Upstox and the exchange's own site of one market, each in its own dialect, as two sources."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise

import pytest

from chain_fetch.source import SourceModule
from local.nse_simulator.market import SimulatedMarket
from local.run.vendors import VENDORS
from local.upstox_simulator import tokens
from local.upstox_simulator.server import Upstox
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import DISAGREEMENTS, SNAPSHOTS
from optionchain.settings import SecretStr
from tests.integration.conftest import SceneAt
from tests.integration.test_vendor_faults import Unpaced
from tests.support.scripted_nse import GOOD, NOON, Recorder, Scene

SOURCES = ("upstox", "nse")
MINUTE = 12


@pytest.fixture
def here(scene_at: SceneAt) -> Iterator[Scene]:
    with scene_at(NOON, source=SOURCES) as here:
        yield here


@contextmanager
def recording(
    here: Scene, token: str | None = None, **changes: object
) -> Iterator[tuple[Upstox, Recorder]]:
    values = VENDORS["upstox"].token(NOON) | ({} if token is None else {"access_token": token})
    modules: dict[str, SourceModule] = {name: Unpaced(name) for name in SOURCES}
    market = here.exchange.market
    assert isinstance(market, SimulatedMarket)
    with Upstox(market, windows=()) as vendor:
        urls = {"upstox": vendor.url, "upstox-files": vendor.url}
        secret = SecretStr(json.dumps({"upstox": values}))
        with here.recorder(modules, source_urls=urls, source_tokens=secret, **changes) as recorder:
            yield vendor, recorder


def headers(here: Scene) -> list[Document]:
    return list(here.database[SNAPSHOTS].find(sort=[("expiry", 1), ("fetched_at", 1)]))


@pytest.mark.parametrize(
    "fault", ["server_error", "front_refused", "blank_chain", "odd_shares", "truncated"]
)
def test_a_session_goes_on_across_a_failure_of_the_vendor(here: Scene, fault: str) -> None:
    """No tick is lost, nothing is stored twice, and volumes go on in the market's order.

    Ticks are far apart, so that a busy machine has the time to read the vendor's file in the first.
    """
    with recording(here, nse_fetch_interval=30) as (vendor, recorder):
        entries = recorder.work(4)
        vendor.faults.add(fault, times=2)
        for _ in range(7):
            entries += recorder.work(2)
    assert [entry["source"] for entry in entries[:6]] == ["upstox"] * 4 + ["nse"] * 2
    assert entries[-1]["source"] == "upstox"
    assert {entry["outcome"] for entry in entries} <= set(GOOD)
    for before, after in pairwise(headers(here)):
        if before["expiry"] == after["expiry"]:
            assert before["call_volume"] <= after["call_volume"]


def test_a_token_that_ended_costs_no_tick(here: Scene) -> None:
    with recording(here, tokens.ended_token(NOON)) as (_, recorder):
        entries = recorder.work(6)
    assert [entry["source"] for entry in entries] == ["nse"] * 6
    assert entries[0]["sources_failed"][0]["reason"] == "unauthorised"
    assert {entry["outcome"] for entry in entries} <= set(GOOD)


@pytest.mark.parametrize("order", [SOURCES, SOURCES[::-1]])
def test_sources_of_one_market_agree_in_price_and_open_interest(
    here: Scene, order: tuple[str, ...]
) -> None:
    """Shares and lots are the same contracts; each source computes its own volatilities."""
    with recording(here, source=order, cross_check=True) as (_, recorder):
        for _ in range(12):
            recorder.work(MINUTE)
    checks = [each for each in here.database[DISAGREEMENTS].find() if "fields" in each]
    assert checks
    for check in checks:
        for each in check["fields"][:2]:
            assert each["compared"] > 0
            assert each["differing"] == 0, each
    assert here.clock.now() - NOON >= timedelta(minutes=11)
