"""A market that tells stories which are not so, one at a time."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import cycle

from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.v3_format import JsonObject, stamp_text

STORIES = ("lying stamps", "standing feed", "two nodes", "moved expiry")
_DAY = timedelta(days=1)


class LyingMarket(SimulatedMarket):
    """The simulated market; `tell` begins a story, and `""` ends it."""

    def __init__(self, seed: int, tick_seconds: int) -> None:
        super().__init__(seed, tick_seconds=tick_seconds)
        self._story = ""
        self._stands_at = super().now()
        self._nodes: Iterator[int] = cycle((0, 0, 1))

    def tell(self, story: str) -> None:
        """Begin a story."""
        self._stands_at = super().now()
        self._story = story

    def now(self) -> datetime:
        """The market's clock, in UTC; a feed that stands shows what it showed before."""
        return self._stands_at if self._story == "standing feed" else super().now()

    def expiries(self, symbol: str, instant: datetime | None = None) -> list[date]:
        """The expiries; in its story the nearest one is moved to the next day."""
        nearest, *others = super().expiries(symbol, instant)
        return sorted({nearest + _DAY if self._story == "moved expiry" else nearest, *others})

    def chain(self, symbol: str, expiry: date, instant: datetime | None = None) -> JsonObject:
        """The body of one expiry; in their stories of a node that is behind, or of tomorrow."""
        at = instant or self.now()
        if self._story == "two nodes":
            at -= next(self._nodes) * timedelta(seconds=self.tick_seconds)
        body = super().chain(symbol, expiry, at)
        if self._story == "lying stamps":
            body["records"]["timestamp"] = stamp_text(at + _DAY)
        return body


class EveryMarket(SimulatedMarket):
    """What a `LyingMarket` may ever have sent truly: expiries before and after they moved."""

    def expiries(self, symbol: str, instant: datetime | None = None) -> list[date]:
        """The expiries, listed and moved."""
        listed = super().expiries(symbol, instant)
        return sorted({*listed, listed[0] + _DAY})
