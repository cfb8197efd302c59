"""When a day is read once more in the evening, because the exchange rewrites it. Pure.

Source: six captured days of October and November 2025. Between 17:16 and 19:16 IST, two to four
hours after the close, the exchange rewrote the open interest of half of the contracts.
"""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from optionchain.exchange_time import IST

EVENING_INTERVAL = 60
"""Seconds from one tick of a round to the next."""

_BEGINNINGS = (time(19, 45), time(21))
_STEP = timedelta(seconds=EVENING_INTERVAL)
_LONGEST = timedelta(minutes=15)
# No rewrite was seen earlier after a close: until then an unchanged chain tells nothing.
_REWRITTEN_AFTER = timedelta(hours=2)


class EveningRound(NamedTuple):
    """A quarter of an hour in which everything that is listed is read once.

    A tick comes each minute, and the later ones read what the earlier ones could not. A chain read
    in it is the final one of its day if the exchange has rewritten it; if not `needs_rewrite`, in
    any case.
    """

    begins: datetime
    needs_rewrite: bool

    def __contains__(self, tick: object) -> bool:
        """Tell whether the round may have a tick."""
        if not isinstance(tick, datetime) or not self.begins <= tick < self.ends:
            return False
        return not (tick - self.begins) % _STEP

    @property
    def ends(self) -> datetime:
        """Return when the round is over: a minute after its last tick begins."""
        return self.begins + _LONGEST

    @property
    def ticks(self) -> tuple[datetime, ...]:
        """Return every tick that the round may have, in order."""
        return tuple(self.begins + _STEP * minute for minute in range(_LONGEST // _STEP))


def evening_rounds(day: date, closes: datetime) -> tuple[EveningRound, ...]:
    """Return the rounds of a day whose last session closes at `closes`, in order.

    A round that begins less than two hours after the close is left out, but not the last one. In
    that one a chain is final in any case, unless it begins so early as well.
    """
    *earlier, last = (datetime.combine(day, begins, IST) for begins in _BEGINNINGS)
    earliest = closes + _REWRITTEN_AFTER
    rounds = [EveningRound(begins, needs_rewrite=True) for begins in earlier if begins >= earliest]
    if last > closes:
        rounds.append(EveningRound(last, needs_rewrite=last < earliest))
    return tuple(rounds)
