"""Never miss silently: compares the ledger with the expected ticks."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import quantiles
from typing import Any

from optionchain.mongo.indexes import TICKS
from tests.soak.phase_record import PhaseRecord
from tests.soak.report import ReportRow, promise_row
from tests.soak.shift_coverage import overlap

# A killed invocation is replaced within 8 s, and its replacement starts within a few more.
_LONGEST_SILENCE = 20
_SHOWN = 3
_MINUTE = timedelta(minutes=1)
type Key = tuple[str, datetime]


def rows(record: PhaseRecord) -> Iterator[ReportRow]:
    """Return the outcomes of the ticks, their lateness, and the paid time."""
    expected = record.expected_ticks()
    due = {(name, tick): on for tick, on in expected.items() for name in record.symbols}
    entries = {
        (entry["symbol"], entry["tick"]): entry
        for entry in record.database[TICKS].find({}, {"expiries": False})
        if entry["tick"] in expected
    }
    yield ReportRow("ticks due, of two symbols", str(len(due)))
    yield from _outcomes(entries)
    if not record.recorder.skewed:
        yield from _missing(due, entries)
        yield _minutes(record, due, entries)
        yield from _open(record, entries)
    twice = _read_twice(record.recorder.log)
    yield promise_row("ticks read twice", len(twice), twice)
    if not record.recorder.skewed:
        yield _lateness(record, due, entries)
    yield from _invocations(record)


def _outcomes(entries: Mapping[Key, Any]) -> Iterator[ReportRow]:
    outcomes = Counter(str(entry.get("outcome", "open")) for entry in entries.values())
    for name in ("stored", "unchanged", "failed", "skipped"):
        yield ReportRow(f"  {name}", str(outcomes[name]))
    reasons = Counter(entry["reason"] for entry in entries.values() if "reason" in entry)
    most = " ".join(f"{name} {count}" for name, count in reasons.most_common(_SHOWN))
    yield ReportRow("  reasons", most + (" …" if len(reasons) > _SHOWN else ""))


def _missing(due: Mapping[Key, bool], entries: Mapping[Key, Any]) -> Iterator[ReportRow]:
    missing = [key for key in due if key not in entries]
    lost = [f"{name} {tick:%H:%M:%S}" for name, tick in missing if due[name, tick]]
    yield promise_row("missing though somebody was on duty", len(lost), lost)
    yield ReportRow("missing after a kill, nobody on duty", str(len(missing) - len(lost)))
    seconds = _silence(sorted({tick for _, tick in entries}))
    yield ReportRow("longest silence, seconds", f"{seconds:.0f}", seconds > _LONGEST_SILENCE)


def _silence(ticks: Sequence[datetime]) -> float:
    """Return the longest time between two ticks of the ledger, in seconds."""
    return max(((late - early).total_seconds() for early, late in pairwise(ticks)), default=0.0)


def _minutes(record: PhaseRecord, due: Mapping[Key, bool], entries: Mapping[Key, Any]) -> ReportRow:
    """Count the complete minutes among those in which every tick was covered."""
    a_minute = 60 // record.recorder.interval
    first = min((tick for _, tick in due), default=record.end)
    asked = Counter((name, (tick - first) // _MINUTE) for (name, tick), on in due.items() if on)
    answered = Counter((name, (tick - first) // _MINUTE) for name, tick in entries)
    whole = [minute for minute, count in asked.items() if count == a_minute]
    full = sum(answered[minute] == a_minute for minute in whole)
    value = f"{full} of {len(whole)}"
    return ReportRow(f"minutes with {a_minute} of {a_minute} ticks", value, full < len(whole))


def _open(record: PhaseRecord, entries: Mapping[Key, Any]) -> Iterator[ReportRow]:
    left = [key for key, entry in entries.items() if "outcome" not in entry]
    strange = [
        f"{name} {tick:%H:%M:%S}"
        for name, tick in left
        if not record.killed(entries[name, tick]["owner"], tick)
    ]
    yield ReportRow("claimed without outcome, at a kill", str(len(left) - len(strange)))
    yield promise_row("claimed without outcome, no kill", len(strange), strange)


def _read_twice(log: Path) -> Sequence[str]:
    """Return the ticks that two invocations have logged."""
    read: Counter[str] = Counter()
    for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue  # a line that a kill cut off
        if isinstance(entry, dict) and entry.get("message") == "tick" and "fetch_ms" in entry:
            read[f"{entry['symbol']} {entry['tick']}"] += 1
    return [tick for tick, times in read.items() if times > 1]


def _lateness(
    record: PhaseRecord, due: Mapping[Key, bool], entries: Mapping[Key, Any]
) -> ReportRow:
    """Judge the lateness of covered ticks without a disturbance."""
    late = [
        entry["lateness_ms"]
        for (name, tick), entry in entries.items()
        if due[name, tick] and "lateness_ms" in entry and not record.disturbed(tick)
    ]
    if len(late) < 2:
        return ReportRow("lateness p50, p99", "too few ticks")
    cuts = quantiles(late, n=100, method="inclusive")
    value = f"{cuts[49]:.0f}, {cuts[98]:.0f} ms of {len(late)}"
    return ReportRow("lateness p50, p99", value, cuts[98] > record.lateness_limit)


def _invocations(record: PhaseRecord) -> Iterator[ReportRow]:
    invoker = record.recorder.invoker
    all_of_them = list(invoker.invocations.values())
    killed = sum(each.killed for each in all_of_them)
    yield ReportRow("invocations, of them killed", f"{len(all_of_them)}, {killed}")
    yield ReportRow("overlap of paid time", f"{overlap(all_of_them):.1%}")
    log = record.recorder.log.read_text(encoding="utf-8", errors="replace")
    errors = [*invoker.errors, *["a traceback"] * log.count("Traceback (most recent call last)")]
    yield promise_row("invocations that raised", len(errors), errors)
