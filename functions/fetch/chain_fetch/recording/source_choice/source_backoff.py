"""Asks the source nothing while it is known to refuse; shares what is known by the database."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.source_choice.backoff_rules import after_tick, leave
from chain_fetch.recording.source_choice.handover_rules import tick_fault
from chain_fetch.refused import Refused
from optionchain.errors import StoreUnavailable
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.tick_ledger import Reason

# Faults of this recorder or of one body: they do not say whether the source accepts requests.
_NOT_REFUSALS = (
    "busy",
    "database",
    "invalid_payload",
    "unknown_symbol",
    "truncated",
    "relieved",
    "stale",
)
# These refusals hold for every request, even if another request of the same tick was answered.
_BLOCKS = ("blocked", "rate_limited")


class SourceStateStore(Protocol):
    """Where the state outlives an invocation: SourceRegister, or a fake in tests."""

    def read(self) -> SourceState:
        """Return the stored state; raise StoreUnavailable."""

    def write(self, state: SourceState) -> None:
        """Store a state; raise StoreUnavailable."""


class SourceBackoff:
    """The state of the source, kept equal to the stored one while the database answers."""

    def __init__(self, store: SourceStateStore, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._state = SourceState()
        self._unwritten = False

    def current_wait(self) -> SourceState | None:
        """Return the state if nothing may be requested now, else None."""
        with suppress(StoreUnavailable):  # without the database the own state counts
            self._reconcile(self._store.read())
        return self._state if self._state.waits(self._now()) else None

    @property
    def state(self) -> SourceState:
        """Return the state as it was last read or recorded."""
        return self._state

    def is_left(self) -> bool:
        """Return whether another source is preferred now, by the state as it was last read."""
        return self._state.is_left(self._now())

    def record_results(
        self,
        results: Mapping[str, Sequence[RequestResult]],
        replaceable: Callable[[], bool] = lambda: False,
    ) -> None:
        """Update the state by the results of a tick's requests, by symbol.

        `replaceable` tells whether another source can take over: then one bad tick is enough to
        leave this one.
        """
        tick = [result for symbol in results.values() for result in symbol]
        state, now = self._state, self._now()
        # Else the source was not asked at all.
        if any(result.received_at or result.reason not in _NOT_REFUSALS for result in tick):
            state = after_tick(state, _refusals(tick), now)
        fault = tick_fault(results)
        if fault and fault.reason and replaceable():
            state = leave(state, fault.reason, now)
        self._adopt(state)

    def record_refusal(self, refusal: Refused) -> None:
        """Update the state by a refusal outside of a tick, if it holds for every request."""
        if refusal.reason in _BLOCKS:
            self._adopt(after_tick(self._state, [refusal], self._now()))

    def forget(self, reason: Reason) -> None:
        """End the wait for this reason, because its cause is gone; prefer the source again."""
        wait, state = self.current_wait(), self._state
        if wait and wait.reason == reason:
            self._adopt(SourceState())
        elif state.left_reason == reason:
            self._adopt(replace(state, left_until=None, left_reason=None, times_left=0))

    def _adopt(self, state: SourceState) -> None:
        if state == self._state:
            return
        before, self._state = self._state, state
        self._unwritten = True
        with suppress(StoreUnavailable):
            stored = self._store.read()
            others_wait = max(_wait_end(state), self._now().timestamp()) < _wait_end(stored)
            if stored != before and others_wait:
                # Another group was refused meanwhile: what was asked before that ends no wait.
                self._state = stored
            else:
                self._store.write(state)
            self._unwritten = False

    def _reconcile(self, stored: SourceState) -> None:
        """Adopt the stored state, unless the own one is unwritten and holds for longer."""
        if self._unwritten and _wait_end(self._state) > _wait_end(stored):
            self._store.write(self._state)
        else:
            self._state = stored
        self._unwritten = False


def _wait_end(state: SourceState) -> float:
    ends = [end.timestamp() for end in (state.until, state.left_until) if end]
    return max(ends, default=0.0)


def _refusals(results: Iterable[RequestResult]) -> list[Refused]:
    """Return a tick's refusals; if any request was answered, blocks alone count."""
    tick = list(results)
    # A web page instead of data is not an answer, although it comes with status 200.
    answered = any(result.received_at and result.reason != "not_json" for result in tick)
    return [
        Refused(result.reason, result.detail or "", result.retry_after)
        for result in tick
        if result.reason is not None
        and result.reason not in _NOT_REFUSALS
        and (result.reason in _BLOCKS or not answered)
    ]
