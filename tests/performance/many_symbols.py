"""What is about all symbols of the market, compared with bare finds of the rows behind it.

213 symbols with a day of headers, whose analytics are as large as real ones, their listings, their
ledger and their lists of contracts.
"""

from asyncio import Runner
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import batched
from typing import Any

import orjson
from pymongo.database import Database

from optionchain.analytics import analytics_of
from optionchain.contract_lists import ContractList
from optionchain.contract_terms import ContractTerms
from optionchain.exchange_time import exchange_date, expiry_text, midnight_utc
from optionchain.mongo.client import Document
from optionchain.mongo.contract_register import ContractRegister
from optionchain.mongo.documents import header_document
from optionchain.mongo.indexes import LISTINGS, SNAPSHOTS, TICKS, Indexes
from optionchain.mongo.listing_register import Listing, ListingRegister
from optionchain.mongo.symbol_list_register import SymbolListRegister
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot
from optionchain.symbol_list import ListedSymbol, SymbolList
from optionchain.symbol_selection import Tier
from tests.performance.application import application, get
from tests.performance.ingest import RATE
from tests.performance.measure import Figure, Row, side_by_side

_MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 11, 30, 6, 30, tzinfo=UTC)
_SNAPSHOTS = 240
_DAYS_OF_LISTS = 6
_LIMIT = 1.5
_WEEKS = [date(2026, 12, 1) + timedelta(days=7 * number) for number in range(18)]
_MONTHS = [date(2026, 12, 29), date(2027, 1, 26), date(2027, 2, 23)]
INDICES = ("NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50")
STOCKS = tuple(f"STOCK{number:03}" for number in range(208))
EXPIRIES = dict.fromkeys((*INDICES, *STOCKS), _MONTHS) | {"NIFTY": _WEEKS}
SETTINGS = Settings(
    nse_symbols=("ALL",),
    nse_tiers=(Tier("INDICES", 5), Tier("STOCKS", 60)),
    log_level="ERROR",
    retention_days=3_650,
)


def rows(runner: Runner, database: Database[Document], first: Snapshot) -> Iterator[Row]:
    """Make the data, and measure each answer beside finds of its rows and their JSON."""
    fill(database, first)
    app = application(database, NOON, SETTINGS, one_at_a_time=True)
    headers = _newest(database)
    nearest = [min(found, key=lambda row: row["expiry"]) for found in headers.values()]
    newest = [row["_id"] for found in headers.values() for row in found]
    listings = [row["_id"] for row in database[LISTINGS].find({}, {"_id": True})]
    ticks = [row["_id"] for row in database[TICKS].find({"tick": NOON - _MINUTE}, {"_id": True})]
    assert len(ticks) == len(EXPIRIES)
    for label, target, read in (
        ("headers, listings", "/symbols", [(SNAPSHOTS, newest), (LISTINGS, listings)]),
        (
            "headers, listings, ticks",
            "/health",
            [(SNAPSHOTS, [row["_id"] for row in nearest]), (LISTINGS, listings), (TICKS, ticks)],
        ),
    ):
        answer = orjson.loads(runner.run(get(app, target)).body)
        assert answer["total_symbols"] == len(EXPIRIES)
        name = f"GET {target}, {len(EXPIRIES)} symbols / find of {label} + dumps"
        yield side_by_side(name, _ours(runner, app, target), _bare(database, read), _LIMIT)
    for target in ("/symbols?columns=symbol", "/pipeline/status"):
        ratio = side_by_side("", _ours(runner, app, target), lambda _: None, None)
        yield Figure(f"GET {target}, {len(EXPIRIES)} symbols: milliseconds", ratio.ours)


def _ours(runner: Runner, app: Any, target: str) -> Callable[[int], object]:  # noqa: ANN401
    return lambda _: runner.run(get(app, target))


def _bare(database: Database[Document], read: list[tuple[str, list[Any]]]) -> Callable[[int], Any]:
    """Return a bare find of these documents of each collection, and their JSON."""
    without = {"_id": False, "analytics": False}

    def work(_: int) -> bytes:
        found = [
            list(database[name].find({"_id": {"$in": ids}}, without, batch_size=5_000))
            for name, ids in read
        ]
        return orjson.dumps(found)

    return work


def _newest(database: Database[Document]) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for row in database[SNAPSHOTS].find({"fetched_at": NOON - _MINUTE}, {"analytics": False}):
        found.setdefault(row["symbol"], []).append(row)
    assert {symbol: len(rows) for symbol, rows in found.items()} == {
        symbol: len(expiries) for symbol, expiries in EXPIRIES.items()
    }
    return found


def fill(database: Database[Document], first: Snapshot) -> None:
    """Write the market, which replaces what the database has."""
    database.client.drop_database(database.name)
    Indexes(database, retention_days=3_650).ensure()
    kept: Document = {**header_document(first), "analytics": analytics_of(first, RATE)}
    kept |= {"lot_size": 65, "lot_size_reason": None}
    minutes = [NOON - number * _MINUTE for number in range(1, _SNAPSHOTS + 1)]
    for some in batched(_headers(kept, minutes), 1_000, strict=False):
        database[SNAPSHOTS].insert_many(some, ordered=False)
    for some in batched(_ticks(minutes), 1_000, strict=False):
        database[TICKS].insert_many(some, ordered=False)
    today = exchange_date(NOON)
    for symbol, expiries in EXPIRIES.items():
        listing = Listing(symbol, tuple(expiries), minutes[-1], NOON)
        ListingRegister(database).write(listing)
    listed = {
        symbol: ListedSymbol(symbol, "index" if symbol in INDICES else "stock", today)
        for symbol in EXPIRIES
    }
    SymbolListRegister(database).write(SymbolList(today, NOON, "nse", listed))
    ContractRegister(database).write(
        ContractList(
            symbol,
            "bhavcopy",
            today - timedelta(days=number),
            NOON,
            dict.fromkeys(expiries, ContractTerms(65, 0.05, 1_755)),
        )
        for symbol, expiries in EXPIRIES.items()
        for number in range(_DAYS_OF_LISTS)
    )


def _headers(kept: Document, minutes: list[datetime]) -> Iterator[Document]:
    for tick in minutes:
        for symbol, expiries in EXPIRIES.items():
            for expiry in expiries:
                yield {
                    **kept,
                    "symbol": symbol,
                    "expiry": midnight_utc(expiry),
                    "expiry_date": expiry_text(expiry),
                    "fetched_at": tick,
                    "last_seen_at": tick + _MINUTE / 2,
                    "exchange_timestamp": tick,
                }


def _ticks(minutes: list[datetime]) -> Iterator[Document]:
    for tick in minutes:
        for symbol, expiries in EXPIRIES.items():
            yield {
                "symbol": symbol,
                "tick": tick,
                "owner": "a shift",
                "claimed_at": tick,
                "outcome": "stored",
                "source": "nse",
                "lateness_ms": 12.5,
                "expiries": [
                    {"expiry_date": expiry_text(expiry), "outcome": "stored", "verdict": "new"}
                    for expiry in expiries[:3]
                ],
            }
