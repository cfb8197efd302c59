"""The legs of the simulated market's contracts in a v3 row."""

from math import ceil, floor
from typing import NamedTuple

from local.nse_simulator.contracts import Contract
from local.nse_simulator.interest import (
    interest_since_listing,
    interest_through_the_day,
    settled_interest,
)
from local.nse_simulator.pricing_model import PRICE_STEP, PricingModel
from local.nse_simulator.repeatable_random import four_uniforms
from local.nse_simulator.trades import last_price, trades
from local.nse_simulator.v3_format import (
    PERCENT_KEYS,
    JsonObject,
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


class Trading(NamedTuple):
    """The numbers of a contract that the daily file has, without those of its orders."""

    last: float
    close: float  # of the day before; 0 for a contract without any price
    volume: int
    interest: int
    interest_before: int


def leg_of(
    model: PricingModel, contract: Contract, volatility: float, spelling: Spelling
) -> JsonObject:
    """Return a contract's leg in a v3 row; `volatility` is the exchange's of its last refresh."""
    item = model.instrument
    volume, traded_at = trades(model, contract, model.second)
    last = last_price(model, contract, volume, traded_at)
    if model.settled:
        volatility = volatility_of(model, contract, last)
    return {
        "expiryDate": day_digits(model.expiry),
        "identifier": identifier(
            item.kind, item.symbol, model.expiry, contract.side, contract.strike
        ),
        "optionType": None,
        "strikePrice": number(contract.strike),
        "underlying": item.symbol,
        "underlyingValue": number(model.underlying),
        "impliedVolatility": number(volatility) if volume else 0,
        "totalTradedVolume": volume,
        **_interest(model, contract),
        **_last(contract, last, spelling),
        **_quotes(model, contract),
    }


def trading_of(model: PricingModel, contract: Contract) -> Trading:
    """Return what a contract has traded today; amounts in lots, as its leg has them."""
    volume, traded_at = trades(model, contract, model.second)
    last = last_price(model, contract, volume, traded_at)
    interest = _open_interest(model, contract)
    close = round(contract.close, 2) if last else 0
    return Trading(last, close, volume, interest, contract.interest_before)


def refreshed_volatility(model: PricingModel, contract: Contract) -> float:
    """Return the volatility that the exchange solves at the model's tick, 0 for none."""
    if contract.absent or trades(model, contract, model.second)[0] == 0:
        return 0
    price = model.premium(contract.side, contract.strike, model.second)
    return volatility_of(model, contract, price)


def volatility_of(model: PricingModel, contract: Contract, price: float) -> float:
    """Return the exchange's volatility of a price at the model's tick, 0 for none."""
    away = model.distance(contract.strike, model.second)
    outside = away if contract.side == "CE" else -away
    if not VOLATILITY_RANGE[0] < outside < VOLATILITY_RANGE[1]:
        return 0
    return model.sent_volatility(contract.side, contract.strike, price, model.underlying)


def _interest(model: PricingModel, contract: Contract) -> JsonObject:
    before, now = contract.interest_before, _open_interest(model, contract)
    # Of a contract without a day before, the exchange sends a change of 0 all day.
    change = 0 if contract.new else now - before
    return {
        "openInterest": now,
        "changeinOpenInterest": change,
        "pchangeinOpenInterest": number(change / before * 100) if before else 0,
    }


def _open_interest(model: PricingModel, contract: Contract) -> int:
    key, lots = contract.key, contract.interest
    if model.settled:
        return settled_interest(model, key, lots, model.day)
    if contract.new:
        return interest_since_listing(model, key, lots, contract.listed_at)
    return interest_through_the_day(model, key, lots, contract.rewritten)


def _last(contract: Contract, last: float, spelling: Spelling) -> JsonObject:
    change = last - contract.close if last else 0.0
    percent = number(change / contract.close * 100)
    return {
        "lastPrice": number(last),
        "change": number(change),
        **dict.fromkeys(PERCENT_KEYS[spelling], percent),
    }


def _quotes(model: PricingModel, contract: Contract) -> JsonObject:
    bid, ask = _spread(model, contract)
    draw = four_uniforms(contract.key, model.second)
    lots = [ceil((1 - contract.thinness * 0.9) * size * 40 + 1) for size in draw]
    units = [count * model.instrument.lot_of(model.expiry) for count in lots]
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
