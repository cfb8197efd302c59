"""What the service is, and what its database holds."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain

from chain_api.calculations.ages import age_seconds
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.problems.handlers import log_unavailable
from chain_api.queries.archive_state import archive_state
from optionchain import __version__
from optionchain.errors import StoreRefused
from optionchain.exchange_time import exchange_date
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.header_counts import SymbolCount


def root(*, has_archive: bool) -> Answer:
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
            "screener": "screener",
            **({"archive": "archive"} if has_archive else {}),
            "latest_chain": "option-chain/NIFTY",
            "analytics": "option-chain/NIFTY/analytics",
        },
    }


def stats(deps: Dependencies) -> Answer:
    """Return what the database holds: documents, snapshots, freshness, bytes, compression.

    Raises StoreUnavailable. What the user has no right to ask for is None, with the reason.
    """
    now = deps.now()
    totals = deps.header_totals.read(now)
    calls, puts = sum(row.calls for row in totals), sum(row.puts for row in totals)
    newest = deps.snapshots.newest_header()
    confirmed = _last_confirmation(deps, newest) if newest else None
    age = None if confirmed is None else age_seconds(confirmed, now)
    archive = archive_state(deps, now)
    return {
        "total_records": calls + puts,
        "records_by_symbol": _records_by("symbol", totals),
        "records_by_source": _records_by("source", totals),
        "records_by_type": {"CE": calls, "PE": puts},
        "total_snapshots": sum(row.snapshots for row in totals),
        "latest_fetch_time": newest and newest["fetched_at"],
        "data_freshness_seconds": age,
        "age_seconds": age,
        **_told(deps, "bytes", deps.storage.size, "dbStats"),
        **_told(deps, "compression", lambda: _compression(deps), "collStats"),
        "archive": archive and archive.answer(),
    }


def _records_by(name: str, totals: Sequence[SymbolCount]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in totals:
        found[getattr(row, name)] += row.calls + row.puts
    return dict(sorted(found.items()))


def _told(deps: Dependencies, name: str, ask: Callable[[], Answer], right: str) -> Answer:
    """Return what the database tells of itself, or why it does not."""
    try:
        return {name: ask(), f"{name}_reason": None}
    except StoreRefused as error:
        log_unavailable(deps.log, error)
        return {name: None, f"{name}_reason": f"the database's user lacks the right {right}"}


def _compression(deps: Dependencies) -> Answer:
    found = deps.storage.compression()
    return {name: stored and stored._asdict() for name, stored in found.items()}


def _last_confirmation(deps: Dependencies, newest: HeaderDocument) -> datetime:
    """Return the newest tick at which the exchange sent what is stored of any symbol.

    The ledger knows it. Without a good tick in the ledger it is looked up symbol by symbol.
    """
    symbols = deps.snapshots.symbols()
    if good := deps.ledger.last_good(symbols):
        return max(good, newest["last_seen_at"])
    today = exchange_date(deps.now())
    headers = chain.from_iterable(deps.snapshots.latest_headers(each, today) for each in symbols)
    return max((header["last_seen_at"] for header in headers), default=newest["last_seen_at"])
