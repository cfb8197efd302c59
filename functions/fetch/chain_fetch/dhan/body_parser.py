"""From a chain of Dhan to a snapshot. Pure; it raises nothing but PayloadInvalid.

Dhan counts open interest and volume in shares: they are divided by the lot of the expiry. It sends
no changes: they are differences of two sent numbers. Its 0 means "none" for prices and volatility.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from itertools import repeat

from chain_fetch.dhan.body_schema import BODY, Data, Leg
from chain_fetch.dhan.security_ids import is_index
from chain_fetch.payload.decoding import decoded
from chain_fetch.payload.differences import DERIVED, change_in_interest, change_in_price
from chain_fetch.payload.lots import in_contracts, lot_size
from chain_fetch.payload.wording import LONGEST_EXCERPT
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid
from optionchain.exchange_time import exchange_date
from optionchain.snapshot import Quote, Side, Snapshot

type TermsOf = Callable[[str, date, date], ContractTerms]
_DATE_BYTES = len("2026-12-01")
_MARK_BYTES = _DATE_BYTES + 1
# A long key is found in a third of the time of a short one.
_IN_EACH_CONTRACT = b'"previous_close_price"'
_QUOTE = tuple.__new__  # half the time of `Quote._make`


type _Contract = tuple[float, Side, Leg]


def marked(expiry: date, body: bytes) -> bytes:
    """Return a body as received behind a line with its expiry, which the body does not name."""
    return f"{expiry.isoformat()}\n".encode() + body


def parse(body: bytes, symbol: str, fetched_at: datetime, terms_of: TermsOf) -> Snapshot:
    """Return the snapshot of a `marked` body; `terms_of` knows the lot of an expiry on a day.

    Raises PayloadInvalid if it is not a whole chain, if the lot is not known, or if a number of
    shares is no whole number of lots.
    """
    expiry, text = _unmarked(body)
    whole = decoded(text, BODY)
    if whole.status != "success":
        raise PayloadInvalid(f"{whole.status[:LONGEST_EXCERPT]!r} is not success", "status")
    contracts = _contracts(whole.data, text)
    lot = lot_size(terms_of(symbol, expiry, exchange_date(fetched_at)), symbol, expiry)
    return Snapshot(
        symbol=symbol,
        expiry=expiry,
        fetched_at=fetched_at,
        exchange_timestamp=None,
        underlying_value=whole.data.last_price or None,
        quotes=_quotes(contracts, float(lot)),
        source="dhan",
        derived=DERIVED,
        of_index=is_index(symbol),
    )


def _unmarked(body: bytes) -> tuple[date, bytes]:
    mark, line_feed, text = body[:_DATE_BYTES], body[_DATE_BYTES:_MARK_BYTES], body[_MARK_BYTES:]
    try:
        expiry = date.fromisoformat(mark.decode("ascii")) if line_feed == b"\n" else None
    except ValueError:
        expiry = None
    if expiry is None:
        raise PayloadInvalid("not behind a line with its expiry", "body")
    return expiry, text


def _contracts(data: Data, text: bytes) -> list[_Contract]:
    """Return the contracts by strike, the call before the put; at least one."""
    rows = data.oc
    contracts: list[_Contract] = []
    for strike in sorted(rows):
        row = rows[strike]
        if row.ce is not None:
            contracts.append((strike, "CE", row.ce))
        if row.pe is not None:
            contracts.append((strike, "PE", row.pe))
    # Of two equal keys of an object only the last one is decoded.
    if text.count(_IN_EACH_CONTRACT) != len(contracts):
        raise PayloadInvalid("a strike or a side stands twice", "data.oc")
    # Not PayloadEmpty: beyond its limit Dhan answers so for an expiry that trades.
    if not contracts:
        raise PayloadInvalid("no contract", "data.oc")
    if not any(_says_something(leg) for _, _, leg in contracts):
        raise PayloadInvalid("every number of every contract is 0", "data.oc")
    return contracts


def _says_something(leg: Leg) -> bool:
    prices = leg.last_price or leg.previous_close_price or leg.top_bid_price or leg.top_ask_price
    return bool(leg.oi or leg.volume or leg.previous_oi or prices)


def _quotes(contracts: Sequence[_Contract], lot: float) -> tuple[Quote, ...]:
    legs = [leg for _, _, leg in contracts]

    def counted(shares: list[float | None], name: str) -> list[float | None]:
        return in_contracts(shares, lot, lambda index: _place(contracts[index], name))

    interest = counted([leg.oi for leg in legs], "oi")
    volume = counted([leg.volume for leg in legs], "volume")
    return tuple(map(_quote, contracts, interest, volume, repeat(lot)))


def _quote(
    contract: _Contract, open_interest: float | None, volume: float | None, lot: float
) -> Quote:
    """Return the quote of a contract; open interest and volume are in contracts."""
    strike, side, leg = contract
    last, bid, ask = leg.last_price, leg.top_bid_price, leg.top_ask_price
    bid_qty = leg.top_bid_quantity if bid else 0
    ask_qty = leg.top_ask_quantity if ask else 0
    if bid_qty is None or bid_qty % 1 or ask_qty is None or ask_qty % 1:
        what = f"a price for {bid_qty} or {ask_qty} units"
        raise PayloadInvalid(what, _place(contract, "quantity"))
    # What is no whole number of contracts was counted by another lot, so it is not known in this.
    before = leg.previous_oi
    before = None if before is None or before % lot else before / lot
    change_in_oi, pchange_in_oi = change_in_interest(open_interest, before, volume)
    change, pchange = change_in_price(last, leg.previous_close_price, volume)
    return _QUOTE(
        Quote,
        (
            side,
            strike,
            open_interest,
            change_in_oi,
            pchange_in_oi,
            last or None,
            change,
            pchange,
            volume,
            leg.implied_volatility or None,
            int(bid_qty),
            bid or None,
            ask or None,
            int(ask_qty),
            None,
            None,
        ),
    )


def _place(contract: _Contract, field: str) -> str:
    strike, side, _ = contract
    return f"data.oc.{strike:.15g}.{side.lower()}.{field}"
