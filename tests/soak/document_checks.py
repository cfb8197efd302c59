"""Never invent, never repeat, never tear: compares stored documents with sent bodies."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from local.nse_simulator.endpoints import as_other_node
from optionchain.mongo.documents import ContractDocument, HeaderDocument
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS
from optionchain.mongo.stored_snapshot import snapshot_of
from tests.soak.exchange import market
from tests.soak.phase_record import PhaseRecord
from tests.soak.report import ReportRow, promise_row
from tests.support.naive_reader import Contract, Numbers, contracts_of, underlying_of

type Key = tuple[str, datetime, datetime]
# The numbers of each contract, and the value of the underlying.
type Content = dict[Contract, Numbers]


def rows(record: PhaseRecord) -> Iterator[ReportRow]:
    """Return the counts of stored and of read data, and the broken promises."""
    found: list[Any] = list(record.database[SNAPSHOTS].find())
    headers = {_key(header): header for header in found}
    stored = _stored(record)
    loose = sum(len(documents) for key, documents in stored.items() if key not in headers)
    yield ReportRow("snapshots stored", str(len(headers)))
    yield ReportRow(
        "documents, of them without header", f"{sum(map(len, stored.values()))}, {loose}"
    )
    yield _duplicates(record)
    torn = [key for key, header in headers.items() if not _whole(header, stored.get(key, []))]
    yield promise_row("stored snapshots not whole", len(torn), _names(torn))
    yield _invented(record.seed, stored, headers)
    yield _backwards(headers)
    yield from _read(record)


def _stored(record: PhaseRecord) -> dict[Key, list[Any]]:
    stored: dict[Key, list[Any]] = defaultdict(list)
    for document in record.database[CONTRACTS].find():
        stored[_key(document)].append(document)
    return stored


def _duplicates(record: PhaseRecord) -> ReportRow:
    same = {"identifier": "$identifier", "fetched_at": "$fetched_at"}
    stages: list[dict[str, Any]] = [
        {"$group": {"_id": same, "times": {"$sum": 1}}},
        {"$match": {"times": {"$gt": 1}}},
    ]
    found = list(record.database[CONTRACTS].aggregate(stages))
    return promise_row("duplicate documents", len(found), [row["_id"] for row in found])


def _whole(header: HeaderDocument, documents: Sequence[ContractDocument]) -> bool:
    return bool(snapshot_of(header, documents).content_hash == header["content_hash"])


def _invented(
    seed: int, stored: Mapping[Key, Sequence[Any]], headers: Mapping[Key, Any]
) -> ReportRow:
    """Compare every document with the market's bodies of its timestamp.

    The documents of a header are the whole of one body; those without a header are a part of one.
    """
    sent = _Sent(seed)
    strange = []
    for key, documents in stored.items():
        found = _content(documents)
        bodies = sent.contents(key[0], key[1].date(), documents[0]["exchange_timestamp"])
        part = any(found.items() <= body.items() for body in bodies)
        if not (found in bodies if key in headers else part):
            strange.append(key)
    return promise_row("snapshots with values never sent", len(strange), _names(strange))


def _backwards(headers: Mapping[Key, Any]) -> ReportRow:
    """Count the older bodies that were stored after a newer one."""
    strange = [
        after
        for before, after in pairwise(sorted(headers))
        if before[:2] == after[:2]
        and headers[after]["exchange_timestamp"] < headers[before]["exchange_timestamp"]
    ]
    return promise_row("older stored after newer", len(strange), _names(strange))


def _read(record: PhaseRecord) -> Iterator[ReportRow]:
    reader = record.reader
    yield ReportRow("chains read whole, answers 503", f"{reader.whole}, {reader.statuses[503]}")
    yield promise_row("chains read torn", len(reader.torn), reader.torn)
    yield promise_row("other answers than 200, 404, 503", reader.strange, sorted(reader.statuses))


class _Sent:
    """The contents that the exchange may have sent: the market's body, or its other node's."""

    def __init__(self, seed: int) -> None:
        self._market = market(seed)
        self._known: dict[tuple[str, date, datetime], list[Content]] = {}

    def contents(self, symbol: str, expiry: date, stamp: datetime) -> list[Content]:
        """Return the contents that may have been sent under a timestamp."""
        key = (symbol, expiry, stamp)
        if key not in self._known:
            body = self._market.chain(symbol, expiry, stamp)
            self._known[key] = [_sent(body), _sent(as_other_node(body))]
        return self._known[key]


def _sent(body: dict[str, Any]) -> Content:
    underlying = {"underlying_value": underlying_of(body)}
    return {contract: numbers | underlying for contract, numbers in contracts_of(body).items()}


def _content(documents: Sequence[Any]) -> Content:
    """Return documents in the form of a body's contents."""
    return {
        (document["expiry"].date(), document["type"], document["strike_price"]): {
            name: document[name] for name in _FIELDS
        }
        for document in documents
    }


def _key(document: Mapping[str, Any]) -> Key:
    return document["symbol"], document["expiry"], document["fetched_at"]


def _names(keys: Sequence[Key]) -> list[str]:
    return [f"{symbol} {expiry:%d-%b} {tick:%H:%M:%S}" for symbol, expiry, tick in keys]


_FIELDS = [
    "strike_price",
    "open_interest",
    "change_in_oi",
    "pchange_in_oi",
    "total_traded_volume",
    "total_buy_qty",
    "total_sell_qty",
    "last_price",
    "change",
    "pchange",
    "implied_volatility",
    "bid_price",
    "bid_qty",
    "ask_price",
    "ask_qty",
    "underlying_value",
]
