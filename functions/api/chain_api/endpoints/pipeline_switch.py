"""Starts and stops the recorder: its switch in the database and its schedule in AWS."""

from datetime import datetime

from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.problems.catalogue import Problem, half_switched, switch_unavailable
from optionchain.errors import StoreUnavailable


def switch_recorder(deps: Dependencies, caller: str, *, enabled: bool) -> Answer:
    """Switch both and return the new state; raise a Problem that says what is on and what is off.

    The switch in the database is the truth; the schedule saves invocations that would end at once.
    The switch goes off first and on last, so that the recorder is off if only one was switched.
    """
    now = deps.now()
    if enabled:
        schedule = _schedule(deps, enabled=True)
        _switch(deps, now, enabled=True, schedule=schedule)
    else:
        _switch(deps, now, enabled=False)
        schedule = _schedule(deps, enabled=False)
    deps.log.info("pipeline_switched", extra={"enabled": enabled, "caller": caller})
    return {"enabled": enabled, "schedule": schedule, "timestamp": now}


def _switch(
    deps: Dependencies, now: datetime, *, enabled: bool, schedule: str | None = None
) -> None:
    try:
        deps.recorder_switch.switch(deps.symbols.plan().symbols, now, enabled=enabled)
    except StoreUnavailable as error:
        raise switch_unavailable(schedule) from error


def _schedule(deps: Dependencies, *, enabled: bool) -> str:
    if deps.schedule is None:
        return "local"
    try:
        return deps.schedule.switch(enabled=enabled)
    except Problem as problem:
        raise half_switched(problem, _state_of_switch(deps)) from problem.__cause__


def _state_of_switch(deps: Dependencies) -> bool | None:
    try:
        return deps.recorder_switch.enabled()
    except StoreUnavailable:
        return None
