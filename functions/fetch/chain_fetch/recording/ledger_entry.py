"""What the ledger says of one symbol's tick, from what became of its readings. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chain_fetch.recording.deduplication import Verdict
from chain_fetch.recording.tick import Read
from optionchain.exchange_time import expiry_text
from optionchain.mongo.tick_ledger import Reason

type Entry = dict[str, Any]


def entry_of(tick: datetime, started: datetime, reads: Sequence[Read]) -> Entry:
    """Return the ledger entry of a tick: outcome, reason, lateness and durations (ms), counts.

    A tick fails where a required expiry failed, and with that one's reason; it is `stored` where
    anything was news.
    """
    required = [read for read in reads if read.reading.required]
    failed = next((read for read in required if read.outcome == "failed"), None)
    stored = any(read.outcome == "stored" for read in reads)
    entry: Entry = {
        "outcome": "failed" if failed else "stored" if stored else "unchanged",
        "lateness_ms": _milliseconds(started, tick),
        "fetch_ms": round(max((read.fetch_ms for read in reads), default=0.0), 1),
        "parse_ms": round(sum(read.parse_ms for read in reads), 1),
        "store_ms": round(sum(read.store_ms for read in reads), 1),
        "legs": sum(read.legs for read in reads),
        "inserted": sum(read.committed.inserted for read in reads),
        "duplicates": sum(read.committed.duplicates for read in reads),
        "revised": sum(read.verdict is Verdict.REVISED for read in reads),
        "out_of_order": sum(read.verdict is Verdict.OUT_OF_ORDER for read in reads),
        "data_age_seconds": _data_age(tick, required),
        "expiries": [_expiry_entry(read) for read in reads if read.received_at or read.detail],
    }
    if failed:
        entry |= {"reason": failed.reason, "detail": failed.detail}
    elif not required:
        entry |= {"outcome": "skipped", "reason": "busy", "detail": "the budget went to others"}
    return entry


def _data_age(tick: datetime, reads: Sequence[Read]) -> float | None:
    """Return how far the exchange's own stamp lies behind the tick, at its oldest."""
    stamps = [read.exchange_timestamp for read in reads if read.exchange_timestamp]
    return max((tick - min(stamps)).total_seconds(), 0.0) if stamps else None


def skipped(tick: datetime, now: datetime, reason: Reason, detail: str) -> Entry:
    """Return the entry of a tick for which nothing was asked."""
    return {
        "outcome": "skipped",
        "reason": reason,
        "detail": detail,
        "lateness_ms": _milliseconds(now, tick),
    }


def lost(tick: datetime, now: datetime, error: Exception) -> Entry:
    """Return the entry of a tick that could not be claimed, because the database was away."""
    return skipped(tick, now, "database", str(error)) | {"outcome": "failed"}


def _expiry_entry(read: Read) -> Entry:
    entry: Entry = {"outcome": read.outcome}
    if read.reading.expiry.year > 1:
        entry["expiry_date"] = expiry_text(read.reading.expiry)
    if read.verdict:
        entry["verdict"] = read.verdict.value
    for name in ("reason", "detail", "received_at", "exchange_timestamp"):
        if (value := getattr(read, name)) is not None:
            entry[name] = value
    return entry


def _milliseconds(later: datetime, earlier: datetime) -> float:
    return round((later - earlier).total_seconds() * 1e3, 1)
