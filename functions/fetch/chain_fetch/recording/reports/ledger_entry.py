"""The ledger's entry of one symbol and tick. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from chain_fetch.recording.bodies.deduplication import Verdict
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.reports.source_switches import Switch
from optionchain.exchange_time import expiry_text
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.tick_ledger import Reason

type LedgerEntry = dict[str, Any]


def completed_entry(
    tick: datetime, started: datetime, results: Sequence[RequestResult]
) -> LedgerEntry:
    """Return the entry of a tick from the results of its requests.

    It holds the outcome and its reason, lateness and durations (ms), and counts. A tick fails if a
    required expiry failed, with the reason of the first, or if all of them are stale. It is
    `stored` if any expiry was stored, and `skipped` if none had a place in the request budget.
    """
    required = [result for result in results if result.request.required]
    failed = _failure(required)
    stored = any(result.outcome == "stored" for result in results)
    entry: LedgerEntry = {
        "outcome": "failed" if failed else "stored" if stored else "unchanged",
        "lateness_ms": _milliseconds(started, tick),
        "fetch_ms": round(max((result.fetch_ms for result in results), default=0.0), 1),
        "parse_ms": round(sum(result.parse_ms for result in results), 1),
        "store_ms": round(sum(result.store_ms for result in results), 1),
        "legs": sum(result.legs for result in results),
        "inserted": sum(result.committed.inserted for result in results),
        "duplicates": sum(result.committed.duplicates for result in results),
        "revised": sum(result.verdict is Verdict.REVISED for result in results),
        "out_of_order": sum(result.verdict is Verdict.OUT_OF_ORDER for result in results),
        "data_age_seconds": _data_age(tick, required),
        "expiries": [_expiry_entry(each) for each in results if each.received_at or each.detail],
    }
    if failed:
        entry |= {"reason": failed.reason, "detail": failed.detail}
    elif all(each.outcome == "skipped" for each in required):
        why = required[0].detail if required else "the budget went to others"
        entry |= {"outcome": "skipped", "reason": "busy", "detail": why}
    return entry


def source_entry(
    source: str, failures: Mapping[str, RequestResult], switch: Switch | None
) -> LedgerEntry:
    """Return what an entry says of the source that a symbol was read from.

    `failures` are those of the sources that were asked before it for the same tick, by name.
    `switch` tells which source the tick before was read from, if it is another one.
    """
    entry: LedgerEntry = {"source": source}
    if failures:
        entry["sources_failed"] = [
            {"source": name, "reason": each.reason, "detail": each.detail}
            for name, each in failures.items()
        ]
    if switch:
        entry["switched_from"] = switch._asdict()
    return entry


def skipped_entry(tick: datetime, now: datetime, reason: Reason, detail: str) -> LedgerEntry:
    """Return the entry of a tick for which nothing was requested."""
    return {
        "outcome": "skipped",
        "reason": reason,
        "detail": detail,
        "lateness_ms": _milliseconds(now, tick),
    }


def waiting_entry(tick: datetime, now: datetime, wait: SourceState) -> LedgerEntry:
    """Return the entry of a tick that was skipped because its source is not asked for a while."""
    entry = skipped_entry(tick, now, wait.reason or "busy", wait.until_text())
    return entry | ({"waits_until": wait.until.replace(microsecond=0)} if wait.until else {})


def unclaimed_entry(tick: datetime, now: datetime, error: Exception) -> LedgerEntry:
    """Return the entry of a tick that was not claimed, because the database was away."""
    return skipped_entry(tick, now, "database", str(error)) | {"outcome": "failed"}


def _failure(required: Sequence[RequestResult]) -> RequestResult | None:
    """Return the result that a tick fails with. One stale expiry of several fails no tick."""
    failures = [result for result in required if result.outcome == "failed"]
    worse_than_stale = [result for result in failures if result.reason != "stale"]
    if not worse_than_stale and len(failures) < len(required):
        return None
    return next(iter(worse_than_stale or failures), None)


def _data_age(tick: datetime, results: Sequence[RequestResult]) -> float | None:
    """Return the seconds from the oldest of the time stamps to the tick.

    Where there is none it is the seconds since the numbers of a chain moved last.
    """
    since = [result.data_since for result in results if result.data_since]
    return max((tick - min(since)).total_seconds(), 0.0) if since else None


def _expiry_entry(result: RequestResult) -> LedgerEntry:
    entry: LedgerEntry = {"outcome": result.outcome}
    if result.request.expiry.year > 1:  # year 1 stands for expiries that could not be listed
        entry["expiry_date"] = expiry_text(result.request.expiry)
    if result.verdict:
        entry["verdict"] = result.verdict.value
    for name in ("reason", "detail", "received_at", "exchange_timestamp"):
        if (value := getattr(result, name)) is not None:
            entry[name] = value
    return entry


def _milliseconds(later: datetime, earlier: datetime) -> float:
    return round((later - earlier).total_seconds() * 1e3, 1)
