"""What hypothesis draws: snapshots as the parser may return them."""

from datetime import UTC, date, datetime

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
    units = st.integers(0, 10**12)
    return st.builds(
        Quote,
        side=st.just(side),
        strike_price=st.just(strike),
        open_interest=st.none() | _POSITIVE,
        change_in_oi=st.none() | _ANY,
        pchange_in_oi=st.none() | _ANY,
        last_price=_PRICE,
        change=_CHANGE,
        pchange=_CHANGE,
        total_traded_volume=st.none() | _POSITIVE,
        implied_volatility=_PRICE,
        bid_qty=units,
        bid_price=_PRICE,
        ask_price=_PRICE,
        ask_qty=units,
        total_buy_qty=st.none() | _POSITIVE,
        total_sell_qty=st.none() | _POSITIVE,
    )


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
