"""What a proof counts: ticks against the plan, and documents against their headers."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.trading_hours import Hours
from optionchain.market import Market
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS
from optionchain.rhythm import Rhythm
from optionchain.symbol_plan import SymbolPlan
from tests.soak.report import ReportRow, promise_row
from tests.support.naive_reader import Contract, Numbers, contracts_of
from tests.whole_market.scope import LISTING, Scope

# The closing tick of a session is so long after its end.
_CLOSING = timedelta(minutes=5)
_COMPARED = 400

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


def document_rows(
    database: Database[Document], scope: Scope, hours: Hours = "exchange"
) -> Iterator[ReportRow]:
    """Compare the stored documents with their headers, and some with the market's own bodies."""
    fields = ["symbol", "expiry", "fetched_at", "calls", "puts"]
    headers = {
        _key(each): each["calls"] + each["puts"] for each in database[SNAPSHOTS].find({}, fields)
    }
    documents = repeated = 0
    torn, loose = [], []
    for symbol in sorted({key[0] for key in headers}):
        found = {}
        for group in database[CONTRACTS].aggregate(_by_snapshot(symbol)):
            found[symbol, group["_id"]["expiry"], group["_id"]["fetched_at"]] = group["times"]
            documents += group["times"]
            repeated += group["times"] - group["different"]
        torn += [
            key for key, times in headers.items() if key[0] == symbol and found.get(key, 0) != times
        ]
        loose += [key for key in found if key not in headers]
    yield ReportRow("snapshots, contracts stored", f"{len(headers)}, {documents}")
    yield promise_row("contracts stored twice", repeated)
    yield promise_row("snapshots not whole", len(torn), torn)
    yield promise_row("contracts without a header", len(loose), loose)
    market = SimulatedMarket(scope.seed, hours=hours, listing=LISTING)
    yield _invented(database, market, sorted(headers))


def _by_snapshot(symbol: str) -> list[Mapping[str, Any]]:
    snapshot = {"expiry": "$expiry", "fetched_at": "$fetched_at"}
    counts = {"times": {"$sum": 1}, "names": {"$addToSet": "$identifier"}}
    return [
        {"$match": {"symbol": symbol}},
        {"$group": {"_id": snapshot} | counts},
        {"$project": {"times": True, "different": {"$size": "$names"}}},
    ]


def _invented(
    database: Database[Document], market: SimulatedMarket, keys: Sequence[tuple[Any, ...]]
) -> ReportRow:
    """Compare some snapshots, evenly taken, with what the market sends under their stamp."""
    taken = keys[:: max(len(keys) // _COMPARED, 1)]
    strange = []
    for symbol, expiry, fetched_at in taken:
        query = {"symbol": symbol, "expiry": expiry, "fetched_at": fetched_at}
        found = list(database[CONTRACTS].find(query))
        stamp = found[0]["exchange_timestamp"]
        sent = contracts_of(market.chain(symbol, expiry.date(), stamp))
        if {_contract(each): _numbers(each, sent) for each in found} != sent:
            strange.append((symbol, expiry, fetched_at))
    return promise_row(f"of {len(taken)} compared, with values never sent", len(strange), strange)


def _contract(document: Document) -> Contract:
    return document["expiry"].date(), document["type"], document["strike_price"]


def _numbers(document: Document, sent: Mapping[Contract, Numbers]) -> Numbers:
    return {name: document[name] for name in sent.get(_contract(document), {})}


def _key(header: Document) -> tuple[Any, ...]:
    return header["symbol"], header["expiry"], header["fetched_at"]


def _named(keys: Sequence[Key]) -> list[str]:
    return [f"{symbol} {tick:%H:%M:%S}" for symbol, tick in keys]
