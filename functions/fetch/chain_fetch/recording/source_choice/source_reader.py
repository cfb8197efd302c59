"""One source with everything that reads it, and the choice among several sources.

A tick is read from the source that is preferred among those that may be asked now. What it brings
nothing of is asked of the next one, for the same tick if there is time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import NamedTuple, Protocol

from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.reports.source_switches import SourceSwitches, Switch
from chain_fetch.recording.source_choice.handover_rules import is_of_one_symbol, symbol_fault
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.refused import Refused
from optionchain.mongo.source_register import SourceState

# A source that was left lately gets this share of a tick, so that another one has the rest.
_SHARE_ON_TRIAL = 0.5

type Results = dict[str, list[RequestResult]]
"""What the requests of a tick brought, by symbol."""


class ReadTick(Protocol):
    """How the requests of a tick are sent, and what they brought is stored."""

    def __call__(
        self,
        symbols: Sequence[str],
        tick: datetime,
        longest: float = inf,
        length: int | None = None,
        /,
    ) -> Results:
        """Return the results by symbol; the requests end after `longest` seconds at the latest.

        They end before the next tick as well, which is due `length` seconds after this one.
        """


class TickTime(Protocol):
    """How much time a tick has left."""

    @property
    def interval(self) -> int:
        """Return the seconds until the next tick is due."""

    @property
    def symbols(self) -> int:
        """Return how many symbols are recorded, at this tick or at others."""

    def step(self, symbol: str, /) -> timedelta:
        """Return the time until the next tick of the same symbol."""

    def left(self) -> float:
        """Return the seconds after which all requests have to end."""

    def is_over(self) -> bool:
        """Tell whether too little is left of the tick to read anything."""


@dataclass(frozen=True)
class SourceReader:
    """A source by its name: how its ticks are read, and whether it refuses."""

    name: str
    read: ReadTick
    backoff: SourceBackoff


class SymbolRead(NamedTuple):
    """What a tick brought of a symbol, and the source that was asked last.

    `failures` are those of the sources that were asked before it, by name; `switch` says which
    source the symbol was read from at the tick before, if it is another one.
    """

    source: str
    results: list[RequestResult]
    failures: Mapping[str, RequestResult] = {}
    switch: Switch | None = None


@dataclass(frozen=True)
class SourceOrder:
    """The sources of the recorder, in the order in which they are preferred; at least one."""

    readers: Sequence[SourceReader]
    switches: SourceSwitches

    def choose(self) -> SourceReader | SourceState:
        """Return the source that may be asked now; if all wait, why the first one does.

        One that is left for a while is chosen only if no other may be asked.
        """
        waits, left = [], []
        for reader in self.readers:
            if wait := reader.backoff.current_wait():
                waits.append(wait)
            elif reader.backoff.is_left():
                left.append(reader)
            else:
                return reader
        return left[0] if left else waits[0]

    def read(
        self, symbols: Sequence[str], tick: datetime, time: TickTime
    ) -> dict[str, SymbolRead] | SourceState:
        """Return what a tick brought, by symbol; if all sources wait, why the first one does."""
        chosen = self.choose()
        if isinstance(chosen, SourceState):
            return chosen
        asked = self._ask(chosen, symbols, tick, time)
        of_all = not is_of_one_symbol(asked, time.symbols)
        chosen.backoff.record_results(asked, lambda: of_all and self._is_replaceable(chosen))
        found = {name: SymbolRead(chosen.name, results) for name, results in asked.items()}
        for other in self._others(chosen):
            faults = {
                name: fault for name, read in found.items() if (fault := symbol_fault(read.results))
            }
            if not faults or time.is_over() or time.left() <= 0:
                break
            if other.backoff.current_wait():
                continue
            asked = self._ask(other, list(faults), tick, time)
            _record(other, asked, all_symbols=len(faults) == len(found))
            for name, results in asked.items():
                before = found[name]
                failures = {**before.failures, before.source: faults[name]}
                found[name] = SymbolRead(other.name, results, failures)
        sources = {name: read.source for name, read in found.items()}
        for name, left in self.switches.before(tick, sources, time.step).items():
            switch = Switch(left, self._reason(left, found[name]))
            found[name] = found[name]._replace(switch=switch)
        return found

    def _reason(self, before: str, read: SymbolRead) -> str:
        """Return why a symbol is not read from the source before any more."""
        if fault := read.failures.get(before):
            return fault.reason or "busy"
        names = [reader.name for reader in self.readers]
        if before not in names:
            return "setting"
        if names.index(read.source) < names.index(before):
            return "preferred"
        state = self.readers[names.index(before)].backoff.state
        return state.left_reason or state.reason or "busy"

    def _ask(
        self, reader: SourceReader, symbols: Sequence[str], tick: datetime, time: TickTime
    ) -> Results:
        seconds = time.left()
        if reader.backoff.state.times_left and self._is_replaceable(reader):
            seconds = min(seconds, _SHARE_ON_TRIAL * time.interval)
        return reader.read(symbols, tick, seconds, time.interval)

    def _is_replaceable(self, reader: SourceReader) -> bool:
        """Tell whether another source may be asked now."""
        return any(other.backoff.current_wait() is None for other in self._others(reader))

    def _others(self, reader: SourceReader) -> Iterator[SourceReader]:
        return (other for other in self.readers if other is not reader)


def _record(reader: SourceReader, results: Results, *, all_symbols: bool) -> None:
    """Tell a source that took over how it answered.

    The symbols that the first source did not bring may be just those that no source has. So what
    comes of a part of the symbols speaks against the source only where it holds for all requests.
    """
    if all_symbols:
        reader.backoff.record_results(results)
        return
    for result in (each for of_symbol in results.values() for each in of_symbol):
        if result.reason:
            reader.backoff.record_refusal(
                Refused(result.reason, result.detail or "", result.retry_after)
            )
