"""The market behind the simulated exchange: its listings, and its chains at an instant."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

import orjson

from local.nse_simulator.legs import contract_of, leg_of
from local.nse_simulator.listing import INSTRUMENTS, listed_expiries
from local.nse_simulator.pricing_model import Contract, PricingModel
from local.nse_simulator.v3_format import (
    SIDES,
    JsonObject,
    Kind,
    Spelling,
    absent_leg,
    chain_body,
    day_text,
    number,
    stamp_text,
    today,
    utc_now,
)


class Market(Protocol):
    """A market, modelled or captured, as the endpoints use it."""

    @property
    def label(self) -> str:
        """The label of all that people see: `SIMULATED` or `REPLAY`."""

    def now(self) -> datetime:
        """The market's clock, in UTC."""

    def symbols(self) -> dict[str, Kind]:
        """Every symbol that has options."""

    def expiries(self, symbol: str) -> list[date]:
        """The symbol's expiries from today (IST) on, nearest first."""

    def strikes(self, symbol: str) -> list[float]:
        """The symbol's strikes in rupees, ascending."""

    def chain(self, symbol: str, expiry: date, instant: datetime) -> JsonObject:
        """A fresh copy of one expiry's v3 body; it has no rows if the expiry is not listed."""

    def previous(self, symbol: str, expiry: date, instant: datetime) -> JsonObject:
        """The body before the one of `instant`."""


class SimulatedMarket:
    """A modelled market that never closes; seed and instant determine every number.

    Prices are Black-Scholes on a random walk, in rupees. The day runs from midnight to midnight
    IST. Raises KeyError for an unknown symbol.
    """

    label = "SIMULATED"

    def __init__(
        self,
        seed: int = 7,
        clock: Callable[[], datetime] = utc_now,
        tick_seconds: int = 30,
        spelling: Spelling = "2026-09",
    ) -> None:
        self.seed = seed
        self.tick_seconds = tick_seconds
        self.spelling = spelling
        self._clock = clock
        # The cache holds encoded bodies, so that a caller may change the body it gets.
        self._encoded = lru_cache(maxsize=256)(self._encode)
        self._contracts = lru_cache(maxsize=256)(self._list_contracts)

    def now(self) -> datetime:
        """The market's clock, in UTC."""
        return self._clock()

    def symbols(self) -> dict[str, Kind]:
        """Every symbol that has options."""
        return {symbol: item.kind for symbol, item in INSTRUMENTS.items()}

    def expiries(self, symbol: str, instant: datetime | None = None) -> list[date]:
        """The expiries listed on the day of the instant (default: now), nearest first."""
        return listed_expiries(INSTRUMENTS[symbol], today(instant or self.now()))

    def strikes(self, symbol: str) -> list[float]:
        """The symbol's strikes in rupees, ascending."""
        return INSTRUMENTS[symbol].strikes

    def chain(self, symbol: str, expiry: date, instant: datetime | None = None) -> JsonObject:
        """The v3 body of one expiry at the last tick up to the instant (default: now)."""
        second = int((instant or self.now()).timestamp())
        tick = second - second % self.tick_seconds
        body: JsonObject = orjson.loads(self._encoded(symbol, expiry, tick))
        return body

    def previous(self, symbol: str, expiry: date, instant: datetime) -> JsonObject:
        """The body of the tick before the instant's."""
        return self.chain(symbol, expiry, instant - timedelta(seconds=self.tick_seconds))

    def _encode(self, symbol: str, expiry: date, tick: int) -> bytes:
        instant = datetime.fromtimestamp(tick, UTC)
        model = PricingModel(self.seed, INSTRUMENTS[symbol], expiry, tick, self.tick_seconds)
        listed = self.expiries(symbol, instant)
        rows = self._rows(model) if expiry in listed else []
        spot = round(model.spot(tick), 2)
        body = chain_body(rows, stamp_text(instant), spot, listed, self.strikes(symbol))
        return orjson.dumps(body)

    def _rows(self, model: PricingModel) -> list[JsonObject]:
        contracts = self._contracts(model.instrument.symbol, model.expiry, model.opened)
        rows: dict[float, JsonObject] = {}
        for contract in contracts:
            row = rows.setdefault(contract.strike, {"expiryDates": day_text(model.expiry)})
            row[contract.side] = (
                absent_leg(self.spelling)
                if contract.absent
                else leg_of(model, contract, self.spelling)
            )
            row["strikePrice"] = number(contract.strike)
        return list(rows.values())

    def _list_contracts(self, symbol: str, expiry: date, opened: int) -> list[Contract]:
        model = PricingModel(self.seed, INSTRUMENTS[symbol], expiry, opened, self.tick_seconds)
        return [
            contract_of(model, side, strike) for strike in self.strikes(symbol) for side in SIDES
        ]
