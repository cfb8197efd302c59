"""Candles of contracts: open, high, low and close of the last price, and volume. Pure.

Two sources do not count the same volume at the same moment. So a volume is the difference of two
counters of one source, or there is none; the reason and the names of both sources say so.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from chain_api.calculations.intervals import Day, Interval, Intervals
from chain_api.json_types import Answer
from optionchain.mongo.documents import source_of

_CONTRACT = ("symbol", "type", "strike_price", "expiry_date", "identifier")
CANDLE_COLUMNS = (
    *_CONTRACT,
    "timestamp",
    "snapshot_timestamp",
    "open",
    "high",
    "low",
    "close",
    "open_interest",
    "total_traded_volume",
    "volume",
    "volume_reason",
    "count",
    "settled",
    "source",
)

type Documents = Sequence[Mapping[str, Any]]


class VolumeCounter(NamedTuple):
    """How many contracts (lots) were traded on a day by a moment, as a source counts them.

    Without `source` it is the zero with which every source begins a day.
    """

    volume: float | None
    source: str | None


_ZERO = VolumeCounter(0, None)


def candles(
    documents: Iterable[Mapping[str, Any]],
    intervals: Intervals,
    before: Mapping[str, VolumeCounter],
    settled: Collection[datetime] = (),
) -> list[Answer]:
    """Return a candle for each interval that has documents, by contract and time.

    `documents` are in the order of contract and `fetched_at`, and each is of an interval. `before`
    holds by identifier the volume counter earlier on the day of a contract's first document.
    `settled` are the ticks of settled chains: the candle of a day that ends with one has its
    close, open interest and volume. Open, high and low are of trades alone.

    `snapshot_timestamp` is the tick of the last document, of which the open interest is.

    `volume` is in contracts (lots), as the counter is. It is null if the counter before the
    interval is not known or is of another source, as `volume_reason` says, and negative if the
    exchange corrected the counter downwards. `source` names that of the documents and of that
    counter, or several of them with commas between.
    """
    return [
        candle
        for identifier, contract in groupby(documents, itemgetter("identifier"))
        for candle in _of_contract(contract, intervals, before.get(identifier), settled)
    ]


def last_documents[Document: Mapping[str, Any]](
    documents: Iterable[Document], intervals: Intervals
) -> list[Document]:
    """Return the last document of each candle, in the order of `candles`."""
    ends: dict[tuple[str, Interval], Document] = {}
    for document in documents:
        if interval := intervals.of(document["fetched_at"]):
            ends[document["identifier"], interval] = document
    return list(ends.values())


def _of_contract(
    documents: Iterable[Mapping[str, Any]],
    intervals: Intervals,
    counter: VolumeCounter | None,
    settled: Collection[datetime],
) -> Iterator[Answer]:
    """Yield the candles of one contract; `counter` is its volume before the first of them."""
    today = None
    for interval, group in groupby(documents, lambda row: intervals.of(row["fetched_at"])):
        if interval is None:
            continue
        if today not in (None, interval.day):
            counter = None
        today = interval.day
        # The counter starts each day at zero. After the opening an unknown counter stays unknown.
        unknown = counter is None or counter.volume is None
        fresh = unknown and interval.timestamp <= today.opens
        rows = list(group)
        candle = _candle(rows, interval, _ZERO if fresh else counter, settled)
        yield candle
        counter = _last_counter(rows) or counter


def _candle(
    documents: Documents,
    interval: Interval,
    counter: VolumeCounter | None,
    settled: Collection[datetime],
) -> Answer:
    is_settled = documents[-1]["fetched_at"] in settled
    last = documents[-1:] if is_settled else documents
    return {
        **{name: documents[0][name] for name in _CONTRACT},
        "timestamp": interval.timestamp,
        "snapshot_timestamp": documents[-1]["fetched_at"],
        **_prices(_trades(documents, interval.day), last),
        **_counts(last, counter),
        "count": len(documents),
        "settled": is_settled,
        "source": ",".join(_sources(documents, counter)),
    }


def _trades(documents: Documents, day: Day) -> Documents:
    """Return the documents without those of the evening, whose prices may be rewritten ones."""
    end = len(documents)
    while end and documents[end - 1]["fetched_at"] in day.evening:
        end -= 1
    return documents[:end]


def _prices(trades: Documents, last: Documents) -> Answer:
    prices = _traded(trades) or [None]
    return {
        "open": prices[0],
        "high": max(prices),
        "low": min(prices),
        "close": (_traded(last) or [None])[-1],
    }


def _counts(documents: Documents, counter: VolumeCounter | None) -> Answer:
    """Return the last open interest and volume; `counter` is the volume before the interval."""
    last = _last_counter(documents)
    volume, reason = _volume(last, counter)
    return {
        "open_interest": _sent(documents, "open_interest")[-1],
        "total_traded_volume": last.volume if last else None,
        "volume": volume,
        "volume_reason": reason,
    }


def _volume(
    last: VolumeCounter | None, before: VolumeCounter | None
) -> tuple[float | None, str | None]:
    """Return the difference of two counters, or why there is none."""
    if last is None or last.volume is None:
        return None, "not_sent"
    if before is None or before.volume is None:
        return None, "start_unknown"
    if before.source not in (None, last.source):
        return None, "sources_differ"
    return last.volume - before.volume, None


def _last_counter(documents: Documents) -> VolumeCounter | None:
    """Return the last volume that a source sent, None if none did."""
    for document in reversed(documents):
        if document["total_traded_volume"] is not None:
            return VolumeCounter(document["total_traded_volume"], source_of(document))
    return None


def _sources(documents: Documents, counter: VolumeCounter | None) -> list[str]:
    """Return the sources of a candle in order of time."""
    first = [counter.source] if counter and counter.source else []
    return list(dict.fromkeys([*first, *map(source_of, documents)]))


def _traded(documents: Documents) -> list[Any]:
    """Return the last prices of their day, in order: without a trade it is of an earlier one."""
    return [
        price
        for document in documents
        if (price := document["last_price"]) is not None and document["total_traded_volume"]
    ]


def _sent(documents: Documents, name: str) -> list[Any]:
    """Return the values that the exchange sent, in order; [None] if it sent none."""
    values = [document[name] for document in documents]
    return [value for value in values if value is not None] or [None]
