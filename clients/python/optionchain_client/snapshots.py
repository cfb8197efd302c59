"""A snapshot: one expiry of one symbol at one tick, with all its contracts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal

from optionchain_client.dates import IST

type Side = Literal["CE", "PE"]


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract of a snapshot. A number that the source did not send is None, never 0.

    Open interest and volume are in contracts (lots), quantities in units of the underlying, prices
    in rupees, `p…` and the implied volatility in percent. All numbers are as the source sent them:
    a 0 as `change_in_oi` says nothing of a contract that had no close the day before. Which those
    are, `newly_listed` and `change_reason` of the API tell.
    """

    type: Side
    strike_price: float
    identifier: str
    open_interest: float | None
    change_in_oi: float | None
    pchange_in_oi: float | None
    last_price: float | None
    change: float | None
    pchange: float | None
    total_traded_volume: float | None
    implied_volatility: float | None
    bid_qty: int
    bid_price: float | None
    ask_price: float | None
    ask_qty: int
    total_buy_qty: float | None
    total_sell_qty: float | None


CONTRACT_FIELDS = tuple(each.name for each in fields(Contract))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One expiry of one symbol at one tick, whole.

    `at` is the tick, `last_seen_at` the newest tick at which the source still sent the same, and
    `exchange_timestamp` the source's own stamp, None if it sends none; all three are UTC.
    `contracts` are by strike, the call before the put. `settled` says that it is the final chain of
    its day, `revised` that the source had sent another content with the same stamp, and
    `legs_missing` how many contracts of the snapshot before it are not in it. Of `latest`, `as_of`
    and `follow` the last two are None: the answer for one moment does not have them.
    """

    symbol: str
    expiry: date
    at: datetime
    last_seen_at: datetime
    exchange_timestamp: datetime | None
    underlying_value: float | None
    source: str
    settled: bool
    revised: bool | None
    legs_missing: int | None
    contracts: tuple[Contract, ...]

    @property
    def ist(self) -> datetime:
        """Return the tick in India's time."""
        return self.at.astimezone(IST)

    @property
    def calls(self) -> tuple[Contract, ...]:
        """Return the calls, by strike."""
        return tuple(each for each in self.contracts if each.type == "CE")

    @property
    def puts(self) -> tuple[Contract, ...]:
        """Return the puts, by strike."""
        return tuple(each for each in self.contracts if each.type == "PE")

    def contract(self, strike: float, side: Side) -> Contract | None:
        """Return a contract, None if the snapshot does not have it."""
        found = (
            each for each in self.contracts if (each.strike_price, each.type) == (strike, side)
        )
        return next(found, None)


def contracts_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Contract, ...]:
    """Return the contracts of documents, by strike, the call before the put."""
    found = (Contract(**{name: row[name] for name in CONTRACT_FIELDS}) for row in rows)
    return tuple(sorted(found, key=lambda each: (each.strike_price, each.type)))
