"""What the recorder is doing, from its ledger and its register of shifts."""

from collections.abc import Sequence
from datetime import timedelta
from statistics import quantiles

from chain_api.answers import Answer, age_seconds
from chain_api.deps import Deps
from optionchain.exchange_time import IST

# An invocation begins each minute; two may be missed before the recorder counts as stopped.
_RUNNING_WITHIN = timedelta(seconds=90)


def answer(deps: Deps) -> Answer:
    """Return the state of the pipeline for the configured symbols."""
    now, symbols = deps.now(), deps.settings.nse_symbols
    midnight = now.astimezone(IST).replace(hour=0, minute=0, second=0, microsecond=0)
    hour_ago = now - timedelta(hours=1)
    today = deps.ledger.outcomes(symbols, midnight)
    claimed, good = deps.ledger.last_claim(symbols), deps.ledger.last_good(symbols)
    return {
        "running": claimed is not None and now - claimed < _RUNNING_WITHIN,
        "symbols": list(symbols),
        "interval_seconds": deps.settings.nse_fetch_interval,
        "ticks": {"last_hour": deps.ledger.outcomes(symbols, hour_ago), "today": today},
        "success_rate": _success_rate(today),
        "lateness_ms": _percentiles(deps.ledger.latenesses(symbols, hour_ago)),
        "last_success": good,
        "age_seconds": None if good is None else age_seconds(good, now),
        "owners": deps.register.owners(),
    }


def _success_rate(outcomes: dict[str, int]) -> float | None:
    total = sum(outcomes.values())
    good = outcomes.get("stored", 0) + outcomes.get("unchanged", 0)
    return round(good / total, 6) if total else None


def _percentiles(values: Sequence[float]) -> dict[str, float | None]:
    if not values:
        return {"p50": None, "p99": None}
    cuts = quantiles(values, n=100, method="inclusive")
    return {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1)}


def last_outcome(deps: Deps, symbol: str) -> Answer | None:
    """Return the newest outcome of a symbol: tick, outcome, reason."""
    entry = deps.ledger.last(symbol)
    if entry is None:
        return None
    names = ("tick", "outcome", "reason", "detail")
    return {name: entry[name] for name in names if name in entry}
