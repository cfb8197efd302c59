"""What hypothesis draws: snapshots as the parser may return them."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from optionchain.snapshot import Quote, Side, Snapshot

SYMBOLS = st.sampled_from(["NIFTY", "BANKNIFTY", "M&M", "BAJAJ-AUTO", "IDEA", "360ONE"])
EXPIRIES = st.dates(date(2020, 1, 1), date(2040, 12, 31))
# A strike has two decimals at most.
STRIKES = st.integers(1, 20_000_000).map(lambda paise: paise / 100)
SIDES: st.SearchStrategy[Side] = st.sampled_from(["CE", "PE"])
INSTANTS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001  (hypothesis adds the zone)
    datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda instant: instant.replace(microsecond=0))

_POSITIVE = st.floats(0, 1e14).map(lambda number: number + 0.0)
_ANY = st.floats(-1e14, 1e14).map(lambda number: number + 0.0)
_PRICE = st.none() | st.floats(0.05, 1e6)
_CHANGE = st.none() | _ANY.map(lambda number: number or None)


def quotes(side: Side, strike: float) -> st.SearchStrategy[Quote]:
    """One contract's numbers, any of them missing that may be."""
    counts = ("open_interest", "total_traded_volume", "total_buy_qty", "total_sell_qty")
    prices = ("last_price", "implied_volatility", "bid_price", "ask_price")
    numbers: dict[str, st.SearchStrategy[Any]] = {
        **dict.fromkeys(counts, st.none() | _POSITIVE),
        **dict.fromkeys(prices, _PRICE),
        **dict.fromkeys(("change_in_oi", "pchange_in_oi"), st.none() | _ANY),
        **dict.fromkeys(("change", "pchange"), _CHANGE),
        **dict.fromkeys(("bid_qty", "ask_qty"), st.integers(0, 10**12)),
    }
    return st.builds(Quote, side=st.just(side), strike_price=st.just(strike), **numbers)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """A whole chain of a few contracts, by strike, the call before the put."""
    contracts = draw(st.lists(st.tuples(STRIKES, SIDES), min_size=1, max_size=4, unique=True))
    return Snapshot(
        symbol=draw(SYMBOLS),
        expiry=draw(EXPIRIES),
        fetched_at=draw(INSTANTS),
        exchange_timestamp=draw(INSTANTS),
        underlying_value=draw(_PRICE),
        quotes=tuple(draw(quotes(side, strike)) for strike, side in sorted(contracts)),
    )
