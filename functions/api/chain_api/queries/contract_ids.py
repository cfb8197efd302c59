"""The identifiers of the contracts whose history a request wants."""

import re
from collections.abc import Sequence
from math import inf
from typing import NamedTuple, get_args

from chain_api.dependencies import Dependencies
from chain_api.parameters.selection import Selection, around_the_money
from chain_api.problems.catalogue import invalid
from chain_api.schemas.queries import HistoryQuery, WindowQuery
from chain_api.store.header_series import Span
from optionchain.exchange_time import expiry_text, parse_expiry
from optionchain.mongo.documents import HeaderDocument, identifier
from optionchain.snapshot import Side

_SIDES: tuple[Side, ...] = get_args(Side)
_IDENTIFIER = re.compile(
    r"([A-Z0-9&-]+)_(CE|PE)_(\d{1,9}(?:\.\d{1,4})?)_(\d{2}-[A-Z][a-z]{2}-\d{4})", re.ASCII
)
_WINDOW = ("strike_min", "strike_max", "strikes_around_atm")
_PARTS_OF_IDENTIFIER = ("expiry", "option_type")


class _Contract(NamedTuple):
    """The parts of a contract's identifier."""

    side: Side
    strike: float
    expiry: str


def expiry_named(symbol: str, query: HistoryQuery) -> str:
    """Return the expiry of the contracts; raise Problem unless they are named in one way."""
    ways = (("identifier",), ("strike",), _WINDOW)
    given = [[name for name in way if getattr(query, name) is not None] for way in ways]
    named = [names[0] for names in given if names]
    if len(named) != 1:
        allowed = (
            "name one contract by identifier, or by strike and option_type, or a window by "
            "strike_min, strike_max or strikes_around_atm"
        )
        raise invalid(named[-1] if named else "strike", None, allowed)
    if query.identifier is None:
        return query.expiry
    for name in _PARTS_OF_IDENTIFIER:
        if name in query.model_fields_set:
            raise invalid(name, getattr(query, name), "is in the identifier; leave it out")
    return _parsed(symbol, query.identifier).expiry


def _parsed(symbol: str, text: str) -> _Contract:
    match = _IDENTIFIER.fullmatch(text)
    try:
        if match is None or match[1] != symbol:
            raise ValueError(text)
        expiry = expiry_text(parse_expiry(match[4]))
    except ValueError:
        allowed = f"must be of {symbol} and like {symbol}_CE_25000_30-Jan-2025"
        raise invalid("identifier", text, allowed) from None
    return _Contract("CE" if match[2] == "CE" else "PE", float(match[3]), expiry)


def identifiers(
    deps: Dependencies, query: HistoryQuery, span: Span, newest: HeaderDocument
) -> list[str]:
    """Return the identifiers, by strike, the call before the put.

    They are one contract, both sides of a strike, or a window of strikes.
    """
    sides = (query.option_type,) if query.option_type else _SIDES
    if query.identifier is not None:
        contract = _parsed(span.symbol, query.identifier)
        return [identifier(span.symbol, contract.side, contract.strike, contract.expiry)]
    if query.strike is not None:
        expiry = expiry_text(span.expiry)
        return [identifier(span.symbol, side, query.strike, expiry) for side in sides]
    return _of_window(deps, query, span, newest, sides)


def _of_window(
    deps: Dependencies,
    query: HistoryQuery,
    span: Span,
    newest: HeaderDocument,
    sides: Sequence[Side],
) -> list[str]:
    """Return the identifiers in a window of strikes, of contracts that were there at any time."""
    lowest, highest = strike_bounds(deps, query, newest)
    found = {}
    for name in deps.time_series.identifiers(span, sides):
        _, side, text, _ = name.split("_")
        strike = float(text)
        if lowest <= strike <= highest:
            found[name] = strike, side
    return sorted(found, key=lambda name: found[name])


def strike_bounds(
    deps: Dependencies, query: WindowQuery, newest: HeaderDocument
) -> tuple[float, float]:
    """Return the lowest and the highest strike of a window, both inclusive; raise Problem."""
    window = Selection(None, query.strike_min, query.strike_max, query.strikes_around_atm)
    low = 0.0 if window.strike_min is None else window.strike_min
    high = inf if window.strike_max is None else window.strike_max
    if window.strikes_around_atm is None:
        return low, high
    strikes, price = deps.snapshots.strikes(newest), deps.analytics.reference_price(newest)
    around = around_the_money(strikes, price, window.strikes_around_atm)
    return (max(low, around[0]), min(high, around[-1])) if around else (inf, 0.0)
