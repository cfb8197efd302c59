"""Starts what stands in for the sources of a simulated run, each in a process of its own."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from local.mongod import free_port
from local.processes import HOST
from local.run.options import Options
from local.run.sources import NSE
from local.shifted_clock import ShiftedClock


class StartModule(Protocol):
    """How a run starts a module as a process; `log` names its log."""

    def __call__(self, name: str, module: str, /, *arguments: str, log: str) -> None:
        """Start it."""


def start_stand_ins(options: Options, clock: ShiftedClock, start: StartModule) -> dict[str, str]:
    """Start the simulated exchange and vendors; return their addresses by source."""
    market = ["--seed", str(options.seed), "--hours", options.settings.market_hours]
    market += clock.arguments
    urls = {}
    if options.own_exchange:
        replay = ["--replay", str(options.replay)] if options.replay else []
        urls[NSE] = _started("exchange", NSE, [*market, *replay], start)
    return urls | {each: _started(each, each, market, start) for each in options.sources.started}


def variables_of(
    options: Options, urls: Mapping[str, str], env: Mapping[str, str], now: datetime
) -> dict[str, str]:
    """Return the variables of the processes that ask the stand-ins at these addresses.

    Tokens hold from `now` on.
    """
    exchange = urls.get(NSE) or env["NSE_BASE_URL"]
    # A proxy of the environment must not be asked for this machine.
    direct = {
        name: ",".join(filter(None, [env.get(name), HOST])) for name in ("no_proxy", "NO_PROXY")
    }
    sources = options.sources.environment({NSE: exchange} | dict(urls), now)
    return {"NSE_BASE_URL": exchange} | direct | sources


def _started(called: str, source: str, arguments: list[str], start: StartModule) -> str:
    port = free_port()
    module = f"local.{source}_simulator"
    start(f"the simulated {called}", module, "--port", str(port), *arguments, log=called)
    return f"http://{HOST}:{port}"
