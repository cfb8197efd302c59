"""Unusable answers through the real handler: each costs its own tick and no other."""

import random
import time
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from local.nse_simulator.faults import CHAIN, CONTRACTS, PAGE
from optionchain.mongo.indexes import CONTRACTS as CONTRACT_DOCUMENTS
from optionchain.mongo.indexes import SNAPSHOTS
from tests.integration.conftest import Play, SceneAt
from tests.support.bodies import EXPIRY, STAMP, Json, chain_body
from tests.support.mutations import MUTATIONS
from tests.support.scripted_nse import NOON, Scene, ScriptedMarket

# A body that is wrong in no way that counts is older than the one before.
REASONS = ("invalid_payload", "not_json", "truncated", "empty", "stale")
YESTERDAY = date(2026, 6, 18)


@pytest.fixture
def here(scene_at: SceneAt) -> Iterator[Scene]:
    with scene_at(NOON) as here:
        yield here


def good(number: int) -> Json:
    """Return the n-th good body; each has a later timestamp."""
    return chain_body(stamp=STAMP + timedelta(seconds=number))


def test_of_mutated_bodies_each_costs_its_tick_and_the_next_good_one_is_stored(play: Play) -> None:
    chance = random.Random(1)
    script: list[Json | bytes] = []
    for number in range(21):
        script += [MUTATIONS[number % len(MUTATIONS)](chance), good(number)]
    with play(script) as (here, recorder):
        entries = recorder.work(22) + recorder.work(20)
        assert here.asked(CHAIN) == len(script) == len(entries)
    for bad, well in zip(entries[::2], entries[1::2], strict=True):
        assert bad["outcome"] != "failed" or bad["reason"] in REASONS
        assert well["outcome"] == "stored"
    assert sum(entry["outcome"] == "failed" for entry in entries) > 15
    stored = sum(entry["inserted"] for entry in entries)
    assert here.database[CONTRACT_DOCUMENTS].count_documents({}) == stored
    assert here.source().get("until") is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'"text"', "invalid_payload"),
        (b'{"records":{"data":[' + b"[" * 10_000, "not_json"),
        (chain_body(expiry=date(2026, 6, 30)), "invalid_payload"),
        (chain_body(symbol="BANKNIFTY"), "invalid_payload"),
        (chain_body(last_price="101.35"), "invalid_payload"),
        (chain_body(open_interest=1e300), "invalid_payload"),
    ],
)
def test_an_unusable_body_fails_its_tick(play: Play, body: Json | bytes, reason: str) -> None:
    with play([body, good(1)]) as (here, recorder):
        failed, stored = recorder.work(2)
        assert (failed["outcome"], failed["reason"]) == ("failed", reason)
        assert stored["outcome"] == "stored"
        assert here.database[SNAPSHOTS].count_documents({}) == 1


def test_a_body_of_eight_megabytes_of_faults_takes_no_longer_than_its_tick(play: Play) -> None:
    text = b'{"records":{"timestamp":"19-Jun-2026 15:02:20","underlyingValue":1,"data":['
    text += b"{}," * (8_000_000 // 3) + b"{}]}}"
    with play([text, good(1)]) as (_, recorder):
        began = time.process_time()
        failed, stored = recorder.work(2)
        assert time.process_time() - began < 5
    assert (failed["outcome"], failed["reason"]) == ("failed", "invalid_payload")
    assert stored["outcome"] == "stored"


CONTRACT_FAULTS = [
    ("no_expiry_dates", {}, "invalid_payload", "contract info of IDEA: expiryDates: not a list"),
    ("server_error", {"status": 500}, "server_error", "HTTP 500"),
    ("html_200", {}, "not_json", "the body begins"),
    ("truncated", {}, "truncated", "the connection ended before the body"),
    ("empty", {}, "empty", "the body is {}"),
    ("huge", {"size": 50_000_000}, "invalid_payload", "the body passes"),
]


@pytest.mark.parametrize(("kind", "details", "reason", "detail"), CONTRACT_FAULTS)
def test_contract_info_at_fault_is_a_failed_tick_until_it_is_well(
    here: Scene, kind: str, details: Json, reason: str, detail: str
) -> None:
    here.exchange.faults.add(kind, path=CONTRACTS, **details)
    with here.recorder() as recorder:
        failed = recorder.tick()
        assert (failed["outcome"], failed["reason"]) == ("failed", reason)
        assert detail in failed["detail"]
        assert here.asked(CHAIN) == 0
        here.exchange.faults.clear()
        assert recorder.tick()["outcome"] == "stored"


@pytest.mark.parametrize("body", [b"{ }", b"[]", b"null", b'{"records":{"data":[]}}'])
def test_a_blank_body_fails_its_tick_if_it_comes_again(play: Play, body: bytes) -> None:
    with play([body, good(1), body, body, good(2)]) as (here, recorder):
        stored, failed, after = recorder.work(3)
        assert [stored["outcome"], after["outcome"]] == ["stored", "stored"]
        assert (failed["outcome"], failed["reason"]) == ("failed", "empty")
        assert here.asked(PAGE) == 3


def test_contract_info_of_nothing_is_empty(play: Play) -> None:
    with play([good(1)]) as (here, recorder):
        market = here.exchange.market
        assert isinstance(market, ScriptedMarket)
        market.listed = []
        assert recorder.tick()["reason"] == "empty"
        market.listed = [EXPIRY]
        assert recorder.tick()["outcome"] == "stored"


@pytest.mark.parametrize("listed", [[YESTERDAY], [date(2025, 1, 30), YESTERDAY]])
def test_contract_info_without_a_future_date_fails_its_tick(play: Play, listed: list[date]) -> None:
    with play([good(1)]) as (here, recorder):
        market = here.exchange.market
        assert isinstance(market, ScriptedMarket)
        market.listed = listed
        for failed in recorder.work(2):
            assert (failed["outcome"], failed["reason"]) == ("failed", "invalid_payload")
            assert failed["detail"] == "contract info of NIFTY: no expiry from today on"
        assert here.asked(CHAIN) == 0
        market.listed = [*listed, EXPIRY]
        assert recorder.tick()["outcome"] == "stored"


def test_a_past_date_that_is_still_listed_first_is_dropped(here: Scene) -> None:
    here.exchange.faults.add("past_expiries")
    with here.recorder() as recorder:
        assert recorder.tick()["outcome"] == "stored"
    expiries = here.database[SNAPSHOTS].distinct("expiry")
    assert expiries
    assert min(expiries).date() >= NOON.date()


def test_one_symbol_at_fault_costs_the_others_nothing(here: Scene) -> None:
    here.exchange.faults.add("no_expiry_dates", query="symbol=IDEA")
    with here.recorder(nse_symbols=("IDEA", "M&M")) as recorder:
        entries = recorder.work(3)
    assert [(entry["symbol"], entry["outcome"]) for entry in entries] == [
        ("IDEA", "failed"),
        ("M&M", "stored"),
    ] * 3
