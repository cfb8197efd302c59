"""A simulated day: the bodies that the simulated exchange serves through one of its days.

The day has the exchange's real hours and its habits: the auction's spot, the ten-minute volatility,
new listings, last prices of earlier days, and the evening's rewrite.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

import orjson

from chain_fetch.nse.body_parser import parse
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.trading_hours import day_at, day_before
from local.nse_simulator.v3_format import IST, SIDES, JsonObject
from optionchain.snapshot import Snapshot

# On the Wednesday after a weekly expiry a whole series is new; the Tuesday after is an expiry.
WEDNESDAY, EXPIRY_DAY = date(2026, 9, 16), date(2026, 9, 22)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class SimulatedDay:
    """A trading day of the simulated exchange. Times are those of India, as in "15:14".

    Without an expiry, what is asked is asked of the nearest one.
    """

    day: date = WEDNESDAY
    seed: int = 7
    symbol: str = "NIFTY"

    @cached_property
    def market(self) -> SimulatedMarket:
        """The market; its clock stands at the end of the day."""
        end = self.at("23:59")
        return SimulatedMarket(self.seed, lambda: end, hours="exchange")

    @property
    def before(self) -> "SimulatedDay":
        """The trading day before."""
        today = day_at(int(self.at("12:00").timestamp()), "exchange")
        return SimulatedDay(day_before(today).date, self.seed, self.symbol)

    def at(self, clock: str) -> datetime:
        """Return an instant of the day, in UTC."""
        return datetime.combine(self.day, time.fromisoformat(clock), IST).astimezone(UTC)

    def expiries(self) -> list[date]:
        """Return the expiries listed on the day, nearest first."""
        return self.market.expiries(self.symbol, self.at("12:00"))

    def body(self, clock: str, expiry: date | None = None) -> JsonObject:
        """Return the body that is served at a time of the day."""
        return self.market.chain(self.symbol, expiry or self.expiries()[0], self.at(clock))

    def legs(self, clock: str, expiry: date | None = None) -> dict[str, JsonObject]:
        """Return the legs of that body by identifier."""
        rows = self.body(clock, expiry)["records"]["data"]
        return {row[s]["identifier"]: row[s] for row in rows for s in SIDES if row[s]["identifier"]}

    def snapshot(self, clock: str, expiry: date | None = None) -> Snapshot:
        """Return that body as the recorder parses it at this time."""
        body = self.body(clock, expiry)
        return parse(orjson.dumps(body), self.symbol, self.at(clock))

    def bodies(
        self,
        first: str = "09:15",
        last: str = "15:40",
        step: timedelta = _MINUTE,
        expiry: date | None = None,
    ) -> Iterator[tuple[datetime, JsonObject]]:
        """Yield the bodies from one time to another, each with its instant (UTC)."""
        instant, nearest = self.at(first), expiry or self.expiries()[0]
        while instant <= self.at(last):
            yield instant, self.market.chain(self.symbol, nearest, instant)
            instant += step
