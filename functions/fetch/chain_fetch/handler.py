"""The fetch Lambda: EventBridge Scheduler calls it every minute of a session."""

import re
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from reprlib import Repr
from typing import Any, Protocol

from optionchain.module_loading import garbage_collection_paused

with garbage_collection_paused():
    from chain_fetch.dependencies import Dependencies, wire
    from chain_fetch.recording.outcomes import TickOutcomes
    from chain_fetch.recording.shift import Shift
    from chain_fetch.recording.start_report import StartReport
    from chain_fetch.recording.telemetry import FIRST_GROUP, Telemetry
    from optionchain.errors import SettingInvalid
    from optionchain.settings import symbols_of

# How long before Lambda's time-out all requests have ended. To store what they brought takes three
# operations of the database, to record it and to write the backlog one each: 12 s at most.
_CLOSING_SECONDS = 15
_ALLOWED_EVENT = 'must be {} or {"symbols": [...]}, with a "group" or without'
_GROUP = re.compile(r"[A-Za-z0-9_-]{1,20}", re.ASCII)
# The keys that EventBridge sends if a schedule or rule has no input of its own.
_EVENTBRIDGE_KEYS = {
    "version",
    "id",
    "detail-type",
    "source",
    "account",
    "time",
    "region",
    "resources",
    "detail",
}
# The longest excerpt of a bad value that an error message shows.
_EXCERPT = Repr(maxstring=100, maxlist=10, maxdict=10, maxother=100)


class LambdaContext(Protocol):
    """What the handler asks of Lambda's context."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the invocation."""


def lambda_handler(
    event: Mapping[str, Any], context: LambdaContext, deps: Dependencies | None = None
) -> dict[str, Any]:
    """Record the option chain on the tick grid until the next invocation takes over.

    `event` is the schedule's input: `{}` for the symbols of `NSE_SYMBOLS`, or
    `{"symbols": ["RELIANCE", "M&M"], "group": "2"}`, whose group names the symbols together in
    metrics and is "1" if it is missing. Returns the symbols and the number of ticks begun.
    Raises SettingInvalid for an unusable setting, secret or event: Lambda counts an error, and
    the invocation of the next minute tries again.
    """
    try:
        deps = deps or wire()
        symbols = _symbols(event, deps)
        deps.check_budget(symbols)
        telemetry = deps.telemetry.of_group(_group(event))
    except SettingInvalid as error:
        _log(error, context)
        raise
    telemetry.report_start()
    return _record(symbols, context, deps, telemetry)


def _record(
    symbols: tuple[str, ...], context: LambdaContext, deps: Dependencies, telemetry: Telemetry
) -> dict[str, Any]:
    telemetry.logger.append_keys(invocation=context.aws_request_id)
    deps.watch_tokens()
    remaining = timedelta(milliseconds=context.get_remaining_time_in_millis())
    market = deps.market(symbols)
    deps.watch_contracts(symbols, market)
    deps.watch_seals(market)
    start = StartReport(
        symbols=symbols,
        interval=deps.settings.nse_fetch_interval,
        market=market,
        register=deps.register,
        ledger=deps.ledger,
        counts=telemetry,
        now=deps.clock.now,
        do_warm_up=partial(_warm_up, symbols, deps),
        is_enabled=deps.enabled,
    )
    with deps.worker() as worker:
        shift = Shift(
            owner=context.aws_request_id,
            symbols=symbols,
            interval=deps.settings.nse_fetch_interval,
            market=market,
            agenda=deps.agenda,
            warm_up=start.warm_up,
            enabled=start.enabled,
            register=deps.register,
            ledger=deps.ledger,
            outcomes=TickOutcomes(
                deps.ledger,
                deps.backlog,
                telemetry.report,
                deps.clock.now,
                context.aws_request_id,
            ),
            sources=deps.sources,
            clock=deps.clock,
            worker=worker,
            prove=deps.prove,
            cross_check=deps.cross_check,
        )
        ticks = shift.run(deps.clock.now() + remaining - timedelta(seconds=_CLOSING_SECONDS))
    return {"symbols": list(symbols), "ticks": ticks}


def _warm_up(symbols: tuple[str, ...], deps: Dependencies) -> None:
    deps.warm_up()
    deps.publish_budget(symbols)


def _symbols(event: object, deps: Dependencies) -> tuple[str, ...]:
    if not isinstance(event, Mapping):
        raise SettingInvalid("event", _Excerpt(event), _ALLOWED_EVENT)
    # With a misspelt key or a `detail`, other symbols than the wanted ones would be recorded.
    if unknown := event.keys() - _EVENTBRIDGE_KEYS - {"symbols", "group"}:
        raise SettingInvalid("keys of the event", _Excerpt(sorted(unknown)), _ALLOWED_EVENT)
    if event.get("detail") not in (None, {}, "{}"):
        raise SettingInvalid("detail of the event", _Excerpt(event["detail"]), _ALLOWED_EVENT)
    if (given := event.get("symbols")) is None:
        return deps.settings.nse_symbols
    try:
        return symbols_of(given)
    except ValueError as error:
        allowed = f"must be a list: {error}"
        raise SettingInvalid("symbols of the event", _Excerpt(given), allowed) from error


def _group(event: Mapping[str, Any]) -> str:
    group = event.get("group", FIRST_GROUP)
    if not isinstance(group, str) or not _GROUP.fullmatch(group):
        allowed = "must be 1 to 20 letters, digits, _ and -"
        raise SettingInvalid("group of the event", _Excerpt(group), allowed)
    return group


class _Excerpt:
    """The excerpt of a value that an error message shows."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __repr__(self) -> str:
        return _EXCERPT.repr(self._value)


def _log(error: SettingInvalid, context: LambdaContext) -> None:
    extra = {"setting": error.name, "detail": str(error), "invocation": context.aws_request_id}
    Telemetry("INFO").logger.error("setting_invalid", extra=extra)
