"""The fetch Lambda: EventBridge Scheduler calls it every minute of a session."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

from optionchain.module_loading import garbage_collection_paused

with garbage_collection_paused():
    from chain_fetch.dependencies import Dependencies, wire
    from chain_fetch.recording.reports.outcomes import TickOutcomes
    from chain_fetch.recording.reports.telemetry import Telemetry
    from chain_fetch.recording.shifts.shift import Shift
    from chain_fetch.recording.shifts.start_report import StartReport
    from chain_fetch.recording.ticks.shift_ticks import ShiftTicks
    from chain_fetch.schedule_event import assignment_of
    from optionchain.errors import SettingInvalid
    from optionchain.rhythm import Rhythm

# How long before Lambda's time-out all requests have ended. To store what they brought takes four
# operations of the database, to record it and to write the backlog one each: 14.4 s at most.
_CLOSING_SECONDS = 15


class LambdaContext(Protocol):
    """What the handler asks of Lambda's context."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda ends the invocation."""


def lambda_handler(
    event: Mapping[str, Any], context: LambdaContext, deps: Dependencies | None = None
) -> dict[str, Any]:
    """Record the option chain at its ticks until the next invocation takes over.

    `event` is the schedule's input: `{}` for the symbols of `NSE_SYMBOLS`,
    `{"group": "2", "groups": 4}` for the share of the second of four groups of them, or
    `{"symbols": ["RELIANCE", "M&M"], "group": "2"}`. The group names the symbols together in
    metrics and is "1" if it is missing. Returns the symbols and the number of ticks begun.
    Raises SettingInvalid for an unusable setting, secret or event, and StoreUnavailable if the
    database does not tell which symbols there are: Lambda counts an error, and the invocation of
    the next minute tries again.
    """
    try:
        deps = deps or wire()
        deps.watch_symbols()
        assignment = assignment_of(event)
        plan = deps.symbols.plan()
        rhythms = {symbol: plan.rhythm_of(symbol) for symbol in assignment.of(plan)}
        deps.serve(tuple(rhythms), assignment.number, assignment.groups)
        deps.check_budget(tuple(rhythms))
        telemetry = deps.telemetry.of_group(assignment.group, plan)
    except SettingInvalid as error:
        _log(error, context)
        raise
    telemetry.report_start()
    if not rhythms:
        if plan.symbols:
            telemetry.warn_of_empty_group(assignment.groups)
        else:  # no list of symbols was ever read; the invocation of the next minute tries again
            telemetry.report_no_symbols()
        return {"symbols": [], "ticks": 0}
    return _record(rhythms, context, deps, telemetry)


def _record(
    rhythms: Mapping[str, Rhythm],
    context: LambdaContext,
    deps: Dependencies,
    telemetry: Telemetry,
) -> dict[str, Any]:
    telemetry.logger.append_keys(invocation=context.aws_request_id)
    deps.watch_tokens()
    remaining = timedelta(milliseconds=context.get_remaining_time_in_millis())
    leave_by = deps.clock.now() + remaining - timedelta(seconds=_CLOSING_SECONDS)
    symbols = tuple(rhythms)
    market = deps.market(symbols)
    ticks = ShiftTicks(rhythms, market)
    deps.watch_contracts(symbols, market)
    deps.watch_seals(market)
    start = StartReport(
        ticks=ticks,
        register=deps.register,
        ledger=deps.ledger,
        counts=telemetry,
        now=deps.clock.now,
        do_warm_up=partial(_warm_up, symbols, deps),
        is_enabled=deps.enabled,
    )
    outcomes = TickOutcomes(
        deps.ledger, deps.backlog, telemetry.report, deps.clock.now, context.aws_request_id
    )
    if deps.last_session:
        deps.last_session.read(ticks, context.aws_request_id, outcomes, start.warm_up)
    with deps.worker() as worker:
        shift = Shift(
            owner=context.aws_request_id,
            ticks=ticks,
            agenda=deps.agenda,
            warm_up=start.warm_up,
            enabled=start.enabled,
            register=deps.register,
            ledger=deps.ledger,
            outcomes=outcomes,
            sources=deps.sources,
            clock=deps.clock,
            worker=worker,
            prove=deps.prove,
            cross_check=deps.cross_check,
            memory=deps.memory,
            report_ages=telemetry.report_ages,
        )
        began = shift.run(leave_by)
    return {"symbols": list(symbols), "ticks": began}


def _warm_up(symbols: tuple[str, ...], deps: Dependencies) -> None:
    deps.warm_up()
    deps.publish_budget(symbols)


def _log(error: SettingInvalid, context: LambdaContext) -> None:
    extra = {"setting": error.name, "detail": str(error), "invocation": context.aws_request_id}
    Telemetry("INFO").logger.error("setting_invalid", extra=extra)
