"""A snapshot: one expiry of one symbol at one tick, with all its contracts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Literal

IST = timezone(timedelta(hours=5, minutes=30), "IST")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract of a snapshot. A number that the source did not send is None, never 0.

    Open interest and volume are in contracts (lots), quantities in units of the underlying, prices
    in rupees, `p…` and implied volatility in percent.
    """

    type: Literal["CE", "PE"]
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

    `at` is the tick, `last_seen_at` the newest tick at which the source still sent the same, both
    UTC. `contracts` are by strike, the call before the put. `settled` says that it is the final
    chain of its day.
    """

    symbol: str
    expiry: date
    at: datetime
    last_seen_at: datetime
    exchange_timestamp: datetime | None
    underlying_value: float | None
    source: str
    settled: bool
    revised: bool
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

    def contract(self, strike: float, side: Literal["CE", "PE"]) -> Contract | None:
        """Return a contract, None if the snapshot does not have it."""
        found = (
            each for each in self.contracts if (each.strike_price, each.type) == (strike, side)
        )
        return next(found, None)


def contract_of(row: Mapping[str, Any]) -> Contract:
    """Return the contract of a document's fields."""
    return Contract(**{name: row[name] for name in CONTRACT_FIELDS})


def contracts_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Contract, ...]:
    """Return contracts in order."""
    found = (contract_of(row) for row in rows)
    return tuple(sorted(found, key=lambda each: (each.strike_price, each.type)))


def expiry_text(day: date) -> str:
    """Return a date as the exchange writes it: `30-Jan-2025`."""
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year:04d}"


def expiry_of(text: str) -> date:
    """Return the date of `30-Jan-2025` or `2025-01-30`; raise ValueError for other text."""
    if text[2:3] == "-":
        number, month, year = text.split("-")
        return date(int(year), _MONTHS.index(month.title()) + 1, int(number))
    return date.fromisoformat(text)


def instant(text: str | None) -> datetime | None:
    """Return an instant of an answer, UTC."""
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def chosen(expiries: Iterable[date], wanted: str | date, day: date) -> list[date]:
    """Return the expiries that are meant on a day: `nearest`, `next`, `all` or one date."""
    alive = sorted({each for each in expiries if each >= day})
    match wanted:
        case "nearest":
            return alive[:1]
        case "next":
            return alive[1:2]
        case "all":
            return alive
        case str():
            wanted = expiry_of(wanted)
    return [each for each in alive if each == wanted]


def day_of(value: str | date) -> date:
    """Return a day in India: a date, or text such as `2026-11-27`."""
    if isinstance(value, datetime):
        return value.astimezone(IST).date()
    return value if isinstance(value, date) else date.fromisoformat(value)
