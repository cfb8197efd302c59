"""The simulated market as the recorder would store it: the same numbers on every machine."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache, partial

import orjson
from pymongo.database import Database

from chain_fetch.nse.body_parser import parse
from local.nse_simulator.market import SimulatedMarket
from optionchain.analytics import analytics_of
from optionchain.exchange_time import IST, expiry_text
from optionchain.mongo.client import Document
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import NOTHING_KNOWN, SnapshotFacts

SYMBOLS = ("NIFTY", "BANKNIFTY")
STEP = timedelta(seconds=5)
# Friday, 19 June 2026, in session. The last of these is the latest chain of a test's beginning.
TIMES = ("09:15:00", "10:00:00", "11:30:00", "13:00:00", "14:15:00", "15:01:30", "15:02:30")
_EXPIRIES = 2
_RATE = Settings().risk_free_rate
_OWNER = "6e25ab3b-e628-4e03-9111-57dc4cb2e852"


def ist(text: str) -> datetime:
    """Return a time of that day in India, in UTC."""
    return datetime.fromisoformat(f"2026-06-19T{text}").replace(tzinfo=IST).astimezone(UTC)


def iso(instant: datetime) -> str:
    """Return an instant as the API writes it."""
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"


# A tick after the last snapshot, which confirmed it.
NOW = ist("15:02:37")


@cache
def market() -> SimulatedMarket:
    """Return the market that is recorded."""
    return SimulatedMarket(clock=lambda: NOW)


@cache
def snapshots(symbol: str, tick: datetime) -> tuple[Snapshot, ...]:
    """Return the nearest expiries of a symbol as the exchange would answer them at a tick."""
    return tuple(
        parse(orjson.dumps(market().chain(symbol, expiry, tick)), symbol, tick)
        for expiry in market().expiries(symbol, tick)[:_EXPIRIES]
    )


class Recording:
    """A database, written tick by tick; `changed` tells whether anything was written."""

    def __init__(self, database: Database[Document]) -> None:
        self._store = SnapshotWriter(database)
        self._ledger = TickLedger(database)
        self.changed = False

    def session(self, times: Sequence[str] = TIMES, symbols: Sequence[str] = SYMBOLS) -> None:
        """Record these times of the day, each confirmed by the tick after it."""
        for text in times:
            for symbol in symbols:
                self.tick(symbol, ist(text))
                self.confirm(symbol, ist(text) + STEP)

    def tick(self, symbol: str, tick: datetime) -> tuple[Snapshot, ...]:
        """Store what the market says at a tick."""
        return self.store(symbol, tick, snapshots(symbol, tick))

    def store(
        self,
        symbol: str,
        tick: datetime,
        found: Sequence[Snapshot],
        *,
        facts: SnapshotFacts = NOTHING_KNOWN,
        legs_missing: int = 0,
        settled: bool = False,
    ) -> tuple[Snapshot, ...]:
        """Store snapshots of a symbol under a tick, with what the record knows of each."""
        self.changed = True
        stored = tuple(replace(each, fetched_at=tick) for each in found)
        for each in stored:
            derive = partial(analytics_of, rate=_RATE)
            told = Commit(
                each, legs_missing=legs_missing, settled=settled, facts=facts, derive=derive
            )
            self._store.commit(told)
        self._enter(symbol, tick, "stored", [expiry_text(each.expiry) for each in stored])
        return stored

    def confirm(self, symbol: str, tick: datetime) -> None:
        """Note that the exchange still said the same at a tick."""
        self.changed = True
        known = list(self._latest(symbol, tick))
        for header in known:
            self._store.confirm(header, tick)
        if known:
            self._enter(symbol, tick, "unchanged", [header["expiry_date"] for header in known])

    def _latest(self, symbol: str, tick: datetime) -> Iterator[HeaderDocument]:
        for expiry in market().expiries(symbol, tick)[:_EXPIRIES]:
            if header := self._store.latest_header(symbol, expiry):
                yield header

    def _enter(self, symbol: str, tick: datetime, outcome: str, expiries: Sequence[str]) -> None:
        self._ledger.claim(symbol, tick, _OWNER, tick)
        rows = [
            {"expiry_date": expiry, "outcome": outcome, "verdict": outcome} for expiry in expiries
        ]
        entry = {"outcome": outcome, "lateness_ms": 9.0, "expiries": rows}
        self._ledger.record(symbol, tick, entry)
