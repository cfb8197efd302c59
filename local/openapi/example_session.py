"""A small recording for the examples of the OpenAPI document, the same on every machine.

It holds a few moments and strikes of the simulated market on two days in June 2026.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

import orjson
from pymongo.database import Database

from chain_fetch.nse.body_parser import parse
from chain_fetch.nse.source import terms
from chain_fetch.recording.budget.budget_demand import Demand
from chain_fetch.recording.budget.budget_plan import plan_of
from chain_fetch.recording.budget.budget_words import plan_document
from local.nse_simulator.instruments import INSTRUMENTS
from local.nse_simulator.market import SimulatedMarket
from optionchain.analytics import analytics_of
from optionchain.contract_lists import ContractList
from optionchain.contract_terms import ContractTerms
from optionchain.exchange_time import IST, exchange_date, expiry_text
from optionchain.market import ordinary_hours
from optionchain.mongo.client import Document
from optionchain.mongo.contract_register import ContractRegister
from optionchain.mongo.disagreement_register import (
    CrossComparison,
    DifferingContract,
    DisagreementRegister,
    FieldComparison,
)
from optionchain.mongo.documents import NSE
from optionchain.mongo.indexes import Indexes
from optionchain.mongo.request_counts import RequestCounts
from optionchain.mongo.shift_register import Duty, ShiftRegister
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.symbol_days import SymbolDays
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot
from optionchain.snapshot_facts import SnapshotFacts

# Friday, 15:02:37 in India: in session.
NOW = datetime(2026, 6, 19, 15, 2, 37, tzinfo=IST).astimezone(UTC)
SYMBOLS = ("NIFTY", "M&M")
OWNER = "6e25ab3b-e628-4e03-9111-57dc4cb2e852"
RETENTION_DAYS = 3_650
RATE = 5.5  # percent a year
_MOMENTS = (
    "2026-06-18T15:20:00",
    "2026-06-19T09:20:00",
    "2026-06-19T10:00:00",
    "2026-06-19T10:15:00",
    "2026-06-19T15:02:00",
    "2026-06-19T15:02:30",
)
_CONFIRMED = timedelta(seconds=5)
# A shift began this long before each moment. It has two minutes, and a tick every five seconds.
_STARTED = timedelta(seconds=10)
_LONGEST_SHIFT = timedelta(minutes=2)
_INTERVAL = 5
_EXPIRIES = 2
_NEAR, _FAR = 5, 1
_FIRST_DAY = date(2026, 6, 18)
_TICK_SIZE, _FREEZE_LOTS = 0.05, 27


def record(database: Database[Document]) -> None:
    """Write the recording into an empty database, as the recorder does."""
    Indexes(database, RETENTION_DAYS).ensure()
    market, register = SimulatedMarket(clock=lambda: NOW), ShiftRegister(database)
    ticks = [datetime.fromisoformat(text).replace(tzinfo=IST).astimezone(UTC) for text in _MOMENTS]
    _keep_terms(database, market)
    for tick in ticks:
        since = tick - _STARTED
        register.begin(SYMBOLS, OWNER, Duty(since, since + _LONGEST_SHIFT, _INTERVAL))
        for symbol in SYMBOLS:
            _record_tick(database, symbol, tick, _snapshots(market, symbol, tick))
    DisagreementRegister(database).complete(_comparison(ticks[-2]))
    failed = {"outcome": "failed", "reason": "timeout", "lateness_ms": 21.0}
    TickLedger(database).record("NIFTY", NOW - timedelta(seconds=17), failed)
    register.take_over(SYMBOLS, OWNER, NOW - timedelta(seconds=30))
    plan = plan_of(terms(Settings()), Demand(len(SYMBOLS), _INTERVAL, _EXPIRIES))
    SymbolDays(database).catch_up(lambda: NOW)
    RequestCounts(database).write_plan(NSE, plan_document(plan), ticks[0])


def _keep_terms(database: Database[Document], market: SimulatedMarket) -> None:
    """Keep what the exchange and a vendor list in the mornings of the two days."""
    for day in (ordinary_hours(exchange_date(NOW)).opens, ordinary_hours(_FIRST_DAY).opens):
        read_at, morning = day - timedelta(minutes=15), exchange_date(day)
        for symbol in SYMBOLS:
            terms = {each: _terms(symbol, each) for each in market.expiries(symbol, day)}
            lots = {each: ContractTerms(known.lot_size) for each, known in terms.items()}
            ContractRegister(database).write(
                [
                    ContractList(symbol, "bhavcopy", morning - timedelta(days=1), read_at, lots),
                    ContractList(symbol, "upstox-files", morning, read_at, terms),
                ]
            )


def _terms(symbol: str, expiry: date) -> ContractTerms:
    lot = INSTRUMENTS[symbol].lot_of(expiry)
    return ContractTerms(lot, _TICK_SIZE, lot * _FREEZE_LOTS)


def _comparison(tick: datetime) -> CrossComparison:
    """Return what came of comparing another source with the snapshot of a tick."""
    at = tick - timedelta(minutes=2)  # the beginning of its five minutes
    named = DifferingContract("NIFTY_CE_24350_23-Jun-2026", 20_511.0, 20_517.0)
    fields = (
        FieldComparison("last_price", 0.05, compared=9, differing=0, moved=2),
        FieldComparison("open_interest", 1e-6, 11, differing=1, moved=0, largest=(named,)),
        FieldComparison("implied_volatility", 0.01, compared=11, differing=0, moved=0),
    )
    expiry = date(2026, 6, 23)
    return CrossComparison("NIFTY", at, expiry, "nse", "upstox", tick, tick, tick, fields)


def _snapshots(market: SimulatedMarket, symbol: str, tick: datetime) -> list[Snapshot]:
    found: list[Snapshot] = []
    for expiry in market.expiries(symbol, tick)[:_EXPIRIES]:
        body = orjson.dumps(market.chain(symbol, expiry, tick))
        found.append(_cut(parse(body, symbol, tick)))
    return found


def _cut(snapshot: Snapshot) -> Snapshot:
    """Keep the strikes around the money, and the lowest one that has no call."""
    strikes = sorted({quote.strike_price for quote in snapshot.quotes})
    calls = {quote.strike_price for quote in snapshot.quotes if quote.side == "CE"}
    spot = snapshot.underlying_value or 0.0
    near = sorted(strikes, key=lambda strike: abs(strike - spot))[:_NEAR]
    wanted = {*near, *[strike for strike in strikes if strike not in calls][:_FAR]}
    quotes = tuple(quote for quote in snapshot.quotes if quote.strike_price in wanted)
    return replace(snapshot, quotes=quotes)


def _record_tick(
    database: Database[Document], symbol: str, tick: datetime, snapshots: Sequence[Snapshot]
) -> None:
    """Store a tick, and a second one that found the same data."""
    store, ledger = SnapshotWriter(database), TickLedger(database)
    confirmed = tick + _CONFIRMED
    for snapshot in snapshots:
        missing = _legs_missing(store, snapshot)
        derive = partial(analytics_of, rate=RATE)
        facts = SnapshotFacts(terms=_terms(symbol, snapshot.expiry))
        store.commit(Commit(snapshot, legs_missing=missing, facts=facts, derive=derive))
        header = store.latest_header(symbol, snapshot.expiry)
        assert header is not None  # noqa: S101  (it was committed just now)
        store.confirm(header, confirmed)
    for at, outcome in ((tick, "stored"), (confirmed, "unchanged")):
        ledger.claim(symbol, at, OWNER, at)
        rows = [
            {"expiry_date": expiry_text(each.expiry), "outcome": outcome, "verdict": outcome}
            for each in snapshots
        ]
        ledger.record(symbol, at, {"outcome": outcome, "lateness_ms": 9.0, "expiries": rows})


def _legs_missing(store: SnapshotWriter, snapshot: Snapshot) -> int | None:
    before = store.latest_header(snapshot.symbol, snapshot.expiry)
    if before is None or exchange_date(before["fetched_at"]) != exchange_date(snapshot.fetched_at):
        return None
    return len(store.legs(before) - snapshot.legs)
