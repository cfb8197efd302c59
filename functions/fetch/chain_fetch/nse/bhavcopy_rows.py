"""The rows of a bhavcopy's CSV, as options with typed numbers. Pure.

Source of the columns: the exchange's circulars on the UDiFF format, and published rows of 2026.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from chain_fetch.nse.bhavcopy_zip import OLD_FORMAT
from optionchain.errors import PayloadInvalid
from optionchain.snapshot import Side
from optionchain.symbol_selection import Kind

_SIDES: Mapping[str, Side] = {"CE": "CE", "PE": "PE"}
# Options on an index and on a stock; the other rows are futures.
_OPTIONS: Mapping[str, Kind] = {"IDO": "index", "STO": "stock"}
_COLUMNS = (
    *("TradDt", "FinInstrmTp", "TckrSymb", "XpryDt", "FininstrmActlXpryDt", "StrkPric", "OptnTp"),
    *("OpnPric", "HghPric", "LwPric", "ClsPric", "LastPric", "PrvsClsgPric", "SttlmPric"),
    *("UndrlygPric", "OpnIntrst", "ChngInOpnIntrst", "TtlTradgVol", "NewBrdLotQty"),
)
_FIRST_OLD_COLUMN = "INSTRUMENT"
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class OptionRow(NamedTuple):
    """One contract at the end of a day, as the exchange sent it.

    `lot_size`, `open_interest` and `change_in_oi` are in units of the underlying, `volume` is in
    contracts, prices are rupees; the price of an empty cell is None. Where `volume` is 0, the
    close and the last price are those of an earlier day. On the expiry date `settlement_price` is
    the final price of the underlying, not that of the contract. `actual_expiry` is the day that
    the exchange calls so; `expiry` names the contract. `kind` is that of the symbol.
    """

    symbol: str
    expiry: date
    strike_price: float
    side: Side
    lot_size: int
    open_price: float | None
    high_price: float | None
    low_price: float | None
    close_price: float | None
    last_price: float | None
    previous_close: float | None
    settlement_price: float | None
    underlying_value: float | None
    open_interest: int
    change_in_oi: int
    volume: int
    actual_expiry: date
    kind: Kind


class Line(NamedTuple):
    """The wanted cells of a row by their column, and where it stands."""

    where: str
    cells: Mapping[str, str]

    @property
    def is_option(self) -> bool:
        """Tell whether it is a row of an option."""
        return self.cells["FinInstrmTp"] in _OPTIONS

    def option(self) -> OptionRow:
        """Return the row as an option; raise PayloadInvalid for a cell that is none."""
        symbol, side = self.cells["TckrSymb"], _SIDES.get(self.cells["OptnTp"])
        if side is None or not symbol:
            raise PayloadInvalid(f"no option: {symbol!r} {self.cells['OptnTp']!r}", self.where)
        if (lot_size := self._whole("NewBrdLotQty")) < 1:
            raise PayloadInvalid(f"NewBrdLotQty is {lot_size}", self.where)
        return OptionRow(
            symbol,
            self._day("XpryDt"),
            self._number("StrkPric"),
            side,
            lot_size,
            self._price("OpnPric"),
            self._price("HghPric"),
            self._price("LwPric"),
            self._price("ClsPric"),
            self._price("LastPric"),
            self._price("PrvsClsgPric"),
            self._price("SttlmPric"),
            self._price("UndrlygPric"),
            self._whole("OpnIntrst"),
            self._whole("ChngInOpnIntrst", least=-1e15),
            self._whole("TtlTradgVol"),
            self._day("FininstrmActlXpryDt"),
            _OPTIONS[self.cells["FinInstrmTp"]],
        )

    def _number(self, column: str, least: float = 0) -> float:
        text = self.cells[column]
        if not _NUMBER.fullmatch(text) or (number := float(text)) < least:
            raise PayloadInvalid(f"{column} is {text[:40]!r}", self.where)
        return number

    def _price(self, column: str) -> float | None:
        return self._number(column) if self.cells[column] else None

    def _whole(self, column: str, least: float = 0) -> int:
        if not (number := self._number(column, least)).is_integer():
            raise PayloadInvalid(f"{column} is {number}, not a whole number", self.where)
        return int(number)

    def _day(self, column: str) -> date:
        text = self.cells[column]
        try:
            if _DAY.fullmatch(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        raise PayloadInvalid(f"{column} is {text[:40]!r}", self.where)


def lines_of(name: str, text: Iterator[str]) -> Iterator[Line]:
    """Return the rows of a CSV one after another; raise PayloadInvalid, also in the midst."""
    reader = csv.reader(text, strict=True)
    try:
        header = next(reader, [])
        places = _places(header, name)
        for cells in reader:
            where = f"{name}, line {reader.line_num}"
            if len(cells) != len(header):
                told = f"{len(cells)} cells, not {len(header)}; is the file cut off?"
                raise PayloadInvalid(told, where)
            yield Line(where, {column: cells[place].strip() for column, place in places.items()})
    except csv.Error as error:
        raise PayloadInvalid(f"no CSV: {error}", f"{name}, line {reader.line_num}") from error


def _places(header: list[str], name: str) -> dict[str, int]:
    """Return where each wanted column stands."""
    columns = [column.strip() for column in header]
    if columns[:1] == [_FIRST_OLD_COLUMN]:
        raise PayloadInvalid(OLD_FORMAT, name)
    for column in _COLUMNS:
        if columns.count(column) != 1:
            raise PayloadInvalid(f"{columns.count(column)} columns are called {column}", name)
    return {column: columns.index(column) for column in _COLUMNS}
