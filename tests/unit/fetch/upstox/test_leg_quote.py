"""The changes of a leg obey the rules that hold for all vendors."""

from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.payload.differences import change_in_interest, change_in_price
from chain_fetch.payload.lots import in_contracts
from chain_fetch.upstox.body_schema import Leg, MarketData
from chain_fetch.upstox.leg_quote import quote_of

LOT = 65
SHARES = st.none() | st.integers(0, 50).map(lambda lots: float(lots * LOT))
PRICES = st.none() | st.just(0.0) | st.integers(1, 300_000).map(lambda paise: paise / 100)


@given(SHARES, SHARES, SHARES, PRICES, PRICES)
def test_changes_are_those_of_the_shared_rules(
    interest: float | None,
    before: float | None,
    volume: float | None,
    last: float | None,
    close: float | None,
) -> None:
    data = MarketData(
        ltp=last,
        close_price=close,
        volume=volume,
        oi=interest,
        prev_oi=before,
        bid_price=None,
        bid_qty=None,
        ask_price=None,
        ask_qty=None,
    )
    quote = quote_of(("CE", 24_000.0, Leg(), data), float(LOT))
    now, then, traded = in_contracts([interest, before, volume], LOT, str)
    assert (quote.open_interest, quote.total_traded_volume) == (now, traded)
    assert (quote.change_in_oi, quote.pchange_in_oi) == change_in_interest(now, then, traded)
    assert (quote.change, quote.pchange) == change_in_price(last, close, traded)
