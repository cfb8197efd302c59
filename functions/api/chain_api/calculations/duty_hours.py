"""Who was on duty for a symbol, and by which rhythm: what shifts and stops leave. Pure."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from optionchain.mongo.shift_register import HANDOVER, Duty
from optionchain.recorder_stops import Stop
from optionchain.rhythm import Rhythm


class Stretch(NamedTuple):
    """A time with one rhythm of ticks: since ≤ t < until."""

    since: datetime
    until: datetime
    rhythm: Rhythm

    def ticks(self) -> Iterator[datetime]:
        """Yield the ticks that were due, UTC.

        A shift takes over a little before it begins: see HANDOVER.
        """
        tick = self.rhythm.newest(self.since - HANDOVER)
        if tick < self.since - HANDOVER:
            tick += self.rhythm.step
        while tick < self.until - HANDOVER:
            yield tick
            tick += self.rhythm.step


@dataclass(frozen=True)
class DutyHours:
    """The shifts of a symbol on a day, and when the recorder was switched off.

    `duties` are those that began by the end of the day, in order, with the last one before it.
    `stopped` are the stops of the day and those right before it, in order. `begins` is when the
    record of the symbol begins, None if that is before shifts were kept. `setting` is today's
    rhythm: the guess for ticks of which no shift tells it. `ends` is when the record of the symbol
    ends, None if it is to be recorded still. Without `is_recorded` nobody has ever recorded the
    symbol.
    """

    duties: Sequence[Duty]
    stopped: Sequence[Stop]
    begins: datetime | None
    setting: Rhythm
    ends: datetime | None = None
    is_recorded: bool = True

    def rhythm_at(self, instant: datetime) -> Rhythm:
        """Return when ticks were due at an instant."""
        duty = self._duty(instant)
        if duty is None:
            return self.duties[0].rhythm if self.duties else self.setting
        return duty.rhythm

    def is_known(self, tick: datetime) -> bool:
        """Tell whether a shift tells the rhythm of a tick, and so of all later ones.

        A shift takes over a little before it begins: see HANDOVER.
        """
        return self._duty(tick + HANDOVER) is not None

    def is_expected(self, tick: datetime) -> bool:
        """Tell whether the symbol was to be recorded then."""
        has_begun = self.begins is None or tick >= self.begins
        return has_begun and (self.ends is None or tick < self.ends)

    def stretches(self, since: datetime, until: datetime) -> Iterator[Stretch]:
        """Yield the rhythms of a time, one after another."""
        rhythm = self.rhythm_at(since)
        for duty in self.duties:
            if since < duty.since < until and duty.rhythm != rhythm:
                yield Stretch(since, duty.since, rhythm)
                since, rhythm = duty.since, duty.rhythm
        yield Stretch(since, until, rhythm)

    def absence(self, tick: datetime) -> str:
        """Return why nobody claimed a tick.

        `stopped`: recording was switched off. `off_duty`: nobody was there. `missing`: somebody was
        there, or it is not known whether.
        """
        if any(stop.since <= tick and stop.ends_after(tick) for stop in self.stopped):
            return "stopped"
        duty = self._duty(tick)
        if duty is None:
            return "missing"
        # A shift leaves at a stop, and one that begins during a stop leaves at once.
        relieved = any(stop.since <= tick and stop.ends_after(duty.since) for stop in self.stopped)
        return "missing" if tick < duty.until and not relieved else "off_duty"

    def stops(self, since: datetime, until: datetime) -> list[Stop]:
        """Return the stops of a time, in order."""
        return [stop for stop in self.stopped if stop.since < until and stop.ends_after(since)]

    def _duty(self, tick: datetime) -> Duty | None:
        """Return the newest shift that had begun by a tick."""
        place = bisect_right(self._begun, tick)
        return self.duties[place - 1] if place else None

    @cached_property
    def _begun(self) -> list[datetime]:
        return [duty.since for duty in self.duties]
