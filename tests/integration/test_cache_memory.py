"""The memory of the response cache stays within its bound, whatever its requests look like."""

import gc
import logging
import tracemalloc
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from pymongo.database import Database
from starlette.testclient import TestClient

from chain_api.caching import response_cache
from optionchain.mongo.client import Document
from tests.support.api import CHAIN, client, commit
from tests.support.snapshots import snapshot

BOUND = 1_000_000
STRIKES = [float(strike) for strike in range(24_000, 26_000, 50)]
WEEK = timedelta(days=7)
PADDING = "x" * 900
# By form: the address and the Accept header of request `n`. None of them is asked for twice.
ONE_STRIKE = "strikes_around_atm=0&strike_min=0.{n}"
REQUESTS = {
    "small answers, padded header": (f"{CHAIN}/strikes", f"a/{{n}};{PADDING}"),
    "small answers, padded query": (f"{CHAIN}?{ONE_STRIKE}&columns={'bid_qty,' * 90}type", ""),
    "small answers, padded path": ("/option-chain/{spaces}NIFTY/expiry-dates", ""),
    "small answers of many snapshots": (f"{CHAIN}?expiry=all&{ONE_STRIKE}", ""),
    "large answers": (f"{CHAIN}?expiry=all&strike_min=0.{{n}}", ""),
    "tables": (f"{CHAIN}?expiry=all&format=csv&strike_min=0.{{n}}", ""),
    "analytics": (f"{CHAIN}/analytics", "a/{n}"),
}


@pytest.fixture
def api(database: Database[Document], monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The API with a small cache, over a real database: its documents share no objects."""
    monkeypatch.setattr(response_cache, "_MOST_BYTES", BOUND)
    expiries = (date(2026, 6, 23) + number * WEEK for number in range(6))
    commit(database, *(snapshot(STRIKES, expiry=each) for each in expiries), rate=5.5)
    logging.disable()  # pytest would keep every record
    yield client(database)
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("form", REQUESTS)
def test_cache_takes_no_more_memory_than_it_may(form: str, api: TestClient) -> None:
    path, accept = REQUESTS[form]

    def ask(numbers: range) -> None:
        for n in numbers:
            address = path.format(n=n, spaces="%20" * n)
            headers = {"accept": accept.format(n=n), "accept-encoding": "gzip"}
            assert api.get(address, headers=headers).status_code == 200

    ask(range(3))
    gc.collect()
    tracemalloc.start()
    try:
        ask(range(3, 80))
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert taken <= BOUND
