"""The totals of the book, which only GET /v3/market-quote/quotes sends. Pure.

A quote is of another moment than the chain. So a contract takes its totals only where last price,
volume and open interest are the same in both: nothing has traded in between. The time stamp of
these answers is that of the answer, and the exchange's time of a last trade is not that of a chain;
neither is taken (decision 0067).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from msgspec import Struct
from msgspec.json import Decoder

from chain_fetch.payload.decoding import decoded
from chain_fetch.upstox.body_schema import BODY, Amount, Leg
from optionchain.errors import PayloadInvalid
from optionchain.snapshot import Side, Snapshot

MOST_KEYS = 500
"""How many contracts one request may name."""

# Separates the texts of a JSON sequence (RFC 7464); no JSON has this byte.
_SEPARATOR = b"\x1e"
_PAISE = 100


class _Quote(Struct, gc=False):
    """What is read of a quote; quantities are in shares."""

    instrument_token: str
    last_price: Amount | None = None
    volume: Amount | None = None
    oi: Amount | None = None
    total_buy_quantity: Amount | None = None
    total_sell_quantity: Amount | None = None


class _Quotes(Struct, gc=False):
    status: str
    data: dict[str, _Quote] | None


_QUOTES: Decoder[_Quotes] = Decoder(_Quotes)


def joined(chain: bytes, quotes: Iterable[bytes]) -> bytes:
    """Return a chain and answers with quotes as one body."""
    return _SEPARATOR.join((chain, *quotes))


def parted(body: bytes) -> tuple[bytes, list[bytes]]:
    """Return the chain and the answers with quotes of a body."""
    chain, *quotes = body.split(_SEPARATOR)
    return chain, quotes


def keys_in(chain: bytes) -> list[str]:
    """Return the keys of a chain's contracts; none if it cannot be read."""
    try:
        legs = _legs(chain)
    except PayloadInvalid:  # whoever parses it says why
        return []
    return [leg.instrument_key for leg in legs.values() if leg.instrument_key]


def with_totals(snapshot: Snapshot, chain: bytes, answers: Sequence[bytes]) -> Snapshot:
    """Return the snapshot of a chain with the totals of those quotes that are of the same moment.

    An answer that cannot be read gives none.
    """
    quotes = _quotes_by_key(answers)
    legs = _legs(chain)
    filled = []
    for quote in snapshot.quotes:
        leg = legs[quote.strike_price, quote.side]
        other = quotes.get(leg.instrument_key or "")
        if other is not None and _is_same_moment(leg, other):
            buying, selling = other.total_buy_quantity, other.total_sell_quantity
            filled.append(quote._replace(total_buy_qty=buying, total_sell_qty=selling))
        else:
            filled.append(quote)
    return replace(snapshot, quotes=tuple(filled))


def _legs(chain: bytes) -> dict[tuple[float, Side], Leg]:
    sides: tuple[tuple[Side, str], ...] = (("CE", "call_options"), ("PE", "put_options"))
    return {
        (row.strike_price, side): leg
        for row in decoded(chain, BODY).data or ()
        for side, name in sides
        if (leg := getattr(row, name)) is not None
    }


def _quotes_by_key(answers: Sequence[bytes]) -> dict[str, _Quote]:
    """Return the quotes by the key of the chain; the keys of the answer are of another kind."""
    found: dict[str, _Quote] = {}
    for answer in answers:
        try:
            read = decoded(answer, _QUOTES)
        except PayloadInvalid:
            continue
        if read.status == "success":
            found |= {each.instrument_token: each for each in (read.data or {}).values()}
    return found


def _is_same_moment(leg: Leg, quote: _Quote) -> bool:
    data = leg.market_data
    if data is None or quote.last_price is None or data.ltp is None:
        return False
    same_price = round(data.ltp * _PAISE) == round(quote.last_price * _PAISE)
    return (
        same_price
        and None not in (data.volume, data.oi)
        and ((data.volume, data.oi) == (quote.volume, quote.oi))
    )
