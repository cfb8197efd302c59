"""Trades in the simulated market: how many by a second of the day, and the last price."""

from math import ceil, floor, pi, sin

from local.nse_simulator.contracts import Contract, closing_price
from local.nse_simulator.pricing_model import PricingModel
from local.nse_simulator.repeatable_random import uniform

# The share of traded legs whose last price the evening rewrites; it is another one each day.
_REPRICED = (0.13, 0.22)


def trades(model: PricingModel, contract: Contract, second: int) -> tuple[int, int]:
    """Return the lots traded today by a second, and the epoch second of the last trade."""
    opens, closes = contract.listed_at, model.day.closes
    if contract.volume == 0 or second <= opens:
        return 0, opens
    # A deal has two lots on average, so that each deal shows in the rounded volume.
    deals = min(max(contract.volume // 2, 1), (closes - opens) // model.tick_seconds)
    done = floor(deals * (second - opens) / (closes - opens) + contract.phase)
    waves = 0.3 * sin(6 * pi * done / deals) / (6 * pi)
    volume = round(contract.volume * (done / deals + waves))
    since = max(0.0, (done - contract.phase) / deals * (closes - opens))
    last = opens + ceil(since / model.tick_seconds) * model.tick_seconds
    return volume, min(last, second)


def last_price(model: PricingModel, contract: Contract, volume: int, traded_at: int) -> float:
    """Return the last price: of today, or of an earlier day while nobody has traded it today."""
    if volume == 0:
        return contract.carried
    if model.settled and _is_repriced(model, contract):
        return closing_price(model, contract.side, contract.strike, model.day)
    return model.premium(contract.side, contract.strike, traded_at)


def _is_repriced(model: PricingModel, contract: Contract) -> bool:
    day = model.day.date
    low, high = _REPRICED
    share = low + (high - low) * uniform(model.seed, day, "repriced")
    return uniform(contract.key, day, "repriced") < share
