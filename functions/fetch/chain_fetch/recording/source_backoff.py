"""Keeps to the exchange's refusals: nothing is asked while it is known to refuse."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from chain_fetch.nse.refusals import Refused
from chain_fetch.recording.backoff_rules import after_tick
from chain_fetch.recording.tick import Read
from optionchain.errors import StoreUnavailable
from optionchain.mongo.source_register import SourceState

# Faults of ours, or of a body: they say nothing of whether the exchange takes our requests.
_NOT_THE_SOURCE = ("busy", "database", "invalid_payload", "truncated", "relieved")
# These hold for every request, even if another one of the same tick was answered.
_GRAVE = ("blocked", "rate_limited")


class StateMemory(Protocol):
    """Where the state outlives an invocation: SourceRegister, or a fake in tests."""

    def read(self) -> SourceState:
        """Return what is remembered; raise StoreUnavailable."""

    def write(self, state: SourceState) -> None:
        """Remember a state; raise StoreUnavailable."""


class SourceWatch:
    """The state of the source, in step with the database where that answers."""

    def __init__(self, memory: StateMemory, now: Callable[[], datetime]) -> None:
        self._memory = memory
        self._now = now
        self._state = SourceState()
        self._owed = False  # what is known here could not be written

    def waiting(self) -> SourceState | None:
        """Return the state if nothing may be asked now."""
        with suppress(StoreUnavailable):  # then what is known here holds
            self._compare(self._memory.read())
        return self._state if self._state.waits(self._now()) else None

    def learn(self, reads: Mapping[str, Sequence[Read]]) -> None:
        """Take in what became of a tick's readings."""
        every = [read for each in reads.values() for read in each]
        if not any(read.received_at or read.reason not in _NOT_THE_SOURCE for read in every):
            return  # nothing was asked, so nothing was learnt
        self._take_in(_refusals(every))

    def heed(self, refusal: Refused) -> None:
        """Take in a refusal outside of a tick, if it holds for every request."""
        if refusal.reason in _GRAVE:
            self._take_in([refusal])

    def _take_in(self, refusals: Sequence[Refused]) -> None:
        state = after_tick(self._state, refusals, self._now())
        if state == self._state:
            return
        self._state = state
        self._owed = True
        with suppress(StoreUnavailable):
            self._memory.write(state)
            self._owed = False

    def _compare(self, remembered: SourceState) -> None:
        """Go by what is remembered, but for a longer wait that could not be written."""
        if self._owed and _ends(self._state) > _ends(remembered):
            self._memory.write(self._state)
        else:
            self._state = remembered
        self._owed = False


def _ends(state: SourceState) -> float:
    return state.until.timestamp() if state.until else 0.0


def _refusals(reads: Iterable[Read]) -> list[Refused]:
    """Return the tick's refusals; a light one is forgiven where another request was answered."""
    each = list(reads)
    # A page in the place of data is no answer, though it came with status 200.
    answered = any(read.received_at and read.reason != "not_json" for read in each)
    return [
        Refused(read.reason, read.detail or "", read.retry_after)
        for read in each
        if read.reason is not None
        and read.reason not in _NOT_THE_SOURCE
        and (read.reason in _GRAVE or not answered)
    ]
