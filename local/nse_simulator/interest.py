"""Open interest in the simulated market: through a day, and after the evening's rewrite."""

from local.nse_simulator.pricing_model import DAY, PricingModel
from local.nse_simulator.repeatable_random import smooth_curve, uniform
from local.nse_simulator.trading_hours import MarketDay, day_before

# The evening's rewrite changes about half of the legs: by little in most, by more in busy ones.
_REWRITTEN = 0.5
_LITTLE, _MUCH, _BUSY_LOTS_SHARE = 0.006, 0.12, 0.35


def interest_through_the_day(model: PricingModel, key: str, lots: float, rewritten: float) -> int:
    """Return the open lots at the model's tick of a contract that was listed the day before.

    `rewritten` are the lots that the evening before has added to where the curve ended.
    """
    day = model.day
    # The night moves nothing: the day begins where the day before has ended.
    share = (model.second - day.opens) / (day.closes - day.opens)
    night = day_before(day).closes
    moved = interest_curve(model, key, lots, int(night + share * (day.closes - night)))
    return max(0, round(moved + rewritten * (1 - share)))


def interest_since_listing(model: PricingModel, key: str, lots: float, listed_at: int) -> int:
    """Return the open lots at the model's tick of a contract that is new today."""
    share = (model.second - listed_at) / (model.day.closes - listed_at)
    return int(interest_curve(model, key, lots, model.second) * share)


def settled_interest(model: PricingModel, key: str, lots: float, day: MarketDay) -> int:
    """Return the open lots of a day as the exchange's evening says them."""
    last = round(interest_curve(model, key, lots, day.closes))
    if day.hours == "always" or uniform(key, day.date, "rewritten") >= _REWRITTEN:
        return last
    busy = lots > model.instrument.interest * _BUSY_LOTS_SHARE
    fallen = (_MUCH if busy else _LITTLE) * uniform(key, day.date, "fallen")
    return int(last * (1 - fallen))


def interest_curve(model: PricingModel, key: str, lots: float, second: int) -> float:
    """Return lots that grow towards the expiry, with a slow swing."""
    grown = 1 / (1 + model.days_left(second) / 7)
    swing = 1 + 0.1 * smooth_curve(second / (DAY / 4), key, "interest")
    return lots * grown * swing
