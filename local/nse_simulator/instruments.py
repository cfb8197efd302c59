"""The instruments of the simulated exchange: every symbol that has options, as in August 2026.

Names, kinds and lots are the exchange's. Prices, steps and all that trades are modelled.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from local.nse_simulator.v3_format import Kind


@dataclass(frozen=True)
class Instrument:
    """A symbol that has options. Prices in rupees, sizes in lots, volatility a year."""

    symbol: str
    name: str
    kind: Kind
    price: float
    step: float
    reach: int  # strikes listed on each side of the price
    volatility: float
    lot: int
    interest: int  # open interest of the busiest strike on its last day
    weeklies: int
    expiries: int
    long_dated: int = 0  # expiries beyond them, half a year apart, of a listing that has them
    other_lot: int | None = None  # of the series that expire in an odd year

    def lot_of(self, expiry: date) -> int:
        """Return the lot of an expiry: since a change of it two stand side by side."""
        return self.other_lot if self.other_lot and expiry.year % 2 else self.lot

    @cached_property
    def strikes(self) -> list[float]:
        """All strikes in rupees, ascending."""
        middle = round(self.price / self.step)
        return [self.step * n for n in range(middle - self.reach, middle + self.reach + 1)]


def _read(row: dict[str, str]) -> Instrument:
    return Instrument(
        symbol=row["symbol"],
        name=row["name"],
        kind="Indices" if row["kind"] == "Indices" else "Equity",
        price=_number(row["price"]),
        step=_number(row["step"]),
        reach=int(row["reach"]),
        volatility=float(row["volatility"]),
        lot=int(row["lot"]),
        interest=int(row["interest"]),
        weeklies=int(row["weeklies"]),
        expiries=int(row["expiries"]),
        long_dated=int(row["long_dated"]),
        other_lot=int(row["other_lot"]) if row["other_lot"] else None,
    )


def _number(text: str) -> float:
    # A whole number stays one, because the keys of the random numbers are made of strikes.
    return float(text) if "." in text else int(text)


def _read_all() -> dict[str, Instrument]:
    with Path(__file__).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        return {row["symbol"]: _read(row) for row in csv.DictReader(file)}


INSTRUMENTS = _read_all()
"""Every instrument by its symbol, those of the first examples first."""
