"""The chains of the simulated market as encoded v3 bodies."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache

import orjson

from local.nse_simulator.contracts import Contract, contract_of
from local.nse_simulator.instruments import INSTRUMENTS
from local.nse_simulator.legs import Trading, leg_of, refreshed_volatility, trading_of
from local.nse_simulator.presence import presence_of
from local.nse_simulator.pricing_model import PricingModel
from local.nse_simulator.trading_hours import Hours, MarketDay, day_at, day_before
from local.nse_simulator.v3_format import (
    SIDES,
    JsonObject,
    Side,
    Spelling,
    absent_leg,
    chain_body,
    day_text,
    number,
    stamp_text,
    today,
)

type ContractKey = tuple[float, Side]

# The exchange refreshes all volatilities of a chain together, at :02, :12, :22 and so on.
_REFRESH_SECONDS, _REFRESH_OFFSET = 600, 120
# More than the series of a day, of which each may be asked for in turn.
_SERIES = 768
# A last price is carried for so many days at most.
_REMEMBERED_DAYS = 5


class SimulatedChains:
    """Makes the body of a chain at a tick, and remembers the newest ones.

    `expiries` returns the expiries of a symbol that are listed on a day.
    """

    def __init__(
        self,
        seed: int,
        hours: Hours,
        tick_seconds: int,
        spelling: Spelling,
        expiries: Callable[[str, date], list[date]],
    ) -> None:
        self._seed = seed
        self._hours: Hours = hours
        self._tick_seconds = tick_seconds
        self._spelling: Spelling = spelling
        self._expiries = expiries
        self._bodies = lru_cache(maxsize=_SERIES)(self._encode)
        self._contracts = lru_cache(maxsize=2 * _SERIES)(self._list_contracts)
        self._listed = lru_cache(maxsize=_SERIES)(self._list_keys)
        self._volatilities = lru_cache(maxsize=2 * _SERIES)(self._solve_volatilities)

    def body(self, symbol: str, expiry: date, tick: int, *, settled: bool) -> bytes:
        """Return the body at a tick (an epoch second of a day), or after the evening's rewrite."""
        return self._bodies(symbol, expiry, tick, settled)

    def contracts(self, symbol: str, expiry: date, second: int) -> list[ContractKey]:
        """Return the contracts of a chain at a second; none if the expiry is not listed."""
        if expiry not in self._expiries(symbol, today(datetime.fromtimestamp(second, UTC))):
            return []
        opens = day_at(second, self._hours).opens
        return [
            key for key, since in self._listed(symbol, expiry, opens).items() if since <= second
        ]

    def trading(
        self, symbol: str, expiry: date, tick: int, *, settled: bool
    ) -> tuple[float, dict[ContractKey, Trading]]:
        """Return the underlying's price, and what each contract has traded by a tick."""
        model = self._model(symbol, expiry, tick, settled=settled)
        return model.underlying, {
            (contract.strike, contract.side): trading_of(model, contract)
            for contract in self._list_contracts(symbol, expiry, model.day.opens)
            if contract.listed_at <= tick and not contract.absent
        }

    def _encode(self, symbol: str, expiry: date, tick: int, settled: bool) -> bytes:
        instant = datetime.fromtimestamp(tick, UTC)
        model = self._model(symbol, expiry, tick, settled=settled)
        listed = self._expiries(symbol, today(instant))
        rows = self._rows(model) if expiry in listed else []
        strikes = INSTRUMENTS[symbol].strikes
        body = chain_body(rows, stamp_text(instant), model.underlying, listed, strikes)
        return orjson.dumps(body)

    def _model(
        self, symbol: str, expiry: date, second: int, *, settled: bool = False
    ) -> PricingModel:
        day, item = day_at(second, self._hours), INSTRUMENTS[symbol]
        return PricingModel(self._seed, item, expiry, day, second, self._tick_seconds, settled)

    def _rows(self, model: PricingModel) -> list[JsonObject]:
        symbol = model.instrument.symbol
        contracts = self._contracts(symbol, model.expiry, model.day.opens)
        refreshed = model.second - (model.second - _REFRESH_OFFSET) % _REFRESH_SECONDS
        volatilities = self._volatilities(symbol, model.expiry, max(refreshed, model.day.opens))
        rows: dict[float, JsonObject] = {}
        for contract, volatility in zip(contracts, volatilities, strict=True):
            if contract.listed_at > model.second:
                continue
            row = rows.setdefault(contract.strike, {"expiryDates": day_text(model.expiry)})
            row[contract.side] = (
                absent_leg(self._spelling)
                if contract.absent
                else leg_of(model, contract, volatility, self._spelling)
            )
            row["strikePrice"] = number(contract.strike)
        return list(rows.values())

    def _solve_volatilities(self, symbol: str, expiry: date, second: int) -> list[float]:
        model = self._model(symbol, expiry, second)
        contracts = self._contracts(symbol, expiry, model.day.opens)
        return [refreshed_volatility(model, contract) for contract in contracts]

    def _list_keys(self, symbol: str, expiry: date, opens: int) -> dict[ContractKey, int]:
        """Return since when each contract is listed: cheaper than the contracts themselves."""
        model = self._model(symbol, expiry, opens)
        before = self._days_before(symbol, expiry, model.day)
        found = {
            (strike, side): presence_of(model, side, strike, before)
            for strike in model.instrument.strikes
            for side in SIDES
        }
        return {key: each.listed_at for key, each in found.items() if each and not each.absent}

    def _list_contracts(self, symbol: str, expiry: date, opens: int) -> list[Contract]:
        model = self._model(symbol, expiry, opens)
        before = self._days_before(symbol, expiry, model.day)
        found = (
            contract_of(model, side, strike, before)
            for strike in INSTRUMENTS[symbol].strikes
            for side in SIDES
        )
        return [contract for contract in found if contract]

    def _days_before(self, symbol: str, expiry: date, day: MarketDay) -> list[MarketDay]:
        """Return the days before on which the series was listed, the newest first."""
        days: list[MarketDay] = []
        for _ in range(_REMEMBERED_DAYS):
            day = day_before(day)
            if expiry not in self._expiries(symbol, day.date):
                break
            days.append(day)
        return days
