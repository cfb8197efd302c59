"""One source with everything that reads it, and the choice among several sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Protocol

from chain_fetch.recording.request_result import RequestResult
from chain_fetch.recording.source_backoff import SourceBackoff
from optionchain.mongo.source_register import SourceState

type Results = dict[str, list[RequestResult]]
"""What the requests of a tick brought, by symbol."""


class ReadTick(Protocol):
    """How the requests of a tick are sent, and what they brought is stored."""

    def __call__(self, symbols: Sequence[str], tick: datetime, longest: float = inf, /) -> Results:
        """Return the results by symbol; the requests end after `longest` seconds at the latest."""


@dataclass(frozen=True)
class SourceReader:
    """A source by its name: how its ticks are read, and whether it refuses."""

    name: str
    read: ReadTick
    backoff: SourceBackoff


@dataclass(frozen=True)
class SourceOrder:
    """The sources of the recorder, in the order in which they are preferred; at least one."""

    readers: Sequence[SourceReader]

    def choose(self) -> SourceReader | SourceState:
        """Return the first source that may be asked now; if all wait, why the first one does."""
        waits = []
        for reader in self.readers:
            if (wait := reader.backoff.current_wait()) is None:
                return reader
            waits.append(wait)
        return waits[0]
