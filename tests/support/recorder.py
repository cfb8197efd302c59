"""The real recorder for tests: put together as in Lambda, and closed afterwards."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace

from chain_fetch.dependencies import Dependencies, connect
from chain_fetch.recording.ticks.clock import Clock
from chain_fetch.source import SourceModule
from optionchain.settings import Settings

# How long before Lambda's time-out the handler ends a shift.
_CLOSING_SECONDS = 15


@dataclass
class Context:
    """Lambda's context of an invocation that is given `seconds` to work."""

    aws_request_id: str = "the-only-one"
    seconds: float = 4.0

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda would end the invocation."""
        return round((self.seconds + _CLOSING_SECONDS) * 1e3)


def recorder(
    settings: Settings,
    clock: Clock | None = None,
    modules: Mapping[str, SourceModule] | None = None,
    *,
    reads_last_session: bool = False,
) -> closing[Dependencies]:
    """The real parts of the fetch function for these settings, or over other sources.

    With a database that is empty for brevity, a recorder would read the session before.
    """
    deps = connect(settings, clock, modules)
    return closing(deps if reads_last_session else replace(deps, last_session=None))
