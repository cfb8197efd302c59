"""The market behind the simulated exchange: its listings, and its chains at an instant."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Protocol

import orjson

from local.nse_simulator.chains import ContractKey, SimulatedChains
from local.nse_simulator.instruments import INSTRUMENTS
from local.nse_simulator.legs import Trading
from local.nse_simulator.listing import Listing
from local.nse_simulator.repeatable_random import uniform
from local.nse_simulator.trading_hours import (
    Hours,
    MarketDay,
    day_at,
    rewritten_at,
)
from local.nse_simulator.v3_format import (
    IST,
    JsonObject,
    Kind,
    Spelling,
    today,
    utc_now,
)

_NOON = time(12)


class Market(Protocol):
    """A market, modelled or captured, as the endpoints use it."""

    @property
    def label(self) -> str:
        """The label of all that people see: `SIMULATED` or `REPLAY`."""

    def now(self) -> datetime:
        """The market's clock, in UTC."""

    def symbols(self) -> dict[str, Kind]:
        """Every symbol that has options."""

    def expiries(self, symbol: str) -> list[date]:
        """The symbol's expiries from today (IST) on, nearest first."""

    def strikes(self, symbol: str) -> list[float]:
        """The symbol's strikes in rupees, ascending."""

    def chain(self, symbol: str, expiry: date, instant: datetime) -> JsonObject:
        """A fresh copy of one expiry's v3 body; it has no rows if the expiry is not listed."""

    def previous(self, symbol: str, expiry: date, instant: datetime) -> JsonObject:
        """The body before the one of `instant`."""


class SimulatedMarket:
    """A modelled market; seed, hours and instant determine every number.

    Prices are Black-76 on a random walk, in rupees. With the hours "always" it never closes and its
    day runs from midnight to midnight IST. With "exchange" it has the real hours: after the close
    the last chain is served, from the evening on as the exchange rewrites it, and before an opening
    the last session is served. Raises KeyError for an unknown symbol.
    """

    label = "SIMULATED"

    def __init__(
        self,
        seed: int = 7,
        clock: Callable[[], datetime] = utc_now,
        tick_seconds: int = 30,
        spelling: Spelling = "2026-09",
        hours: Hours = "always",
        listing: Listing | None = None,
    ) -> None:
        self.seed = seed
        self.tick_seconds = tick_seconds
        self.spelling = spelling
        self.hours = hours
        self.listing = listing or Listing()
        self._clock = clock
        self._chains = SimulatedChains(seed, hours, tick_seconds, spelling, self._listed)

    def now(self) -> datetime:
        """The market's clock, in UTC."""
        return self._clock()

    def symbols(self) -> dict[str, Kind]:
        """Every symbol that has options today."""
        day, listing = today(self.now()), self.listing
        return {each: INSTRUMENTS[each].kind for each in listing.symbols if listing.has(each, day)}

    def expiries(self, symbol: str, instant: datetime | None = None) -> list[date]:
        """The expiries listed on the day of the instant (default: now), nearest first."""
        return self.listing.expiries(symbol, today(instant or self.now()))

    def strikes(self, symbol: str) -> list[float]:
        """The symbol's strikes in rupees, ascending."""
        return INSTRUMENTS[symbol].strikes

    def contracts(self, symbol: str, expiry: date, instant: datetime) -> list[ContractKey]:
        """The contracts of an expiry that its chain has at an instant, without their numbers."""
        return self._chains.contracts(symbol, expiry, int(instant.timestamp()))

    def trading(self, symbol: str, expiry: date) -> tuple[float, dict[ContractKey, Trading]]:
        """The underlying's price, and what each contract has traded: less work than the chain."""
        tick, settled = self._moment(self.now())
        return self._chains.trading(symbol, expiry, tick, settled=settled)

    def chain(self, symbol: str, expiry: date, instant: datetime | None = None) -> JsonObject:
        """The v3 body of one expiry at the last tick up to the instant (default: now)."""
        tick, settled = self._moment(instant or self.now())
        # The bodies are kept encoded, so that a caller may change the one it gets.
        body: JsonObject = orjson.loads(self._chains.body(symbol, expiry, tick, settled=settled))
        return body

    def previous(self, symbol: str, expiry: date, instant: datetime) -> JsonObject:
        """The body of the tick before the instant's."""
        return self.chain(symbol, expiry, instant - timedelta(seconds=self.tick_seconds))

    def _listed(self, symbol: str, day: date) -> list[date]:
        return self.expiries(symbol, datetime.combine(day, _NOON, IST))

    def _moment(self, instant: datetime) -> tuple[int, bool]:
        """Return the last tick up to an instant, and whether its evening is rewritten."""
        second = int(instant.timestamp())
        day = day_at(second, self.hours)
        settled = self.hours == "exchange" and second >= self._rewritten_at(day)
        return min(second - second % self.tick_seconds, day.closes), settled

    def _rewritten_at(self, day: MarketDay) -> int:
        return rewritten_at(day, uniform(self.seed, day.date, "evening"))
