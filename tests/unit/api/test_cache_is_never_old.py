"""The response cache never answers with what a reader of the database would call old.

A simulated recorder writes step by step, as the real one does: contracts, header, confirmation, the
list of expiries where that has changed, and the ledger entry last. Between any two steps a client
polls an application that has lived long. Its answers must equal those that another application
renders without its cache.
"""

import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from optionchain.mongo.listing_register import Listing, ListingRegister
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.api import Clock, client
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import INTERVAL, TICK, snapshot

EXPIRIES = (date(2026, 6, 23), date(2026, 6, 30), date(2026, 7, 28))
PATHS = (
    "/option-chain/NIFTY",
    "/option-chain/NIFTY?expiry=all&columns=last_price",
    "/option-chain/NIFTY?expiry=next&format=csv",
    "/option-chain/NIFTY/strikes",
    "/option-chain/NIFTY/expiry-dates",
    "/option-chain/NIFTY/analytics",
    "/option-chain/NIFTY/analytics?iv_source=exchange",
)
TICKS = 12
# Answers under a request line as long as this are not cached.
UNCACHED = {"accept": "*/*, " + ", ".join(["application/json"] * 60)}


class Recorder:
    """Writes ticks in steps; `chance` decides what the exchange answers."""

    def __init__(self, database: AnyDatabase, chance: random.Random) -> None:
        self._writer = SnapshotWriter(database)
        self._reader = SnapshotReader(database)
        self._ledger = TickLedger(database)
        self._listings = ListingRegister(database)
        self._listed: tuple[date, ...] = EXPIRIES
        self._chance = chance

    def tick(self, number: int) -> Iterator[Callable[[], object]]:
        """Yield the steps of a tick, in the order in which the recorder takes them."""
        tick = TICK + number * INTERVAL
        yield lambda: self._ledger.claim("NIFTY", tick, "owner", tick)
        outcomes = []
        # The first tick has a later expiry only: the nearest one is recorded after it.
        for expiry in EXPIRIES[1:2] if number == 0 else self._chance.sample(self._listed, 2):
            words = ("stored", "unchanged", "unchanged", "settled", "failed")
            outcome = self._chance.choice(words)
            last = self._reader.latest_header("NIFTY", expiry)
            if outcome == "stored" or (last is None and outcome != "failed"):
                outcome = "stored"
                news = snapshot(expiry=expiry, tick=tick, last_price=float(100 + number))
                yield lambda news=news: self._writer.commit(Commit(news))  # type: ignore[misc]
            elif outcome != "failed" and last is not None:
                # The evening's reading may find that the stored chain is the final one.
                final = {"settled": outcome == "settled"}
                yield lambda last=last, final=final: self._writer.confirm(last, tick, **final)  # type: ignore[misc]
            outcomes.append({"outcome": outcome})
        if number == 0 or self._chance.random() < 1 / 3:
            # The exchange moves an expiry, or lists it again.
            self._listed = tuple(sorted(self._chance.sample(EXPIRIES, self._chance.choice((2, 3)))))
            listing = Listing("NIFTY", self._listed, tick, tick)
            yield lambda: self._listings.write(listing)
        bad = all(each["outcome"] == "failed" for each in outcomes)
        entry: dict[str, Any] = {"outcome": "failed" if bad else "unchanged", "expiries": outcomes}
        yield lambda: self._ledger.record("NIFTY", tick, entry)


@uses_mongomock
@pytest.mark.parametrize("seed", range(6))
def test_a_poll_is_answered_as_without_a_cache(seed: int) -> None:
    chance, database, clock = random.Random(seed), memory_database(), Clock(TICK)
    polled, recorder, compared = client(database, clock), Recorder(database, chance), 0
    for number in range(TICKS):
        tick = TICK + number * INTERVAL
        uncached = client(database, clock)
        for step in recorder.tick(number):
            clock.now = max(clock.now, tick) + timedelta(milliseconds=chance.randrange(1, 700))
            step()
            for path in chance.sample(PATHS, 2):
                found, expected = polled.get(path), uncached.get(path, headers=UNCACHED)
                assert found.status_code == expected.status_code, (number, path)
                del found.headers["x-request-id"], expected.headers["x-request-id"]
                assert found.headers == expected.headers, (number, path)
                if found.status_code == 200:
                    assert found.content == expected.content, (number, path)
                    compared += 1
    assert compared > 5 * TICKS
