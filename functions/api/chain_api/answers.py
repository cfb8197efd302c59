"""The bodies of answers, from headers and documents. Pure: routes read, these shape."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from optionchain import __version__
from optionchain.documents import ContractDocument, HeaderDocument

type Answer = dict[str, Any]


def root() -> Answer:
    """Return what this is and where to go; links are relative, so a stage prefix holds."""
    return {
        "name": "NSE option chain",
        "description": "India's option chain, recorded every few seconds and served over HTTPS.",
        "version": __version__,
        "links": {
            "docs": "docs",
            "openapi": "openapi.json",
            "health": "health",
            "status": "pipeline/status",
            "stats": "stats",
            "symbols": "symbols",
            "latest_chain": "option-chain/NIFTY",
        },
    }


def chain(header: HeaderDocument, contracts: Sequence[ContractDocument], now: datetime) -> Answer:
    """Return a whole chain: calls and puts by strike, as stored."""
    calls = [contract for contract in contracts if contract["type"] == "CE"]
    puts = [contract for contract in contracts if contract["type"] == "PE"]
    return {
        "symbol": header["symbol"],
        "expiry_date": header["expiry_date"],
        "underlying_value": header["underlying_value"],
        "timestamp": header["fetched_at"],
        "last_seen_at": header["last_seen_at"],
        "exchange_timestamp": header["exchange_timestamp"],
        "age_seconds": age_seconds(header["last_seen_at"], now),
        "total_calls": len(calls),
        "total_puts": len(puts),
        "calls": calls,
        "puts": puts,
    }


def strikes(header: HeaderDocument, prices: Sequence[float], now: datetime) -> Answer:
    """Return the strikes of a chain, in order."""
    return {
        "symbol": header["symbol"],
        "expiry_date": header["expiry_date"],
        "strike_prices": prices,
        "total_strikes": len(prices),
        "timestamp": header["fetched_at"],
        "age_seconds": age_seconds(header["last_seen_at"], now),
    }


def expiry_dates(symbol: str, headers: Sequence[HeaderDocument], now: datetime) -> Answer:
    """Return the expiry dates of a symbol's latest chains, by date."""
    return {
        "symbol": symbol,
        "expiry_dates": [header["expiry_date"] for header in headers],
        "total_expiry_dates": len(headers),
        "timestamp": max(header["fetched_at"] for header in headers),
        "age_seconds": age_seconds(max(header["last_seen_at"] for header in headers), now),
    }


def symbol_row(symbol: str, headers: Sequence[HeaderDocument], now: datetime) -> Answer:
    """Return a recorded symbol with its expiries and its last snapshot."""
    newest = max(headers, key=lambda header: header["fetched_at"])
    seen = max(header["last_seen_at"] for header in headers)
    return {
        "symbol": symbol,
        "expiry_dates": [header["expiry_date"] for header in headers],
        "last_snapshot": newest["fetched_at"],
        "last_seen_at": seen,
        "underlying_value": newest["underlying_value"],
        "age_seconds": age_seconds(seen, now),
    }


def symbols(rows: Sequence[Answer]) -> Answer:
    """Return every recorded symbol."""
    ages = [row["age_seconds"] for row in rows]
    return {
        "symbols": list(rows),
        "total_symbols": len(rows),
        "age_seconds": min(ages, default=None),
    }


def page(
    headers: Sequence[HeaderDocument],
    found: Sequence[ContractDocument],
    limit: int,
    offset: int,
    now: datetime,
) -> Answer:
    """Return a page of what a filter found in these snapshots."""
    # A result is as old as the oldest snapshot it is taken from.
    seen = min(header["last_seen_at"] for header in headers)
    return {
        "total_records": len(found),
        "records": found[offset : offset + limit],
        "limit": limit,
        "offset": offset,
        "age_seconds": age_seconds(seen, now),
    }


def stats(totals: Sequence[Answer], size: Answer, now: datetime) -> Answer:
    """Return what the database holds: committed documents, snapshots, freshness, bytes."""
    calls = sum(row["calls"] for row in totals)
    puts = sum(row["puts"] for row in totals)
    seen = max((row["last_seen_at"] for row in totals), default=None)
    return {
        "total_records": calls + puts,
        "records_by_symbol": {row["symbol"]: row["calls"] + row["puts"] for row in totals},
        "records_by_type": {"CE": calls, "PE": puts},
        "total_snapshots": sum(row["snapshots"] for row in totals),
        "latest_fetch_time": max((row["fetched_at"] for row in totals), default=None),
        "data_freshness_seconds": None if seen is None else age_seconds(seen, now),
        "age_seconds": None if seen is None else age_seconds(seen, now),
        "bytes": size,
    }


def age_seconds(seen_at: datetime, now: datetime) -> float:
    """Return how long ago the exchange last answered this, in seconds."""
    return round(max((now - seen_at).total_seconds(), 0.0), 3)
