"""The identifiers of the contracts whose history a request wants."""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import NamedTuple, get_args

from chain_api.dependencies import Dependencies
from chain_api.parameters.selection import Selection
from chain_api.problems.catalogue import invalid
from chain_api.queries.contracts import conditions_for
from chain_api.schemas.queries import HistoryQuery
from chain_api.store.header_series import Span
from optionchain.exchange_time import IST, exchange_date, expiry_text, parse_expiry
from optionchain.mongo.documents import HeaderDocument, identifier
from optionchain.snapshot import Side

_SIDES: tuple[Side, ...] = get_args(Side)
_IDENTIFIER = re.compile(
    r"([A-Z0-9&-]+)_(CE|PE)_(\d{1,9}(?:\.\d{1,4})?)_(\d{2}-[A-Z]{3}-\d{4})", re.ASCII
)
_WINDOW = ("strike_min", "strike_max", "strikes_around_atm")
_PARTS_OF_IDENTIFIER = ("expiry", "option_type")
_FIELDS = ("identifier", "type", "strike_price")
_DAY, _MILLISECOND = timedelta(days=1), timedelta(milliseconds=1)


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
    match = _IDENTIFIER.fullmatch(text.strip().upper())
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
    wanted = Selection(
        query.option_type, query.strike_min, query.strike_max, query.strikes_around_atm
    )
    conditions, found = conditions_for(deps, newest, wanted), dict[str, tuple[float, Side]]()
    for header in _samples(deps, span, newest):
        for row in deps.snapshots.contracts(header, conditions, _FIELDS):
            found[row["identifier"]] = row["strike_price"], row["type"]
    return sorted(found, key=lambda name: found[name])


def _samples(deps: Dependencies, span: Span, newest: HeaderDocument) -> Iterator[HeaderDocument]:
    """Yield headers whose contracts are together all of a span's: the first, and each day's last.

    The exchange adds strikes during a session, and removes them only overnight.
    """
    yield from deps.time_series.headers(span.symbol, span.expiry, span.start, span.end, 1)
    midnight = datetime.combine(exchange_date(span.start), time(tzinfo=IST)) + _DAY
    while midnight <= span.end:
        header = deps.snapshots.latest_header(span.symbol, span.expiry, midnight - _MILLISECOND)
        if header and header["fetched_at"] >= span.start:
            yield header
        midnight += _DAY
    yield newest
