"""A wait of a source in two lines: when it begins, and when it is over with what it cost."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from optionchain.exchange_time import ist_clock

type Entry = Mapping[str, Any]


@dataclass
class _Wait:
    """The ticks that are skipped because nothing is asked until an instant."""

    until: datetime
    ticks: set[datetime] = field(default_factory=set)
    symbols: set[str] = field(default_factory=set)

    def note(self, entry: Entry) -> None:
        self.ticks.add(entry["tick"])
        self.symbols.add(entry["symbol"])

    def told(self) -> str:
        """Return what the wait cost."""
        ticks, symbols = len(self.ticks), len(self.symbols)
        times = "1 tick" if ticks == 1 else f"{ticks} ticks"
        of = "1 symbol" if symbols == 1 else f"{symbols} symbols"
        return f"the wait is over: {times} of {of} skipped since {ist_clock(min(self.ticks))}"


class WaitLines:
    """Takes the entries of a wait out of those that are printed one by one."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._wait: _Wait | None = None

    def lines(self, entries: Sequence[Entry]) -> Iterator[str]:
        """Yield what there is to say of one tick's entries: that a wait is over, or that it begins.

        Those of a wait have `waits_until`. It is over when a tick is tried again.
        """
        for entry in entries:
            until = entry.get("waits_until")
            if self._wait and until != self._wait.until:
                yield from self.end(entry["tick"])
            if until is None:
                continue
            if self._wait is None:
                self._wait = _Wait(until)
                yield self._line(entry["tick"], f"waiting: {entry['detail']}")
            self._wait.note(entry)

    def end(self, now: datetime) -> Iterator[str]:
        """Yield what a wait cost that is over; nothing if there is none."""
        if self._wait:
            yield self._line(now, self._wait.told())
        self._wait = None

    def _line(self, at: datetime, text: str) -> str:
        return "  ".join(filter(None, [ist_clock(at), self._label, text]))


def tried(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that are of no wait."""
    return [entry for entry in entries if "waits_until" not in entry]
