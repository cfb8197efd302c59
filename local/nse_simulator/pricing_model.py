"""The model of the simulated market: spot, forward, prices and the exchange's volatility."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import exp, log, sqrt

from opengreeks.black76 import black
from opengreeks.black_scholes import implied_volatility

from local.nse_simulator.instruments import Instrument
from local.nse_simulator.repeatable_random import YEAR, price_factor, uniform
from local.nse_simulator.trading_hours import MarketDay, payoff_at, payoff_price_at
from local.nse_simulator.v3_format import Side

PRICE_STEP = 0.05
DAY = 86_400
RATE = 0.065
# What the forward is above the spot a year. The exchange's own volatilities assume more, so they
# are low for calls and high for puts.
CARRY = 0.073
# Measured on captures: the exchange solves Black-Scholes on the spot with 10 % and whole days.
EXCHANGE_RATE = 0.10
FLAGS: dict[Side, str] = {"CE": "c", "PE": "p"}
# The official close of the underlying differs from the last value by so much at most.
_CLOSE_SHARE = 2e-4
_HOUR = 3600


@dataclass(frozen=True)
class PricingModel:
    """The model of one expiry of one instrument at one tick (an epoch second).

    `settled` is the state after the evening's rewrite.
    """

    seed: int
    instrument: Instrument
    expiry: date
    day: MarketDay
    second: int
    tick_seconds: int
    settled: bool = False

    def days_left(self, second: int) -> float:
        """Return the days until the payoff; in a market that never closes at least an hour."""
        shortest = _HOUR if self.day.hours == "always" else 0
        return max(self._payoff - second, shortest) / DAY

    def spot(self, second: int) -> float:
        """Return what the underlying is worth, in rupees; it is not shown during an auction."""
        item = self.instrument
        return item.price * price_factor(self.seed, item.symbol, item.volatility, second)

    def shown_spot(self, second: int) -> float:
        """Return the underlying's price that the exchange shows at a second of this day."""
        return round(self.spot(self.day.spot_second(second)), 2)

    @cached_property
    def underlying(self) -> float:
        """The underlying's price in the body of this tick."""
        shown = self.shown_spot(self.second)
        if not self.settled:
            return shown
        draw = 2 * uniform(self.seed, self.instrument.symbol, self.day.date, "close") - 1
        return round(shown * (1 + _CLOSE_SHARE * draw), 2)

    def forward(self, second: int) -> float:
        """Return the price at which the market would buy the underlying at expiry."""
        spot = self.spot(min(second, self._last_spot))
        return spot * exp(CARRY * self.days_left(second) * DAY / YEAR)

    def distance(self, strike: float, second: int) -> float:
        """Return the distance of a strike from the spot, in standard deviations until expiry."""
        seconds = max(self.days_left(second) * DAY, _HOUR)
        return log(strike / self.spot(second)) / (self.instrument.volatility * sqrt(seconds / YEAR))

    def volatility(self, strike: float, second: int) -> float:
        """Return the volatility of a strike: a smile, highest in the lower wing."""
        away = min(max(self.distance(strike, second), -4), 4)
        return self.instrument.volatility * (1 + 0.03 * away * away - 0.04 * away)

    def premium(self, side: Side, strike: float, second: int) -> float:
        """Return the modelled price, a multiple of the price step and at least one step."""
        forward, years = self.forward(second), self.days_left(second) * DAY / YEAR
        if years:
            sigma = self.volatility(strike, second)
            price: float = black(FLAGS[side], forward, strike, years, RATE, sigma)
        else:
            price = forward - strike if side == "CE" else strike - forward
        return max(PRICE_STEP, round(round(price / PRICE_STEP) * PRICE_STEP, 2))

    def sent_volatility(self, side: Side, strike: float, price: float, spot: float) -> float:
        """Return the volatility (a percentage) that the exchange solves of a price, 0 for none."""
        days = max((self.expiry - self.day.date).days, 1)
        try:
            solved: float = implied_volatility(
                price, spot, strike, days / 365, EXCHANGE_RATE, FLAGS[side]
            )
        except ValueError:  # a price below the intrinsic value
            return 0
        return round(solved * 100, 2)

    def key(self, side: Side, strike: float) -> str:
        """Return the key of a contract's random numbers."""
        return f"{self.seed} {self.instrument.symbol} {self.expiry} {side} {strike}"

    @cached_property
    def _payoff(self) -> int:
        return payoff_at(self.expiry)

    @cached_property
    def _last_spot(self) -> int:
        # Beyond it the option depends on a price that is known.
        fixed = self.day.hours == "exchange"
        return payoff_price_at(self.expiry) if fixed else payoff_at(self.expiry) + YEAR
