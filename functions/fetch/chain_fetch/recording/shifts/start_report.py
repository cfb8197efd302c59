"""What an invocation reports before its first tick, so that alarms see what did not happen.

An alarm cannot see a tick that nobody claimed, nor a recorder that is switched off: neither leaves
a failure. So each invocation counts the ticks that were lost since the last invocation began, and
says whether it found the recorder switched off.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from chain_fetch.recording.ticks.shift_hours import CLOCK_SKEW
from chain_fetch.recording.ticks.shift_ticks import ShiftTicks
from optionchain.mongo.recorder_switch import NOBODY
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.rhythm import Rhythm

# The longest time that is looked at: after a longer absence the alarms have rung already.
_LOOKS_BACK = timedelta(minutes=15)


class Counts(Protocol):
    """Where numbers are reported: Telemetry, or a fake in tests."""

    def count(self, name: str, number: int) -> None:
        """Report a number under the name of a metric."""


@dataclass
class StartReport:
    """Reports once an invocation: TicksMissed after the warm-up, Stopped at the first tick.

    `warm_up` and `enabled` are the recorder's own, and this one takes their places.
    """

    ticks: ShiftTicks
    register: ShiftRegister
    ledger: TickLedger
    counts: Counts
    now: Callable[[], datetime]
    do_warm_up: Callable[[], None]
    is_enabled: Callable[[], bool]
    _reported: set[str] = field(default_factory=set)

    def warm_up(self) -> None:
        """Warm up, and count the ticks that nobody claimed; raise StoreUnavailable."""
        self.do_warm_up()
        if "TicksMissed" not in self._reported:
            self._report("TicksMissed", self.missed_ticks())

    def enabled(self) -> bool:
        """Return whether the recorder is switched on; raise StoreUnavailable."""
        enabled = self.is_enabled()
        if "Stopped" not in self._reported:
            self._report("Stopped", int(not enabled))
        return enabled

    def missed_ticks(self) -> int:
        """Return how many ticks were due since the last invocation began, and nobody claimed.

        Of all symbols together, of the last 15 minutes at most, by the rhythm of their last shift.
        While the recorder is stopped nothing is missed.
        """
        now, owners = self.now(), self.register.owners()
        began: dict[datetime, list[str]] = {}
        for symbol in self.ticks.symbols:
            if (shift := owners.get(symbol)) and shift["owner"] != NOBODY:
                began.setdefault(shift["since"], []).append(symbol)
        rhythms = self.register.rhythms(self.ticks.symbols, now - _LOOKS_BACK) if began else {}
        return sum(
            self._missed(
                {each: rhythms.get(each, self.ticks.rhythms[each]) for each in symbols}, since, now
            )
            for since, symbols in began.items()
        )

    def _missed(self, rhythms: Mapping[str, Rhythm], since: datetime, now: datetime) -> int:
        """Return how many ticks nobody claimed of symbols whose last shift began at one time."""
        ticks = ShiftTicks(rhythms, self.ticks.market)
        # From when on the invocation before this one tried ticks, and from when on this one does:
        # so every tick is counted by one invocation.
        start, end = max(since, now - _LOOKS_BACK) - CLOCK_SKEW, now - CLOCK_SKEW
        due = sum(
            len(ticks.due(tick))
            for tick in ticks.between(start, end)
            if not ticks.market.is_optional(tick)
        )
        return max(due - self.ledger.count(ticks.symbols, start, end), 0) if due else 0

    def _report(self, name: str, number: int) -> None:
        self.counts.count(name, number)
        self._reported.add(name)
