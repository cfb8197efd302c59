"""The status of the recorder, from its ledger and its register of shifts."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from chain_api.calculations.ages import age_seconds
from chain_api.dependencies import Dependencies
from chain_api.endpoints.source_states import STATE_FIELDS, source_states
from chain_api.json_types import Answer
from chain_api.queries.archive_state import archive_state
from optionchain.exchange_time import IST, exchange_date
from optionchain.market import Market
from optionchain.mongo.client import Document
from optionchain.mongo.shift_register import NOBODY

# An invocation begins each minute. The recorder counts as running until two have not come.
_RUNNING_WITHIN = timedelta(seconds=90)


def pipeline_status_answer(deps: Dependencies) -> Answer:
    """Return the state of the pipeline for the configured symbols."""
    now, symbols = deps.now(), deps.symbols.plan().symbols
    midnight = now.astimezone(IST).replace(hour=0, minute=0, second=0, microsecond=0)
    hour_ago = now - timedelta(hours=1)
    counts = deps.tick_summary.counts(symbols, midnight, hour_ago).values()
    today = sum((each.today for each in counts), Counter[str]())
    claimed, good = deps.ledger.last_claim(symbols), deps.ledger.last_good(symbols)
    owners, enabled = _on_duty(deps), deps.recorder_switch.enabled()
    sources, warnings = source_states(deps, now), deps.housekeeping.read()
    archive = archive_state(deps, now)
    market = deps.calendar.market()  # last, because it does not raise if the database is away
    return {
        "running": bool(owners) and claimed is not None and now - claimed < _RUNNING_WITHIN,
        "enabled": enabled,
        "schedule": "local" if deps.schedule is None else deps.schedule.state(),
        "symbols": list(symbols),
        "interval_seconds": deps.settings.nse_fetch_interval,
        "ticks": {
            "last_hour": sum((each.last_hour for each in counts), Counter[str]()),
            "today": today,
        },
        "success_rate": _success_rate(today),
        "lateness_ms": deps.tick_summary.lateness(symbols, hour_ago),
        "last_success": good,
        "age_seconds": None if good is None else age_seconds(good, now),
        "owners": owners,
        "source": {name: sources[0][name] for name in STATE_FIELDS},
        "sources": sources,
        **market_state(market, now),
        "holidays": market.origin(exchange_date(now).year),
        "warnings": warnings,
        "archive": archive and archive.answer(),
    }


def market_state(market: Market, now: datetime) -> Answer:
    """Return whether the market is open and, if it is closed, when it opens next."""
    opens = None if market.is_open(now) else market.next_opening(now)
    return {
        "market": "open" if market.is_open(now) else "closed",
        "next_opening": opens and opens.astimezone(UTC),
    }


def _on_duty(deps: Dependencies) -> dict[str, Document]:
    owners = deps.shifts.owners()
    return {symbol: shift for symbol, shift in owners.items() if shift["owner"] != NOBODY}


def _success_rate(outcomes: Counter[str]) -> float | None:
    total = outcomes.total()
    good = outcomes["stored"] + outcomes["unchanged"]
    return round(good / total, 6) if total else None


def last_outcomes(deps: Dependencies, symbols: Sequence[str]) -> dict[str, Answer]:
    """Return the newest outcome of each symbol that has one: tick, outcome, reason."""
    found = deps.tick_summary.last(symbols)
    return {symbol: _outcome(found[symbol]) for symbol in symbols if symbol in found}


def _outcome(entry: Document) -> Answer:
    names = ["tick", "outcome", "reason"]
    # The driver's message names hosts, which clients need not know.
    if entry.get("reason") != "database":
        names.append("detail")
    return {name: entry[name] for name in names if name in entry}
