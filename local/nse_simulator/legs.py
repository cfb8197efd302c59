"""The contracts of the simulated market and their legs in a v3 row."""

from math import ceil, exp, floor

from local.nse_simulator.pricing_model import PRICE_STEP, Contract, PricingModel
from local.nse_simulator.repeatable_random import four_uniforms, uniform
from local.nse_simulator.v3_format import (
    PERCENT_KEYS,
    JsonObject,
    Side,
    Spelling,
    day_digits,
    identifier,
    number,
)

READABLE = (-2, 6)  # standard deviations out of the money between which a price shows a volatility
DESERTED = 0.9  # the thinness from which not everybody quotes
UNBOUGHT, UNSOLD = 0.7, 0.1  # by the contract's phase, which lies evenly between 0 and 1


def contract_of(scene: PricingModel, side: Side, strike: float) -> Contract:
    """What a side of a strike is like on the day of the scene."""
    item = scene.instrument
    key = scene.key(side, strike)
    away = (strike - item.price) / (item.step * (item.reach + 1))
    inside = -away if side == "CE" else away  # above 0: in the money
    liquidity = exp(-((away / (0.25 if inside > 0 else 0.5)) ** 2))
    size, absence, phase, _ = four_uniforms(key)
    lots = item.interest * liquidity * roundness(strike, item.step) * (0.5 + size)
    turnover = lots * (12 if item.kind == "Indices" else 1.5)
    pace = (7 / (7 + scene.days_left(scene.opened))) ** 2
    outermost = strike in (item.strikes[0], item.strikes[-1])
    return Contract(
        side=side,
        strike=strike,
        close=scene.premium(side, strike, scene.opened),
        interest_before=scene.open_interest(key, lots, scene.opened),
        absent=inside > 0 and (outermost or absence < 0.4 * inside**2),
        thinness=1 - liquidity,
        interest=lots,
        volume=int(turnover * pace * uniform(key, scene.opened)),
        phase=phase,
    )


def roundness(strike: float, step: float) -> float:
    """Why open interest piles up: people choose round strikes."""
    place = round(strike / step)
    return next((gain for steps, gain in ((20, 4), (10, 2.5), (2, 1)) if place % steps == 0), 0.5)


def leg_of(scene: PricingModel, contract: Contract, spelling: Spelling) -> JsonObject:
    """A contract's leg in a v3 row."""
    item = scene.instrument
    return {
        "expiryDate": day_digits(scene.expiry),
        "identifier": identifier(
            item.kind, item.symbol, scene.expiry, contract.side, contract.strike
        ),
        "optionType": None,
        "strikePrice": number(contract.strike),
        "underlying": item.symbol,
        "underlyingValue": number(round(scene.spot(scene.second), 2)),
        "impliedVolatility": _implied(scene, contract),
        **_interest(scene, contract),
        **_last(scene, contract, spelling),
        **_quotes(scene, contract),
    }


def _interest(scene: PricingModel, contract: Contract) -> JsonObject:
    key = scene.key(contract.side, contract.strike)
    now = scene.open_interest(key, contract.interest, scene.second)
    before = contract.interest_before
    return {
        "openInterest": now,
        "changeinOpenInterest": now - before,
        "pchangeinOpenInterest": number((now - before) / before * 100) if before else 0,
    }


def _last(scene: PricingModel, contract: Contract, spelling: Spelling) -> JsonObject:
    volume, second = scene.trades(contract)
    traded = contract.volume > 0
    last = scene.premium(contract.side, contract.strike, second) if traded else 0.0
    change = last - contract.close if traded else 0.0
    percent = number(change / contract.close * 100)
    return {
        "lastPrice": number(last),
        "change": number(change),
        "totalTradedVolume": volume,
        **dict.fromkeys(PERCENT_KEYS[spelling], percent),
    }


def _implied(scene: PricingModel, contract: Contract) -> int | float:
    away = scene.distance(contract.strike, scene.second)
    outside = away if contract.side == "CE" else -away
    if contract.volume == 0 or not READABLE[0] < outside < READABLE[1]:
        return 0
    return number(round(scene.volatility(contract.strike, scene.second) * 100, 2))


def _quotes(scene: PricingModel, contract: Contract) -> JsonObject:
    bid, ask = _spread(scene, contract)
    draw = four_uniforms(scene.key(contract.side, contract.strike), scene.second)
    lots = [ceil((1 - contract.thinness * 0.9) * size * 40 + 1) for size in draw]
    units = [count * scene.instrument.lot for count in lots]
    return {
        "buyPrice1": number(bid),
        "buyQuantity1": units[0] if bid else 0,
        "sellPrice1": number(ask),
        "sellQuantity1": units[1] if ask else 0,
        "totalBuyQuantity": units[0] * 5 + units[2] * 40 if bid else 0,
        "totalSellQuantity": units[1] * 5 + units[3] * 40 if ask else 0,
    }


def _spread(scene: PricingModel, contract: Contract) -> tuple[float, float]:
    """Bid and ask in rupees, 0 for none."""
    middle = scene.premium(contract.side, contract.strike, scene.second)
    half = max(PRICE_STEP / 2, middle * (0.0005 + 0.02 * contract.thinness))
    bid = max(0.0, round(floor((middle - half) / PRICE_STEP) * PRICE_STEP, 2))
    ask = round(ceil((middle + half) / PRICE_STEP) * PRICE_STEP, 2)
    if contract.thinness < DESERTED:
        return bid, ask
    nobody_buys, nobody_sells = contract.phase > UNBOUGHT, contract.phase < UNSOLD
    return 0 if nobody_buys else bid, 0 if nobody_sells else ask
