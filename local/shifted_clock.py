"""The wall clock, moved by a fixed time: what a run at another moment lives by."""

import time
from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta


class ShiftedClock:
    """A clock that is ahead of the wall clock by `offset`, or behind it where that is negative."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self.offset = offset

    @classmethod
    def showing(cls, instant: datetime) -> "ShiftedClock":
        """Return a clock that shows this instant now."""
        return cls(instant - datetime.now(UTC))

    @property
    def arguments(self) -> list[str]:
        """The arguments that give a process this clock."""
        return [f"--clock-offset={self.offset.total_seconds()}"] if self.offset else []

    def now(self) -> datetime:
        """Return the time, UTC."""
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start that never jump."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


def add_clock_offset(parser: ArgumentParser) -> None:
    """Let a command take the arguments of a clock; it is in `clock` then."""
    parser.add_argument(
        "--clock-offset",
        dest="clock",
        type=lambda text: ShiftedClock(timedelta(seconds=float(text))),
        default=ShiftedClock(),
        metavar="SECONDS",
        help="how far the clock is ahead of the wall clock",
    )
