"""Never miss silently: the ledger against the ticks that the plan owes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from pymongo.database import Database

from optionchain.market import Market
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import TICKS
from optionchain.rhythm import Rhythm
from optionchain.symbol_plan import SymbolPlan
from tests.soak.report import ReportRow, promise_row
from tests.whole_market.scope import Scope

# The closing tick of a session is so long after its end.
_CLOSING = timedelta(minutes=5)


type Key = tuple[str, datetime]


def tick_rows(
    database: Database[Document], due: Sequence[Key], most_in_vain: float = 0.0
) -> Iterator[ReportRow]:
    """Compare the ledger with the ticks that were due, in their time.

    `most_in_vain` is the share of ticks that may be busy or skipped.
    """
    within = {"$gte": min(tick for _, tick in due), "$lte": max(tick for _, tick in due)}
    fields = ["symbol", "tick", "outcome", "reason"]
    entries = {
        (each["symbol"], each["tick"]): each
        for each in database[TICKS].find({"tick": within}, fields)
    }
    found = [entries[key] for key in due if key in entries]
    outcomes = Counter(each.get("outcome", "open") for each in found)
    reasons = Counter(each["reason"] for each in found if "reason" in each)
    missing = [key for key in due if key not in entries]
    strange = sorted(entries.keys() - set(due))
    yield ReportRow("ticks due", f"{len(due)}, of {len({symbol for symbol, _ in due})} symbols")
    for outcome in ("stored", "unchanged", "failed", "skipped"):
        yield ReportRow(f"  {outcome}", str(outcomes[outcome]))
    yield ReportRow("  reasons", ", ".join(f"{name} {n}" for name, n in reasons.most_common()))
    yield promise_row("ticks missing", len(missing), _named(missing))
    yield promise_row("ticks without an outcome", outcomes["open"])
    yield promise_row("ticks that were not due", len(strange), _named(strange))
    in_vain = sum(each.get("outcome") == "skipped" or _is_busy(each) for each in found)
    share = in_vain / len(due)
    yield ReportRow("busy or skipped", f"{in_vain}, {share:.2%}", share > most_in_vain)


def _is_busy(entry: Document) -> bool:
    return entry.get("reason") == "busy"


def due_ticks(plan: SymbolPlan, scope: Scope) -> list[Key]:
    """Return every tick that the spells of a scope owe, by its own arithmetic."""
    (session,) = Market().sessions(scope.day)
    return [
        (symbol, tick)
        for symbol in plan.symbols
        for begins, ends in scope.covered()
        for tick in _ticks(plan.rhythm_of(symbol), session.opens, session.closes)
        if begins <= tick < ends
    ]


def due_between(plan: SymbolPlan, begins: datetime, ends: datetime) -> list[Key]:
    """Return every tick of a market that never closes, from one instant to another."""
    seconds = range(int(begins.timestamp()) + 1, int(ends.timestamp()))
    rhythms = {symbol: plan.rhythm_of(symbol) for symbol in plan.symbols}
    return [
        (symbol, datetime.fromtimestamp(second, UTC))
        for symbol, rhythm in rhythms.items()
        for second in seconds
        if second % rhythm.interval == rhythm.offset
    ]


def _ticks(rhythm: Rhythm, opens: datetime, closes: datetime) -> list[datetime]:
    offset, step = timedelta(seconds=rhythm.offset), timedelta(seconds=rhythm.interval)
    number = (closes - opens) // step
    return [*(opens + offset + step * each for each in range(number)), closes + _CLOSING + offset]


def _named(keys: Sequence[Key]) -> list[str]:
    return [f"{symbol} {tick:%H:%M:%S}" for symbol, tick in keys]
