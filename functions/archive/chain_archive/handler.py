"""The archive Lambda: EventBridge Scheduler calls it after the close and in the evening."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol

from optionchain.module_loading import garbage_collection_paused

with garbage_collection_paused():
    from chain_archive.dependencies import Dependencies, wire
    from chain_archive.seal_days import FailedDay, OutOfTime, SymbolDay, seal_days
    from chain_archive.sealing import SealedDay, Sealer
    from chain_archive.telemetry import Telemetry
    from optionchain.errors import OptionChainError, SettingInvalid
    from optionchain.settings import symbols_of

type Done = SealedDay | FailedDay

# How long before Lambda's time-out a day is given up, to report what is left.
_CLOSING_MILLISECONDS = 20_000
_LONGEST_RANGE = timedelta(days=366)
_ALLOWED_EVENT = (
    'must be {}, {"symbol": "NIFTY", "day": "2026-11-27"}, or {"from": …, "to": …} with '
    '{"symbols": […]} or without'
)
_SHAPES: tuple[frozenset[str], ...] = (
    frozenset(),
    frozenset({"symbol", "day"}),
    frozenset({"from", "to"}),
    frozenset({"from", "to", "symbols"}),
)


class LambdaContext(Protocol):
    """What the handler asks of Lambda's context."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the invocation."""


class SealingFailed(OptionChainError):
    """Days could not be sealed. The others are; Lambda counts an error, so that an alarm rings."""


def lambda_handler(
    event: Mapping[str, Any], context: LambdaContext, deps: Dependencies | None = None
) -> dict[str, Any]:
    """Seal days in the archive.

    `event` is `{}` for every day of every recorded symbol that is over and is not sealed or has
    changed, `{"symbol": "NIFTY", "day": "2026-11-27"}` for one day, or `{"from": "2026-11-01",
    "to": "2026-11-27", "symbols": ["NIFTY"]}` for several; without symbols, of all. Returns how
    many days are `sealed`, `unchanged`, `empty` and, because the time was up, `left`. Raises
    SettingInvalid for an unusable setting or event, StoreUnavailable if the database is away, and
    SealingFailed at the end if any day could not be sealed.
    """
    try:
        deps = deps or wire()
        days = _days(event, deps)
    except SettingInvalid as error:
        extra = {"setting": error.name, "detail": str(error)}
        Telemetry("INFO").logger.error("setting_invalid", extra=extra)
        raise
    deps.telemetry.logger.append_keys(invocation=context.aws_request_id)
    return _seal(days, context, deps)


def _seal(days: list[SymbolDay], context: LambdaContext, deps: Dependencies) -> dict[str, Any]:
    def check_time(_: str) -> None:
        if context.get_remaining_time_in_millis() < _CLOSING_MILLISECONDS:
            raise OutOfTime

    sealer = Sealer(deps.database, deps.store, deps.now, check_time, deps.patience)
    begun, done, durations = time.perf_counter(), list[Done](), list[float]()
    for each in seal_days(sealer, days):
        durations.append(1e3 * (time.perf_counter() - begun))
        deps.telemetry.report_day(each, durations[-1])
        done.append(each)
        begun = time.perf_counter()
    left = len(days) - len(done)
    deps.telemetry.report_run(done, left, durations)
    deps.keep()
    return _answer(done, left)


def _answer(done: Sequence[Done], left: int) -> dict[str, Any]:
    failed = [each for each in done if isinstance(each, FailedDay)]
    if failed:
        raise SealingFailed("; ".join(f"{each.symbol} {each.day}: {each.error}" for each in failed))
    counts = Counter(each.status for each in done if not isinstance(each, FailedDay))
    return {**{name: counts[name] for name in ("sealed", "unchanged", "empty")}, "left": left}


def _days(event: object, deps: Dependencies) -> list[SymbolDay]:
    """Return the days that an event is about, the oldest first."""
    if not isinstance(event, Mapping) or frozenset(event) not in _SHAPES:
        raise SettingInvalid("event", event, _ALLOWED_EVENT)
    if not event:
        return deps.due.find()
    if "day" in event:
        symbols: tuple[str, ...] | None = _symbols([event["symbol"]])
        first = last = _day(event["day"])
    else:
        symbols = _symbols(event["symbols"]) if "symbols" in event else None
        first, last = _day(event["from"]), _day(event["to"])
    if not timedelta() <= last - first < _LONGEST_RANGE:
        raise SettingInvalid("event", event, "must have from ≤ to, and a year at most")
    days = list(deps.due.between(first, last, symbols))
    if early := next((each.day for each in days if not deps.due.is_over(each.day)), None):
        raise SettingInvalid("event", event, f"must have days that are over, and {early} is not")
    return days


def _symbols(given: object) -> tuple[str, ...]:
    try:
        return symbols_of(given)
    except ValueError as error:
        raise SettingInvalid("symbols of the event", given, f"must be a list: {error}") from error


def _day(given: object) -> date:
    try:
        return date.fromisoformat(str(given))
    except ValueError as error:
        raise SettingInvalid("day of the event", given, "must be like 2026-11-27") from error
