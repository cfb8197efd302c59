"""Dhan's list of all contracts, as the lines of its CSV file: lots, ticks, freeze quantities. Pure.

Source: api-scrip-master-detailed.csv of Dhan, which needs no login. It has some 200,000 rows of all
exchanges, so only the rows of wanted symbols are read any further. A tick is sent in paise. Some
rows are of expired contracts, and every line ends with a comma.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import inf

from chain_fetch.payload.stated_terms import StatedTerms, terms_by_expiry
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid
from optionchain.symbol_selection import Kind

type Row = Mapping[str, str]

_EXCHANGE, _OPTIONS, _SHARES = "NSE", "D", "E"
_KINDS: Mapping[str, Kind] = {"OPTIDX": "index", "OPTSTK": "stock"}
# A share that is settled trade by trade is of series BE; its options go on.
_OPTION_ROWS = tuple(name.encode() for name in _KINDS)
_SERIES = ("EQ", "BE")
_NAMES = "EXCH_ID", "SEGMENT", "SECURITY_ID", "INSTRUMENT", "UNDERLYING_SYMBOL", "SERIES"
_TERMS = "LOT_SIZE", "SM_EXPIRY_DATE", "TICK_SIZE", "SM_FREEZE_QTY"
_PAISE = 100
_FILE = "scrip master"


@dataclass(frozen=True)
class ScripMaster:
    """What the file says of the wanted symbols: terms by expiry, ids of shares, and kinds.

    `kinds` are all that the rows of a symbol's options name; they should be one. `names` are all
    symbols that have options in it, wanted or not.
    """

    terms: Mapping[str, Mapping[date, ContractTerms]]
    share_ids: Mapping[str, int]
    kinds: Mapping[str, set[Kind]] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


def read(lines: Iterable[bytes], symbols: Sequence[str] | None, today: date) -> ScripMaster:
    """Return what the lines of a file say of these symbols, or of all that have options (None).

    Expiries before `today` are left out. Raises PayloadInvalid.
    """
    stated: dict[str, list[tuple[date, StatedTerms]]] = {symbol: [] for symbol in symbols or ()}
    shares: dict[tuple[str, str], set[int]] = defaultdict(set)
    kinds: dict[str, set[Kind]] = defaultdict(set)
    names: set[bytes] = set()
    for number, row in _rows(lines, None if symbols is None else frozenset(symbols), names):
        symbol, segment = row["UNDERLYING_SYMBOL"], row["SEGMENT"]
        try:
            if segment == _OPTIONS and (kind := _KINDS.get(row["INSTRUMENT"])):
                if (expiry := date.fromisoformat(row["SM_EXPIRY_DATE"])) >= today:
                    stated.setdefault(symbol, []).append((expiry, _stated(row)))
                    kinds[symbol].add(kind)
            elif segment == _SHARES and row["SERIES"] in _SERIES:
                shares[symbol, row["SERIES"]].add(int(row["SECURITY_ID"]))
        except ValueError as error:
            raise PayloadInvalid(str(error)[:80], f"{_FILE}: line {number}") from error
    terms = {symbol: terms_by_expiry(rows) for symbol, rows in stated.items()}
    listed = frozenset(name.decode(errors="replace") for name in names) | frozenset(kinds)
    return ScripMaster(terms, dict(_ids(list(stated), shares)), dict(kinds), listed)


def _rows(
    lines: Iterable[bytes], wanted: frozenset[str] | None, listed: set[bytes]
) -> Iterator[tuple[int, Row]]:
    """Yield the rows of wanted symbols of the exchange, with the numbers of their lines.

    The symbols of all its options are added to `listed`, unless all rows are wanted.
    """
    numbered = enumerate(lines, 1)
    names = next((_columns(line) for _, line in numbered), None)
    if names is None:
        raise PayloadInvalid("no line", _FILE)
    exchange, instrument = names.index("EXCH_ID"), names.index("INSTRUMENT")
    # To cut a line up to one cell takes a tenth of the time of reading all of it.
    at = names.index("EXCH_ID" if wanted is None else "UNDERLYING_SYMBOL")
    encoded = {each.encode() for each in ({_EXCHANGE} if wanted is None else wanted)}
    for number, line in numbered:
        cells = line.split(b",", at + 1)[: at + 1]
        if len(cells) > max(exchange, instrument) and cells[instrument] in _OPTION_ROWS:
            listed.update(cells[at:] if cells[exchange] == _EXCHANGE.encode() else ())
        if encoded.isdisjoint(cells[at:]):
            continue
        row = dict(zip(names, _cells(line, number), strict=False))
        if len(row) < len(names):
            raise PayloadInvalid("the line is cut off", f"{_FILE}: line {number}")
        if row["EXCH_ID"] == _EXCHANGE:
            yield number, row


def _columns(line: bytes) -> list[str]:
    names = [name for name in _cells(line, 1) if name]
    for name in (*_NAMES, *_TERMS):
        if name not in names:
            what = f"no column {name}; has the source changed its spelling?"
            raise PayloadInvalid(what, f"{_FILE}: line 1")
    return names


def _cells(line: bytes, number: int) -> list[str]:
    try:
        (cells,) = csv.reader([line.decode()], strict=True)
    except (ValueError, csv.Error) as error:
        raise PayloadInvalid("no line of a CSV file", f"{_FILE}: line {number}") from error
    return [cell.strip() for cell in cells]


def _stated(row: Row) -> StatedTerms:
    """Return the terms that a row states; 0 is none."""
    tick = float(row["TICK_SIZE"]) / _PAISE
    return StatedTerms(
        lot_size=_whole(row["LOT_SIZE"]),
        tick_size=tick if 0 < tick < inf else None,
        freeze_quantity=_whole(row["SM_FREEZE_QTY"]),
    )


def _whole(text: str) -> int:
    number = float(text)
    if number < 0 or not number.is_integer():
        raise ValueError(f"{text!r} is no whole number")
    return int(number)


def _ids(
    symbols: Sequence[str], shares: Mapping[tuple[str, str], set[int]]
) -> Iterator[tuple[str, int]]:
    """Yield the id of each share that has exactly one in the first series that it is found in."""
    for symbol in symbols:
        found = next((ids for series in _SERIES if (ids := shares.get((symbol, series)))), set())
        if len(found) == 1:
            yield symbol, next(iter(found))
