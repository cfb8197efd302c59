"""Never invent, repeat or tear: stored contracts against their headers and the market's bodies."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pymongo.database import Database

from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.trading_hours import Hours
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS
from tests.soak.report import ReportRow, promise_row
from tests.support.naive_reader import Contract, Numbers, contracts_of
from tests.whole_market.scope import LISTING, Scope

_COMPARED = 400


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
    # Where the database did not answer in time, the header did not follow its contracts. No reader
    # counts them, and the tick says that it failed.
    query = {"outcome": "failed", "reason": "database"}
    failed = {
        (each["symbol"], each["tick"]) for each in database[TICKS].find(query, ["symbol", "tick"])
    }
    strays = [key for key in loose if (key[0], key[2]) not in failed]
    yield ReportRow(
        "contract sets of failed ticks, without a header", f"{len(loose) - len(strays)}"
    )
    yield promise_row("contracts without a header of other ticks", len(strays), strays)
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
