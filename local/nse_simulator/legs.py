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

# Standard deviations out of the money between which a contract has an implied volatility.
VOLATILITY_RANGE = (-2, 6)
# From this thinness on a contract may lack a bid or an ask: by its phase, even in 0 to 1.
THIN = 0.9
NO_BID_ABOVE, NO_ASK_BELOW = 0.7, 0.1


def contract_of(model: PricingModel, side: Side, strike: float) -> Contract:
    """Return a contract with its constants of the day."""
    item = model.instrument
    key = model.key(side, strike)
    away = (strike - item.price) / (item.step * (item.reach + 1))
    inside = -away if side == "CE" else away  # above 0: in the money
    liquidity = exp(-((away / (0.25 if inside > 0 else 0.5)) ** 2))
    size, absence, phase, _ = four_uniforms(key)
    lots = item.interest * liquidity * roundness(strike, item.step) * (0.5 + size)
    turnover = lots * (12 if item.kind == "Indices" else 1.5)
    pace = (7 / (7 + model.days_left(model.opened))) ** 2
    outermost = strike in (item.strikes[0], item.strikes[-1])
    return Contract(
        side=side,
        strike=strike,
        close=model.premium(side, strike, model.opened),
        interest_before=model.open_interest(key, lots, model.opened),
        absent=inside > 0 and (outermost or absence < 0.4 * inside**2),
        thinness=1 - liquidity,
        interest=lots,
        volume=int(turnover * pace * uniform(key, model.opened)),
        phase=phase,
    )


def roundness(strike: float, step: float) -> float:
    """Return the weight of a strike's open interest: traders prefer round strikes."""
    place = round(strike / step)
    return next((gain for steps, gain in ((20, 4), (10, 2.5), (2, 1)) if place % steps == 0), 0.5)


def leg_of(model: PricingModel, contract: Contract, spelling: Spelling) -> JsonObject:
    """Return a contract's leg in a v3 row."""
    item = model.instrument
    return {
        "expiryDate": day_digits(model.expiry),
        "identifier": identifier(
            item.kind, item.symbol, model.expiry, contract.side, contract.strike
        ),
        "optionType": None,
        "strikePrice": number(contract.strike),
        "underlying": item.symbol,
        "underlyingValue": number(round(model.spot(model.second), 2)),
        "impliedVolatility": _implied(model, contract),
        **_interest(model, contract),
        **_last(model, contract, spelling),
        **_quotes(model, contract),
    }


def _interest(model: PricingModel, contract: Contract) -> JsonObject:
    key = model.key(contract.side, contract.strike)
    now = model.open_interest(key, contract.interest, model.second)
    before = contract.interest_before
    return {
        "openInterest": now,
        "changeinOpenInterest": now - before,
        "pchangeinOpenInterest": number((now - before) / before * 100) if before else 0,
    }


def _last(model: PricingModel, contract: Contract, spelling: Spelling) -> JsonObject:
    volume, second = model.trades(contract)
    traded = contract.volume > 0
    last = model.premium(contract.side, contract.strike, second) if traded else 0.0
    change = last - contract.close if traded else 0.0
    percent = number(change / contract.close * 100)
    return {
        "lastPrice": number(last),
        "change": number(change),
        "totalTradedVolume": volume,
        **dict.fromkeys(PERCENT_KEYS[spelling], percent),
    }


def _implied(model: PricingModel, contract: Contract) -> int | float:
    away = model.distance(contract.strike, model.second)
    outside = away if contract.side == "CE" else -away
    if contract.volume == 0 or not VOLATILITY_RANGE[0] < outside < VOLATILITY_RANGE[1]:
        return 0
    return number(round(model.volatility(contract.strike, model.second) * 100, 2))


def _quotes(model: PricingModel, contract: Contract) -> JsonObject:
    bid, ask = _spread(model, contract)
    draw = four_uniforms(model.key(contract.side, contract.strike), model.second)
    lots = [ceil((1 - contract.thinness * 0.9) * size * 40 + 1) for size in draw]
    units = [count * model.instrument.lot for count in lots]
    return {
        "buyPrice1": number(bid),
        "buyQuantity1": units[0] if bid else 0,
        "sellPrice1": number(ask),
        "sellQuantity1": units[1] if ask else 0,
        "totalBuyQuantity": units[0] * 5 + units[2] * 40 if bid else 0,
        "totalSellQuantity": units[1] * 5 + units[3] * 40 if ask else 0,
    }


def _spread(model: PricingModel, contract: Contract) -> tuple[float, float]:
    """Return bid and ask in rupees, 0 for none."""
    middle = model.premium(contract.side, contract.strike, model.second)
    half = max(PRICE_STEP / 2, middle * (0.0005 + 0.02 * contract.thinness))
    bid = max(0.0, round(floor((middle - half) / PRICE_STEP) * PRICE_STEP, 2))
    ask = round(ceil((middle + half) / PRICE_STEP) * PRICE_STEP, 2)
    if contract.thinness < THIN:
        return bid, ask
    no_bid, no_ask = contract.phase > NO_BID_ABOVE, contract.phase < NO_ASK_BELOW
    return 0 if no_bid else bid, 0 if no_ask else ask
