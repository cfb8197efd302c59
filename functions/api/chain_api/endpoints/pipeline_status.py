"""The status of the recorder, from its ledger and its register of shifts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from chain_api.calculations.ages import age_seconds
from chain_api.calculations.health_summary import worst
from chain_api.calculations.tick_gaps import LONGEST_WRITE
from chain_api.calculations.tick_success import added, by_tier, success_rate, worst_symbols
from chain_api.dependencies import Dependencies
from chain_api.endpoints.source_states import STATE_FIELDS, source_states
from chain_api.json_types import Answer
from chain_api.queries.archive_state import archive_state
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.mongo.client import Document
from optionchain.mongo.shift_register import NOBODY
from optionchain.symbol_plan import SymbolPlan

# An invocation begins each minute. The recorder counts as running until two have not come.
_RUNNING_WITHIN = timedelta(seconds=90)


def pipeline_status_answer(deps: Dependencies) -> Answer:
    """Return the state of the pipeline for the recorded symbols; raise StoreUnavailable."""
    now, plan = deps.now(), deps.symbols.plan()
    good = deps.ledger.last_good(plan.symbols)
    owners, enabled = _on_duty(deps), deps.recorder_switch.enabled()
    sources, warnings = source_states(deps, now), deps.housekeeping.read()
    archive, ticks = archive_state(deps, now), _ticks(deps, plan, now)
    market = deps.calendar.market()  # last, because it does not raise if the database is away
    return {
        "running": bool(owners) and _is_claiming(deps, plan.symbols, now),
        "enabled": enabled,
        "schedule": "local" if deps.schedule is None else deps.schedule.state(),
        "symbols": list(plan.symbols),
        "interval_seconds": plan.base.interval,
        **ticks,
        "last_success": good,
        "age_seconds": None if good is None else age_seconds(good, now),
        "owners": _longest(owners),
        "shifts": _shifts(owners),
        "source": {name: sources[0][name] for name in STATE_FIELDS},
        "sources": sources,
        **market_state(market, now),
        "holidays": market.origin(exchange_date(now).year),
        "warnings": warnings,
        "archive": archive and archive.answer(),
    }


def _ticks(deps: Dependencies, plan: SymbolPlan, now: datetime) -> Answer:
    """Return the ticks by outcome: of all, of each tier and of the worst symbols."""
    patience = {symbol: each.rhythm.step + LONGEST_WRITE for symbol, each in plan.by_symbol.items()}
    sums = deps.ticks_today.read(patience, now)
    today = added(sums.today.values())
    return {
        "ticks": {"last_hour": sums.last_hour, "today": today},
        "success_rate": success_rate(today),
        "tiers": by_tier(plan, sums.today),
        "worst_symbols": worst_symbols(sums.today),
        "lateness_ms": sums.lateness_ms,
    }


def _is_claiming(deps: Dependencies, symbols: Sequence[str], now: datetime) -> bool:
    claimed = deps.ledger.last_claim(symbols)
    return claimed is not None and now - claimed < _RUNNING_WITHIN


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


def _longest(owners: Mapping[str, Document]) -> dict[str, Document]:
    """Return the owners of at most ten symbols: those that have been on duty longest."""
    named = worst(owners, lambda symbol: owners[symbol]["since"])
    return {symbol: owners[symbol] for symbol in owners if symbol in named}


def _shifts(owners: Mapping[str, Document]) -> list[Answer]:
    """Return each invocation on duty, since when at the latest, and of how many symbols."""
    found: dict[str, Answer] = {}
    for shift in owners.values():
        known = found.setdefault(shift["owner"], {**shift, "symbols": 0})
        known["since"] = max(known["since"], shift["since"])
        known["symbols"] += 1
    return list(found.values())


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
