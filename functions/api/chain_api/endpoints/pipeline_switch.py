"""Starts and stops the recorder: its switch in the database and its schedule in AWS."""

from chain_api.dependencies import Dependencies
from chain_api.rendering.answers import Answer


def switch(deps: Dependencies, caller: str, *, enabled: bool) -> Answer:
    """Switch both and return the new state; raise StoreUnavailable or a Problem.

    It runs where both are on. So the switch goes off first and on last: if the other one fails,
    the recorder is off.
    """
    now, symbols = deps.now(), deps.settings.nse_symbols
    if enabled:
        schedule = _schedule(deps, enabled=True)
        deps.control.switch(symbols, now, enabled=True)
    else:
        deps.control.switch(symbols, now, enabled=False)
        schedule = _schedule(deps, enabled=False)
    deps.log.info("pipeline_switched", extra={"enabled": enabled, "caller": caller})
    return {"enabled": enabled, "schedule": schedule, "timestamp": now}


def _schedule(deps: Dependencies, *, enabled: bool) -> str:
    return "local" if deps.schedule is None else deps.schedule.switch(enabled=enabled)
