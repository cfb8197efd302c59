"""Which contracts of the simulated market are listed on a day, and since when."""

from collections.abc import Sequence
from typing import NamedTuple

from local.nse_simulator.listing import late_listings
from local.nse_simulator.pricing_model import PricingModel
from local.nse_simulator.repeatable_random import four_uniforms, uniform
from local.nse_simulator.trading_hours import MarketDay
from local.nse_simulator.v3_format import Side

# Between these shares of a day, strikes are listed within the session.
_FIRST_SHARE, _LAST_SHARE = 0.1, 0.7


class Presence(NamedTuple):
    """That a strike is listed on a day.

    `days` are those before on which it was, too, the newest first. `absent` says that it has no
    contract on this side. `listed_at` is the epoch second from which on it is listed today.
    """

    days: list[MarketDay]
    absent: bool
    listed_at: int


def presence_of(
    model: PricingModel, side: Side, strike: float, before: Sequence[MarketDay]
) -> Presence | None:
    """Return the presence of a contract on the model's day, None if it is not listed yet.

    `before` are the days before on which the series was listed, the newest first.
    """
    item, day = model.instrument, model.day
    late = late_listings(item, model.expiry).get(strike)
    if late and late.date > day.date:
        return None
    days = [each for each in before if not late or late.date <= each.date]
    comes_in_session = late and late.in_session and not days and before
    inside = inside_share(model, side, strike)
    outermost = strike in (item.strikes[0], item.strikes[-1])
    _, absence, _, _ = four_uniforms(model.key(side, strike))
    return Presence(
        days=days,
        absent=inside > 0 and (outermost or absence < 0.4 * inside**2),
        listed_at=_listed_at(model, strike) if comes_in_session else day.opens,
    )


def inside_share(model: PricingModel, side: Side, strike: float) -> float:
    """Return how far a contract is in the money, as a share of the listed strikes."""
    item = model.instrument
    away = (strike - item.price) / (item.step * (item.reach + 1))
    return -away if side == "CE" else away


def _listed_at(model: PricingModel, strike: float) -> int:
    """Return the epoch second at which a strike is listed within the session."""
    day = model.day
    draw = uniform(model.seed, model.instrument.symbol, model.expiry, strike, "listed")
    share = _FIRST_SHARE + (_LAST_SHARE - _FIRST_SHARE) * draw
    moment = day.opens + int((day.closes - day.opens) * share)
    return moment - moment % 60
