"""What the service is, which symbols it has recorded, and what its database holds."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chain_api.calculations.ages import age_seconds
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.problems.handlers import log_unavailable
from chain_api.queries.listed_headers import newest_headers
from optionchain import __version__
from optionchain.errors import StoreRefused
from optionchain.exchange_time import exchange_date
from optionchain.mongo.documents import HeaderDocument


def root() -> Answer:
    """Return what this is and where to continue. Links are relative, so a stage prefix holds."""
    return {
        "name": "NSE option chain",
        "description": "India's option chain, recorded every few seconds and served over HTTPS.",
        "version": __version__,
        "links": {
            "docs": "docs",
            "dashboard": "dashboard",
            "openapi": "openapi.json",
            "health": "health",
            "status": "pipeline/status",
            "stats": "stats",
            "symbols": "symbols",
            "latest_chain": "option-chain/NIFTY",
            "analytics": "option-chain/NIFTY/analytics",
        },
    }


def symbols(deps: Dependencies) -> Answer:
    """Return every recorded symbol with its listed expiries; raise StoreUnavailable."""
    now, listings = deps.now(), deps.listings.newest()
    today = exchange_date(now)
    current = {symbol: listing.current(today) for symbol, listing in listings.items()}
    rows = [
        _symbol(symbol, headers, now)
        for symbol in deps.snapshots.symbols()
        if (headers := newest_headers(deps, symbol, current.get(symbol, []), None))
    ]
    ages = [row["age_seconds"] for row in rows]
    return {
        "symbols": rows,
        "total_symbols": len(rows),
        "age_seconds": min(ages, default=None),
    }


def _symbol(symbol: str, headers: Sequence[HeaderDocument], now: datetime) -> Answer:
    newest = max(headers, key=lambda header: header["fetched_at"])
    confirmed = max(header["last_seen_at"] for header in headers)
    return {
        "symbol": symbol,
        "expiry_dates": [header["expiry_date"] for header in headers],
        "last_snapshot": newest["fetched_at"],
        "last_seen_at": confirmed,
        "underlying_value": newest["underlying_value"],
        "age_seconds": age_seconds(confirmed, now),
    }


def stats(deps: Dependencies) -> Answer:
    """Return what the database holds: documents, snapshots, freshness, bytes.

    Raises StoreUnavailable. Without the right to ask for the bytes, they are None with the reason.
    """
    totals, now = deps.snapshots.totals(), deps.now()
    try:
        size: Answer = {"bytes": deps.snapshots.size(), "bytes_reason": None}
    except StoreRefused as error:
        log_unavailable(deps.log, error)
        size = {"bytes": None, "bytes_reason": "the database's user lacks the right dbStats"}
    return _stats(totals, now) | size


def _stats(totals: Sequence[Mapping[str, Any]], now: datetime) -> Answer:
    calls = sum(row["calls"] for row in totals)
    puts = sum(row["puts"] for row in totals)
    confirmed = max((row["last_seen_at"] for row in totals), default=None)
    age = None if confirmed is None else age_seconds(confirmed, now)
    return {
        "total_records": calls + puts,
        "records_by_symbol": {row["symbol"]: row["calls"] + row["puts"] for row in totals},
        "records_by_type": {"CE": calls, "PE": puts},
        "total_snapshots": sum(row["snapshots"] for row in totals),
        "latest_fetch_time": max((row["fetched_at"] for row in totals), default=None),
        "data_freshness_seconds": age,
        "age_seconds": age,
    }
