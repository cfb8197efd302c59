"""A simulated week with everything that a day in the archive may hold, and what is left of it.

From Monday to Friday, an index and two stocks, of the simulated exchange. The index has an expiry
on Tuesday. One stock is recorded on Monday alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import product

import orjson

from chain_archive.sealing import seal
from chain_fetch.nse.body_parser import parse
from local.nse_simulator.market import SimulatedMarket
from optionchain.analytics import analytics_of
from optionchain.archive.object_store import ObjectStore
from optionchain.contract_terms import ContractTerms
from optionchain.exchange_time import IST, exchange_date, expiry_text
from optionchain.mongo.indexes import (
    CONTRACTS,
    DISAGREEMENTS,
    DUTIES,
    LISTINGS,
    SETTLEMENTS,
    SNAPSHOTS,
    TICKS,
)
from optionchain.mongo.listing_register import Listing, ListingRegister
from optionchain.mongo.settlement_register import Settlement, SettlementRegister
from optionchain.mongo.shift_register import Duty, ShiftRegister
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import SnapshotFacts
from tests.support.mongomock_database import AnyDatabase

MONDAY, FRIDAY = date(2026, 6, 15), date(2026, 6, 19)
DAYS = tuple(MONDAY + timedelta(days=number) for number in range(5))
SYMBOLS = ("NIFTY", "M&M")
OF_MONDAY = "IDEA"
_STRIKES = 5
_STEP = timedelta(seconds=5)
_MORNING, _MIDDAY, _CLOSING, _EVENING = "09:15:05", "12:30:00", "15:45:00", "19:45:00"
TIMES = (_MORNING, "09:15:10", "09:40:00", "11:00:00", _MIDDAY, "15:20:00", _CLOSING, _EVENING)
_RATE = 5.5
_OLD_FIELDS = ("iv_as_of", "listed_on", "newly_listed")


def at(day: date, text: str) -> datetime:
    """Return an instant of a day in India, in UTC."""
    return datetime.combine(day, time.fromisoformat(text), IST).astimezone(UTC)


@dataclass(frozen=True)
class Week:
    """Writes the week into a database as the recorder does."""

    database: AnyDatabase

    def record(self) -> None:
        """Record every day."""
        market = SimulatedMarket(clock=lambda: at(FRIDAY, "23:00"), hours="exchange")
        for day in DAYS:
            for symbol in (*SYMBOLS, *((OF_MONDAY,) if day == MONDAY else ())):
                self._listings(market, symbol, day)
                for number, text in enumerate(TIMES):
                    self._tick(market, symbol, at(day, text), number)
                self._settlements(symbol, day)
        self._age(MONDAY)

    def _listings(self, market: SimulatedMarket, symbol: str, day: date) -> None:
        listed = tuple(market.expiries(symbol, at(day, "09:00")))
        # On Thursday the last expiry is withdrawn.
        listed = listed[:-1] if day >= DAYS[3] else listed
        register, since = ListingRegister(self.database), at(day, "09:10:00")
        before = register.at(symbol, None)
        if before and before.expiries == listed:
            register.write(before._replace(read_at=since))
        else:
            register.write(Listing(symbol, listed, since, since))

    def _tick(self, market: SimulatedMarket, symbol: str, tick: datetime, number: int) -> None:
        """Store most ticks; one in the morning of Wednesday fails, and one finds nothing new."""
        ShiftRegister(self.database).begin(
            (symbol,), "shift", Duty(tick - _STEP, tick + timedelta(minutes=2), 5)
        )
        is_failed = exchange_date(tick) == DAYS[2] and number in (2, 3)
        expiries = market.expiries(symbol, tick)[:4]
        # The further expiries have their turns, and in the evening all are read.
        turns = (
            expiries
            if number in (0, 7)
            else [expiries[0], expiries[1 + number % (len(expiries) - 1)]]
        )
        if not is_failed:
            for expiry in turns:
                self._store(_snapshot(market, symbol, expiry, tick), number)
        self._ledger(symbol, tick, turns, "failed" if is_failed else "stored")
        if number in (1, 4, 6):
            self._confirm(symbol, tick, turns[:1])

    def _store(self, found: Snapshot, number: int) -> None:
        if number == 4 and exchange_date(found.fetched_at) == DAYS[1]:
            found = replace(found, source="upstox", exchange_timestamp=None, derived=("change",))
        legs = {(each.strike_price, each.side) for each in found.quotes}
        facts = SnapshotFacts(
            underlying_since=found.stamp,
            frozen_since=found.stamp if number == 5 else None,
            iv_as_of=dict.fromkeys(legs, found.stamp),
            listed_on={max(legs): exchange_date(found.fetched_at)},
            new_legs=frozenset([max(legs)]),
            terms=ContractTerms(75) if number % 2 else SnapshotFacts().terms,
        )
        derive = partial(analytics_of, rate=_RATE) if number != 3 else None
        SnapshotWriter(self.database).commit(
            Commit(
                found,
                revised=number == 1,
                earlier_hashes=("0123abcd",) if number == 1 else (),
                legs_missing=number % 2 or None,
                settled=number == 7 and found.expiry != MONDAY,
                facts=facts,
                derive=derive,
            )
        )

    def _confirm(self, symbol: str, tick: datetime, expiries: Sequence[date]) -> None:
        """Confirm snapshots at the two ticks after it; at the last one they may be final."""
        store = SnapshotWriter(self.database)
        for number in (1, 2):
            later = tick + number * _STEP
            for expiry in expiries:
                if header := store.latest_header(symbol, expiry, later):
                    store.confirm(header, later, settled=exchange_date(tick) == DAYS[3])
            self._ledger(symbol, later, expiries, "unchanged")

    def _ledger(self, symbol: str, tick: datetime, expiries: Sequence[date], outcome: str) -> None:
        ledger, reason = TickLedger(self.database), {"reason": "timeout"}
        ledger.claim(symbol, tick, "shift", tick)
        rows = [
            {"expiry_date": expiry_text(each), "outcome": outcome, "verdict": outcome}
            for each in expiries
        ]
        entry = {"outcome": outcome, "lateness_ms": 9.0, "source": "nse", "expiries": rows}
        ledger.record(symbol, tick, entry | (reason if outcome == "failed" else {}))

    def _settlements(self, symbol: str, day: date) -> None:
        expiry = SnapshotWriter(self.database).expiries(symbol, day)[0]
        checked = at(day + timedelta(days=1), _MORNING)
        SettlementRegister(self.database).judge(
            Settlement(symbol, expiry, day, checked, "matched", legs=10)
        )

    def _age(self, day: date) -> None:
        """Make the documents of a day those of an older recorder."""
        within = {"fetched_at": {"$gte": at(day, "09:00"), "$lt": at(day, "12:00")}}
        self.database[CONTRACTS].update_many(within, {"$unset": dict.fromkeys(_OLD_FIELDS, "")})
        names = ("legs_missing", "legs_hash", "settled", "underlying_since", "lot_size", "source")
        self.database[SNAPSHOTS].update_many(within, {"$unset": dict.fromkeys(names, "")})
        # Another program wrote a whole number of another type.
        odd = {"fetched_at": at(day, _MIDDAY), "type": "CE"}
        self.database[CONTRACTS].update_many(odd, {"$set": {"open_interest": 5}})


def _snapshot(market: SimulatedMarket, symbol: str, expiry: date, tick: datetime) -> Snapshot:
    """Return a chain of the strikes around the money."""
    found = parse(orjson.dumps(market.chain(symbol, expiry, tick)), symbol, tick)
    spot = found.underlying_value or 0.0
    strikes = sorted({each.strike_price for each in found.quotes}, key=lambda k: abs(k - spot))
    wanted = set(strikes[:_STRIKES])
    return replace(
        found, quotes=tuple(each for each in found.quotes if each.strike_price in wanted)
    )


def seal_week(database: AnyDatabase, store: ObjectStore) -> None:
    """Seal every day of every symbol."""
    for symbol, day in product((*SYMBOLS, OF_MONDAY), DAYS):
        seal(database, store, symbol, day)


# What expires in which collection, by which field, and how much later than headers.
_EXPIRING: dict[str, tuple[str, timedelta]] = {
    SNAPSHOTS: ("fetched_at", timedelta(0)),
    CONTRACTS: ("fetched_at", timedelta(hours=1)),
    TICKS: ("tick", timedelta(0)),
    DUTIES: ("since", timedelta(days=1)),
    DISAGREEMENTS: ("at", timedelta(0)),
    SETTLEMENTS: ("day", timedelta(days=1)),
    LISTINGS: ("read_at", timedelta(days=2)),
}


def evict(database: AnyDatabase, until: datetime) -> None:
    """Delete what MongoDB would have deleted when its retention falls on an instant.

    Listings go earlier than they do, so that some of the week's are in the archive alone.
    """
    for name, (field, grace) in _EXPIRING.items():
        database[name].delete_many({field: {"$lt": until - grace}})
