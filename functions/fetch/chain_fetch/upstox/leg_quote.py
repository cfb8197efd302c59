"""The quote of one contract in a body of Upstox: units, zeros, changes. Pure.

The rules of its changes are those of `payload/differences.py`. They are written out here, because
calls for each contract would take a tenth of the time of a whole chain.
"""

from chain_fetch.payload.lots import in_contracts
from chain_fetch.upstox.body_schema import Leg, MarketData
from optionchain.errors import PayloadInvalid
from optionchain.snapshot import Quote, Side

_PAISE = 100
_QUOTE = tuple.__new__  # half the time of `Quote._make`

type ListedLeg = tuple[Side, float, Leg, MarketData]
"""A contract that is listed: its side, its strike, and what is sent of it."""


def quote_of(leg: ListedLeg, lot: float) -> Quote:
    """Return the quote of a leg, in contracts of so many shares."""
    side, strike, sent, data = leg
    interest, before, volume = data.oi, data.prev_oi, data.volume
    # Not by `in_contracts`, which takes a fifth of the parser's time more for three columns.
    if (interest and interest % lot) or (volume and volume % lot):
        in_contracts([interest], lot, lambda _: _place(leg, "oi"))
        in_contracts([volume], lot, lambda _: _place(leg, "volume"))
    interest, volume = interest and interest / lot, volume and volume / lot
    change_in_oi = pchange_in_oi = change = pchange = None
    if before and interest is not None:
        # If another lot has counted the day before, it is not known in this one.
        if not before % lot:
            before /= lot
            change_in_oi = interest - before
            pchange_in_oi = change_in_oi / before * 100
    elif before == 0 and interest is not None and volume is not None and interest <= volume:
        # What began with nothing today holds no more than was traded today. Where it holds more,
        # the 0 of the day before is no number.
        change_in_oi = interest
    last, close, bid, ask = data.ltp, data.close_price, data.bid_price, data.ask_price
    # Without a trade today the last price is of an earlier day, and so is what it differs by.
    if volume and last and close:
        change = ((last - close) * _PAISE + 0.5) // 1 / _PAISE or None
        pchange = change and change / close * 100
    greeks, bid_qty, ask_qty = sent.option_greeks, data.bid_qty, data.ask_qty
    if (bid and (bid_qty is None or bid_qty % 1)) or (ask and (ask_qty is None or ask_qty % 1)):
        raise PayloadInvalid(f"prices for {bid_qty} and {ask_qty} units", _place(leg, "quantity"))
    return _QUOTE(
        Quote,
        (
            side,
            strike,
            interest,
            change_in_oi,
            pchange_in_oi,
            last or None,
            change,
            pchange,
            volume,
            (greeks and greeks.iv) or None,
            int(bid_qty) if bid and bid_qty else 0,
            bid or None,
            ask or None,
            int(ask_qty) if ask and ask_qty else 0,
            None,
            None,
        ),
    )


def _place(leg: ListedLeg, name: str) -> str:
    return f"data: {leg[0]} {leg[1]:.15g} {name}"
