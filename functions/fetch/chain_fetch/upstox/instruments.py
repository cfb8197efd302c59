"""The vendor's list of all instruments: terms of options, and the keys of their underlyings. Pure.

Source: NSE.json.gz of Upstox, which needs no login: a JSON array of some 90,000 flat objects, of
which a third are options. Only those of wanted symbols are read any further, one after another. An
expiry is the last second of its day in India, in milliseconds.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from msgspec import DecodeError
from msgspec.json import Decoder

from chain_fetch.payload.decoding import refusal_of
from chain_fetch.payload.stated_terms import StatedTerms, terms_by_expiry
from chain_fetch.upstox.contracts import OPTION_TYPES, Terms
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid, PayloadNotJson
from optionchain.exchange_time import IST
from optionchain.symbol_selection import Kind

_FILE = "instruments"
_SEGMENT = "NSE_FO"
_KINDS: Mapping[str, Kind] = {"INDEX": "index", "EQUITY": "stock"}
# An object has no other one in it.
_OBJECT = re.compile(rb"\{[^{}]*\}")
_UNDERLYING = re.compile(rb'"underlying_symbol"\s*:\s*"([^"\\]*)"')
_LONGEST_OBJECT = 64 * 1024
_BETWEEN = (b"", b",", b"[")
_SEGMENT_TEXT = f'"{_SEGMENT}"'.encode()
_SIDES = tuple(f'"{side}"'.encode() for side in OPTION_TYPES)
_FEW_SYMBOLS = 10


class _Row(Terms, gc=False, kw_only=True):
    segment: str
    instrument_type: str
    underlying_symbol: str
    underlying_key: str
    underlying_type: str = ""
    expiry: int


_ROW: Decoder[_Row] = Decoder(_Row)


@dataclass(frozen=True)
class Instruments:
    """What the list says of the wanted symbols: terms by symbol and expiry, keys and kinds.

    `names` are all symbols that have options in it, wanted or not.
    """

    terms: Mapping[str, Mapping[date, ContractTerms]]
    keys: Mapping[str, str]
    kinds: Mapping[str, Kind]
    names: frozenset[str] = frozenset()


@dataclass
class _Stated:
    rows: list[tuple[date, StatedTerms]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)


def read(chunks: Iterable[bytes], symbols: Sequence[str] | None, today: date) -> Instruments:
    """Return what a file says of these symbols, or of all that have options (None).

    Expiries before `today` are left out. A symbol whose rows name two underlyings has no key, and
    one whose rows name two types of them, or none that is known, no kind. Raises PayloadInvalid,
    and what `chunks` raises.
    """
    stated: dict[str, _Stated] = defaultdict(_Stated)
    names: set[bytes] = set()
    for row in _options(chunks, symbols, names):
        expiry = datetime.fromtimestamp(row.expiry / 1e3, IST).date()
        if expiry >= today:
            found = stated[row.underlying_symbol]
            found.rows.append((expiry, row.stated()))
            found.keys.add(row.underlying_key)
            found.types.add(row.underlying_type)
    wanted = list(stated) if symbols is None else symbols
    types = _single({symbol: each.types for symbol, each in stated.items()})
    return Instruments(
        {symbol: terms_by_expiry(stated[symbol].rows) for symbol in wanted},
        _single({symbol: each.keys for symbol, each in stated.items()}),
        {symbol: _KINDS[name] for symbol, name in types.items() if name in _KINDS},
        frozenset(name.decode(errors="replace") for name in names),
    )


def _single(found: Mapping[str, set[str]]) -> dict[str, str]:
    """Return the value of each symbol that has exactly one."""
    return {symbol: next(iter(each)) for symbol, each in found.items() if len(each) == 1}


def _options(
    chunks: Iterable[bytes], symbols: Sequence[str] | None, names: set[bytes]
) -> Iterator[_Row]:
    """Yield the options of these symbols, or of all; add the symbols of all to `names`."""
    wanted = frozenset(symbols or ())
    # To look for a symbol's text is quicker than to read the object, but not for many symbols.
    many = symbols is None or len(symbols) > _FEW_SYMBOLS
    texts = () if many else tuple(f'"{symbol}"'.encode() for symbol in wanted)
    for text in _objects(chunks):
        if _SEGMENT_TEXT not in text or not any(side in text for side in _SIDES):
            continue
        names.update(_UNDERLYING.findall(text))
        if not many and not any(symbol in text for symbol in texts):
            continue
        try:
            row = _ROW.decode(text)
        except (DecodeError, UnicodeDecodeError) as error:
            fault = refusal_of(error, text, _ROW)
            raise PayloadInvalid(str(fault), f"{_FILE}: {text[:60]!r}") from error
        is_option = row.segment == _SEGMENT and row.instrument_type in OPTION_TYPES
        if is_option and (symbols is None or row.underlying_symbol in wanted):
            yield row


def _objects(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the objects of an array; raise PayloadInvalid if it does not begin or end as one."""
    rest, begun = b"", False
    for chunk in chunks:
        rest += chunk
        if not begun and (head := rest.lstrip()):
            if not head.startswith(b"["):
                raise PayloadNotJson(f"the file begins {head[:40]!r}", cut_off=False)
            begun = True
        end = 0
        for match in _OBJECT.finditer(rest):
            # A brace within a text would cut an object in two, and lose its rest.
            if (between := rest[end : match.start()].strip()) not in _BETWEEN:
                raise PayloadInvalid(f"{between[:40]!r} between two objects", _FILE)
            yield match.group()
            end = match.end()
        rest = rest[end:]
        if len(rest) > _LONGEST_OBJECT:
            raise PayloadInvalid(f"an object passes {_LONGEST_OBJECT} bytes", _FILE)
    if rest.strip() != b"]":
        raise PayloadNotJson("the file ends before its list does", cut_off=True)
