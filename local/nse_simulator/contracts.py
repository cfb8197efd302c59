"""The contracts of the simulated market, with their constants of the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from local.nse_simulator.interest import interest_curve, settled_interest
from local.nse_simulator.presence import inside_share, presence_of
from local.nse_simulator.pricing_model import PRICE_STEP, PricingModel
from local.nse_simulator.repeatable_random import four_uniforms, uniform
from local.nse_simulator.trading_hours import MarketDay
from local.nse_simulator.v3_format import Side

# Seconds before the close whose prices stand for the trades of the closing price.
_CLOSING_SECONDS = (1500, 900, 300)
# So many carried prices are the last trade, of which the closing price is another number.
_CARRIED_TRADES = 0.12


@dataclass(frozen=True)
class Contract:
    """One side of one strike, with its constants of the day."""

    side: Side
    strike: float
    key: str  # of its random numbers
    close: float  # the exchange's closing price of the day before
    carried: float  # its last price until it trades today, of an earlier day; 0 for none
    interest_before: int  # lots open after the day before
    rewritten: float  # of them, what only the evening's rewrite explains
    absent: bool
    thinness: float  # from 0, where most trade, to 1, where nobody trades
    interest: float  # lots open at expiry
    volume: int  # lots that change hands today
    phase: float
    new: bool  # was not listed the day before
    listed_at: int  # epoch second from which on it is listed today


def contract_of(
    model: PricingModel, side: Side, strike: float, before: Sequence[MarketDay]
) -> Contract | None:
    """Return a contract with its constants of the model's day, None if it is not listed yet.

    `before` are the days before on which the series was listed, the newest first.
    """
    presence = presence_of(model, side, strike, before)
    if presence is None:
        return None
    item, day, days, key = model.instrument, model.day, presence.days, model.key(side, strike)
    liquidity = _liquidity(model, side, strike)
    size, _, phase, _ = four_uniforms(key)
    lots = item.interest * liquidity * roundness(strike, item.step) * (0.5 + size)
    close, carried = _prices_before(model, side, strike, lots, days)
    before_open = settled_interest(model, key, lots, days[0]) if days else 0
    return Contract(
        side=side,
        strike=strike,
        key=key,
        close=close,
        carried=carried,
        interest_before=before_open,
        rewritten=before_open - interest_curve(model, key, lots, days[0].closes) if days else 0,
        absent=presence.absent,
        thinness=1 - liquidity,
        interest=lots,
        volume=_volume(model, key, lots, day) if days else _first_volume(model, key, lots),
        phase=phase,
        new=not days,
        listed_at=presence.listed_at,
    )


def closing_price(model: PricingModel, side: Side, strike: float, day: MarketDay) -> float:
    """Return the exchange's closing price of a day: an average, hardly ever the last trade."""
    prices = [model.premium(side, strike, day.closes - left) for left in _CLOSING_SECONDS]
    return round(round(sum(prices) / len(prices) / PRICE_STEP) * PRICE_STEP, 2)


def roundness(strike: float, step: float) -> float:
    """Return the weight of a strike's open interest: traders prefer round strikes."""
    place = round(strike / step)
    return next((gain for steps, gain in ((20, 4), (10, 2.5), (2, 1)) if place % steps == 0), 0.5)


def _liquidity(model: PricingModel, side: Side, strike: float) -> float:
    inside = inside_share(model, side, strike)
    return exp(-((inside / (0.25 if inside > 0 else 0.5)) ** 2))


def _volume(model: PricingModel, key: str, lots: float, day: MarketDay) -> int:
    turnover = lots * (12 if model.instrument.kind == "Indices" else 1.5)
    pace = (7 / (7 + model.days_left(day.opens))) ** 2
    return int(turnover * pace * uniform(key, day.opens))


def _first_volume(model: PricingModel, key: str, lots: float) -> int:
    """Return the volume of a contract that is new: each open lot was traded today."""
    built = round(1.1 * interest_curve(model, key, lots, model.day.closes))
    return max(_volume(model, key, lots, model.day), 2 * built + 4 if built else 0)


def _prices_before(
    model: PricingModel, side: Side, strike: float, lots: float, days: Sequence[MarketDay]
) -> tuple[float, float]:
    """Return the closing price of the day before, and the last price that is carried into today."""
    key = model.key(side, strike)
    traded = next((day for day in days if _volume(model, key, lots, day)), None)
    if traded is None:
        # Nobody has traded it: the exchange counts from a price of its own.
        return model.premium(side, strike, model.day.opens), 0.0
    close = closing_price(model, side, strike, traded)
    if uniform(key, model.day.date, "carried") >= _CARRIED_TRADES:
        return close, close
    return close, model.premium(side, strike, traded.closes - _CLOSING_SECONDS[-1])
