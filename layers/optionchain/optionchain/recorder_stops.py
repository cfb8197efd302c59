"""When the recorder was switched off on purpose. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True)
class Stop:
    """A time for which recording was switched off: since ≤ t < until, UTC.

    `until` is None if it was not switched on again, as far as is known.
    """

    since: datetime
    until: datetime | None

    def ends_after(self, instant: datetime) -> bool:
        """Tell whether recording was still off, or was off again later than an instant."""
        return self.until is None or self.until > instant


class DayOrigin(NamedTuple):
    """The id of the database that recorded a day, and the stops that the day met there.

    An earlier release kept neither: then `database` is None, and there are no stops.
    """

    database: str | None
    stops: tuple[Stop, ...]


def merged(stops: Iterable[Stop]) -> list[Stop]:
    """Return each stop once, in order; of two with one beginning that whose end is known."""
    found: dict[datetime, Stop] = {}
    for each in stops:
        if each.until is not None or each.since not in found:
            found[each.since] = each
    return [found[since] for since in sorted(found)]
