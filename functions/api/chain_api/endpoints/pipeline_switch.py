"""Starts and stops the recorder: its switch in the database and its schedule in AWS."""

from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer


def switch_recorder(deps: Dependencies, caller: str, *, enabled: bool) -> Answer:
    """Switch both and return the new state; raise StoreUnavailable or a Problem.

    The recorder runs only if both are on. The switch in the database goes off first and on last, so
    that the recorder is off if the schedule cannot be switched.
    """
    now, symbols = deps.now(), deps.settings.nse_symbols
    if enabled:
        schedule = _schedule(deps, enabled=True)
        deps.recorder_switch.switch(symbols, now, enabled=True)
    else:
        deps.recorder_switch.switch(symbols, now, enabled=False)
        schedule = _schedule(deps, enabled=False)
    deps.log.info("pipeline_switched", extra={"enabled": enabled, "caller": caller})
    return {"enabled": enabled, "schedule": schedule, "timestamp": now}


def _schedule(deps: Dependencies, *, enabled: bool) -> str:
    return "local" if deps.schedule is None else deps.schedule.switch(enabled=enabled)
