"""The fetch Lambda: EventBridge Scheduler calls it every minute of a session."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Protocol

from chain_fetch.shift import Shift
from chain_fetch.wiring import Deps, wire
from optionchain.errors import SettingInvalid
from optionchain.settings import symbols_of

# Left of the Lambda's time-out for the last tick to be read and recorded.
_CLOSING_SECONDS = 10


class LambdaContext(Protocol):
    """What the handler asks of Lambda's context."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the invocation."""


def lambda_handler(
    event: Mapping[str, Any], context: LambdaContext, deps: Deps | None = None
) -> dict[str, Any]:
    """Record the option chain on the tick grid until the next invocation takes over.

    `event` is the schedule's input: `{}` for the symbols of `NSE_SYMBOLS`, or
    `{"symbols": ["RELIANCE", "M&M"]}`. Returns the symbols and the number of ticks begun.
    """
    deps = deps or wire()
    symbols = _symbols(event, deps)
    deps.telemetry.logger.append_keys(invocation=context.aws_request_id)
    remaining = timedelta(milliseconds=context.get_remaining_time_in_millis())
    with ThreadPoolExecutor(1, thread_name_prefix="tick") as worker:
        shift = Shift(
            owner=context.aws_request_id,
            symbols=symbols,
            interval=deps.settings.nse_fetch_interval,
            market=deps.calendar.market(),
            prepare=deps.prepare,
            enabled=deps.enabled,
            register=deps.register,
            ledger=deps.ledger,
            backlog=deps.backlog,
            watch=deps.watch,
            read=deps.read,
            report=deps.telemetry.report,
            clock=deps.clock,
            worker=worker,
        )
        ticks = shift.run(deps.clock.now() + remaining - timedelta(seconds=_CLOSING_SECONDS))
    return {"symbols": list(symbols), "ticks": ticks}


def _symbols(event: Mapping[str, Any], deps: Deps) -> tuple[str, ...]:
    given = event.get("symbols") if isinstance(event, Mapping) else event
    if given is None:
        return deps.settings.nse_symbols
    try:
        return symbols_of(given)
    except ValueError as error:
        raise SettingInvalid("symbols of the event", given, f"must be a list: {error}") from error
