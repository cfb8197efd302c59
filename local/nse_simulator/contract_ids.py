"""The numbers by which the exchange names the contracts of the simulated market."""

from datetime import date

from local.nse_simulator.instruments import INSTRUMENTS
from local.nse_simulator.v3_format import SIDES, Side

_FIRST_DAY = date(2020, 1, 1).toordinal()
_STRIKES = 200  # more than any instrument has
_PLACES = {symbol: place for place, symbol in enumerate(INSTRUMENTS)}


def contract_id(symbol: str, expiry: date, strike: float, side: Side) -> int:
    """Return the number of a contract, which no other contract has."""
    item = INSTRUMENTS[symbol]
    place = round((strike - item.strikes[0]) / item.step)
    series = (expiry.toordinal() - _FIRST_DAY) * len(INSTRUMENTS) + _PLACES[symbol]
    return (series * _STRIKES + place) * len(SIDES) + SIDES.index(side)


def series_of(contract: int) -> tuple[str, date] | None:
    """Return the symbol and the expiry of a contract by its number; None for a stray number."""
    days, symbol = divmod(contract // (_STRIKES * len(SIDES)), len(INSTRUMENTS))
    try:
        return list(INSTRUMENTS)[symbol], date.fromordinal(_FIRST_DAY + days)
    except (ValueError, OverflowError):
        return None
