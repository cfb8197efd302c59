"""The bodies of answers, from headers and documents. Pure: routes read, these shape."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from optionchain import __version__
from optionchain.mongo.documents import HeaderDocument

type Answer = dict[str, Any]

# Instants end in Z; those of contracts are naive, in UTC.
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC


def root() -> Answer:
    """Return what this is and where to go; links are relative, so a stage prefix holds."""
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
    """Return how long ago the exchange last answered this, in whole seconds.

    Ticks are seconds apart, and within a second the same question has the same answer.
    """
    return float(max((now - seen_at) // timedelta(seconds=1), 0))
