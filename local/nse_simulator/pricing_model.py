"""The model of the simulated market: spot, prices, trades and open interest at one tick."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from math import ceil, floor, log, pi, sin, sqrt

from opengreeks.black_scholes import black_scholes

from local.nse_simulator.listing import Instrument
from local.nse_simulator.repeatable_random import YEAR, price_factor, smooth_curve
from local.nse_simulator.v3_format import IST, Side

PRICE_STEP = 0.05
DAY = 86_400
RATE = 0.065
FLAGS: dict[Side, str] = {"CE": "c", "PE": "p"}


@dataclass(frozen=True)
class Contract:
    """One side of one strike, with its constants of the day."""

    side: Side
    strike: float
    close: float  # price at the midnight before
    interest_before: int  # lots open at the midnight before
    absent: bool
    thinness: float  # from 0, where most trade, to 1, where nobody trades
    interest: float  # lots open at expiry
    volume: int  # lots that change hands today
    phase: float


@dataclass(frozen=True)
class PricingModel:
    """The model of one expiry of one instrument at one tick (an epoch second)."""

    seed: int
    instrument: Instrument
    expiry: date
    second: int
    tick_seconds: int

    @cached_property
    def opened(self) -> int:
        """Epoch second of the midnight in India before the tick, when the market's day begins."""
        local = datetime.fromtimestamp(self.second, IST)
        return int(datetime.combine(local.date(), time(), IST).timestamp())

    @cached_property
    def _expires(self) -> int:
        midnight = datetime.combine(self.expiry + timedelta(days=1), time(), IST)
        return int(midnight.timestamp())

    def days_left(self, second: int) -> float:
        """Return the days until the midnight after the expiry, at least an hour."""
        return max(self._expires - second, 3600) / DAY

    def spot(self, second: int) -> float:
        """Return the underlying's price in rupees."""
        item = self.instrument
        return item.price * price_factor(self.seed, item.symbol, item.volatility, second)

    def distance(self, strike: float, second: int) -> float:
        """Return the distance of a strike from the spot, in standard deviations until expiry."""
        spread = self.instrument.volatility * sqrt(self.days_left(second) * DAY / YEAR)
        return log(strike / self.spot(second)) / spread

    def volatility(self, strike: float, second: int) -> float:
        """Return the volatility of a strike: a smile, highest in the lower wing."""
        away = min(max(self.distance(strike, second), -4), 4)
        return self.instrument.volatility * (1 + 0.03 * away * away - 0.04 * away)

    def premium(self, side: Side, strike: float, second: int) -> float:
        """Return the modelled price, a multiple of the price step and at least one step."""
        years = self.days_left(second) * DAY / YEAR
        sigma = self.volatility(strike, second)
        price: float = black_scholes(FLAGS[side], self.spot(second), strike, years, RATE, sigma)
        return max(PRICE_STEP, round(round(price / PRICE_STEP) * PRICE_STEP, 2))

    def key(self, side: Side, strike: float) -> str:
        """Return the key of a contract's random numbers."""
        return f"{self.seed} {self.instrument.symbol} {self.expiry} {side} {strike}"

    def open_interest(self, key: str, lots: float, second: int) -> int:
        """Return the open lots: they grow towards the expiry, with a slow swing."""
        grown = 1 / (1 + self.days_left(second) / 7)
        return int(lots * grown * (1 + 0.1 * smooth_curve(second / (DAY / 4), key, "interest")))

    def trades(self, contract: Contract) -> tuple[int, int]:
        """Return the lots traded since midnight, and the epoch second of the last trade."""
        if contract.volume == 0:
            return 0, self.opened
        # A deal has two lots on average, so that each deal shows in the rounded volume.
        deals = min(max(contract.volume // 2, 1), DAY // self.tick_seconds)
        done = floor(deals * (self.second - self.opened) / DAY + contract.phase)
        waves = 0.3 * sin(6 * pi * done / deals) / (6 * pi)
        volume = round(contract.volume * (done / deals + waves))
        since = max(0.0, (done - contract.phase) / deals * DAY)
        last = self.opened + ceil(since / self.tick_seconds) * self.tick_seconds
        return volume, min(last, self.second)
