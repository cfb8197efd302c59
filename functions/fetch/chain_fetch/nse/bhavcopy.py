"""The exchange's daily file of all contracts: the F&O bhavcopy in its UDiFF format. Pure.

Two units stand in one row: open interest is in units of the underlying, volume in contracts.

`XpryDt` is the expiry of a contract, because it is the date that names it here and at every other
source. `FininstrmActlXpryDt` repeated it in all files that were measured. A chain whose rows
contradict each other, or whose two dates differ, is doubted.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from chain_fetch.nse.bhavcopy_rows import OptionRow, lines_of
from chain_fetch.nse.bhavcopy_zip import day_in_name, opened_lines
from optionchain.errors import PayloadInvalid
from optionchain.symbol_selection import Kind

type Chain = tuple[str, date]
"""A symbol and one of its expiries."""


@dataclass(frozen=True)
class Bhavcopy:
    """The options of the wanted symbols on one day, in the order of the file.

    `doubts` says of a chain what is wrong with its rows: store no number of such a chain.
    """

    day: date
    rows: tuple[OptionRow, ...]
    doubts: Mapping[Chain, str] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, Kind]:
        """Return every symbol that has rows, with its kind in the exchange's own word."""
        return {row.symbol: row.kind for row in self.rows}


def read_bhavcopy(name: str, content: bytes, symbols: Collection[str] | None = None) -> Bhavcopy:
    """Return the options of some symbols, or of all, out of the bytes of a zip.

    Every row of the file is checked, of whatever symbol it is. Raises PayloadInvalid if the file is
    cut off, renamed, damaged or of the old format: then nothing of it is to be used.
    """
    day = day_in_name(name)
    kept: list[OptionRow] = []
    judgement = _Judgement(name)
    with opened_lines(name, content) as text:
        for line in lines_of(name, text):
            if (traded_on := line.cells["TradDt"]) != day.isoformat():
                raise PayloadInvalid(f"a row of {traded_on or 'no day'}, not of {day}", line.where)
            if line.is_option:
                row = line.option()
                judgement.add(row, line.where)
                if symbols is None or row.symbol in symbols:
                    kept.append(row)
    judgement.conclude()
    wanted = {(row.symbol, row.expiry) for row in kept}
    doubts = {chain: told for chain, told in judgement.doubts.items() if chain in wanted}
    return Bhavcopy(day, tuple(kept), doubts)


class _Judgement:
    """What the rows of a file say together: each contract once, and each chain of one kind."""

    def __init__(self, name: str) -> None:
        self.doubts: dict[Chain, str] = {}
        self._name = name
        self._contracts: set[tuple[str, date, float, str]] = set()
        self._first: dict[Chain, OptionRow] = {}

    def add(self, row: OptionRow, where: str) -> None:
        """Judge one more row; raise PayloadInvalid if its contract was there before."""
        contract = row.symbol, row.expiry, row.strike_price, row.side
        if contract in self._contracts:
            raise PayloadInvalid(f"a second row of {_told(row)}", where)
        self._contracts.add(contract)
        chain = row.symbol, row.expiry
        doubt = _doubt_of(row, self._first.setdefault(chain, row))
        if doubt:
            self.doubts.setdefault(chain, f"{_told(row)}: {doubt}")

    def conclude(self) -> None:
        """Raise PayloadInvalid if the file has no option, or most of its chains are doubted."""
        if not self._first:
            raise PayloadInvalid("no row of an option", self._name)
        if len(self.doubts) * 2 > len(self._first):
            share = f"{len(self.doubts)} of {len(self._first)} chains contradict themselves"
            raise PayloadInvalid(f"{share}: {next(iter(self.doubts.values()))}", self._name)


def _doubt_of(row: OptionRow, first: OptionRow) -> str | None:
    """Return what is wrong with a row beside the first one of its chain."""
    if row.lot_size != first.lot_size:
        return f"its lot is {row.lot_size}, and {first.lot_size} in the same chain"
    if row.underlying_value != first.underlying_value:
        return f"the underlying is {row.underlying_value}, and {first.underlying_value} elsewhere"
    if row.actual_expiry != row.expiry:
        return f"it expires on {row.actual_expiry} in truth"
    if row.open_interest % row.lot_size or row.change_in_oi % row.lot_size:
        shares = f"{row.open_interest} units of open interest, changed by {row.change_in_oi}"
        return f"{shares}, are no whole lots of {row.lot_size}"
    return None


def _told(row: OptionRow) -> str:
    return f"{row.symbol} {row.expiry} {row.strike_price:g} {row.side}"
