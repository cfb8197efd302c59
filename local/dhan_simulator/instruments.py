"""How Dhan names the underlyings of the simulated market, and its public list of contracts."""

from collections.abc import Iterator
from datetime import date

from local.nse_simulator.feed import ExchangeFeed, NamedContract
from local.nse_simulator.instruments import INSTRUMENTS, Instrument
from local.nse_simulator.v3_format import MONTHS, number

# The ids of the chain call. Those of a share mean another thing in the segment of indices.
_INDEX_IDS = {"NIFTY": 13, "BANKNIFTY": 25, "FINNIFTY": 27, "MIDCPNIFTY": 442, "NIFTYNXT50": 38}
_PLACES = {symbol: place for place, symbol in enumerate(INSTRUMENTS, start=1)}
_SHARE_IDS = {
    symbol: 100_000 + place for symbol, place in _PLACES.items() if symbol not in _INDEX_IDS
} | {"RELIANCE": 2885, "M&M": 2031, "BAJAJ-AUTO": 16669, "IDEA": 14366}
# In the list of contracts an index has the exchange's id, which is not that of the chain call.
_EXCHANGE_IDS = {
    "NIFTY": 26000,
    "BANKNIFTY": 26009,
    "FINNIFTY": 26037,
    "MIDCPNIFTY": 26074,
    "NIFTYNXT50": 26013,
}
_FREEZE_LOTS = 27
COLUMNS = (
    "EXCH_ID,SEGMENT,SECURITY_ID,ISIN,INSTRUMENT,UNDERLYING_SECURITY_ID,UNDERLYING_SYMBOL,"
    "SYMBOL_NAME,DISPLAY_NAME,INSTRUMENT_TYPE,SERIES,LOT_SIZE,SM_EXPIRY_DATE,STRIKE_PRICE,"
    "OPTION_TYPE,TICK_SIZE,EXPIRY_FLAG,SM_FREEZE_QTY"
)

UNDERLYINGS = {("IDX_I", id_): symbol for symbol, id_ in _INDEX_IDS.items()} | {
    (segment, id_): symbol
    for symbol, id_ in _SHARE_IDS.items()
    for segment in ("NSE_EQ", "NSE_FNO")
}
"""Every symbol by the segment and the id of its underlying."""


def scrip_master(feed: ExchangeFeed) -> bytes:
    """Return the list of contracts as CSV; each line ends with a comma."""
    return "".join(f"{line},\n" for line in (COLUMNS, *_lines(feed))).encode()


def _lines(feed: ExchangeFeed) -> Iterator[str]:
    for symbol, item in feed.symbols().items():
        yield _underlying(symbol, item)
        yield _future(symbol, item, feed.market.expiries(symbol)[-1])
    # A series that has ended stays for a while.
    yield f"NSE,D,1,NA,OPTIDX,26000,NIFTY,{_tail('NIFTY', date(2024, 1, 4), 50.0, 21000, 'CE')}"
    for item, expiry, leg in feed.listed():
        yield _option(item, expiry, leg)


def _underlying(symbol: str, item: Instrument) -> str:
    if symbol in _INDEX_IDS:
        id_ = _INDEX_IDS[symbol]
        names = f"{symbol},{symbol},{item.name},INDEX,NA"
        return f"NSE,I,{id_},NA,INDEX,{id_},{names},1.0,0001-01-01,,XX,0.0500,N,0"
    isin = f"INE{_PLACES[symbol]:03}A01018"
    names = f"{symbol},{item.name.upper()},{item.name},ES,EQ"
    return f"NSE,E,{_SHARE_IDS[symbol]},{isin},EQUITY,,{names},1.0,,,,5.0000,NA,0"


def _future(symbol: str, item: Instrument, expiry: date) -> str:
    kind = "FUTIDX" if item.kind == "Indices" else "FUTSTK"
    names = f"{symbol},{symbol}-FUT,{symbol} FUT,FUT,NA"
    terms = f"{float(item.lot_of(expiry))},{expiry},-0.01000,XX,10.0000,M"
    return f"NSE,D,2,NA,{kind},{_exchange_id(symbol)},{names},{terms},{item.lot * _FREEZE_LOTS}"


def _option(item: Instrument, expiry: date, leg: NamedContract) -> str:
    kind = "OPTIDX" if item.kind == "Indices" else "OPTSTK"
    head = f"NSE,D,{leg.id},NA,{kind},{_exchange_id(item.symbol)},{item.symbol}"
    return f"{head},{_tail(item.symbol, expiry, item.lot_of(expiry), leg.strike, leg.side)}"


def _tail(symbol: str, expiry: date, lot: float, strike: float, side: str) -> str:
    month, price = MONTHS[expiry.month - 1], number(strike)
    name = f"{symbol}-{month}{expiry.year}-{price}-{side}"
    shown = f"{symbol} {expiry.day:02} {month.upper()} {price} {'CALL' if side == 'CE' else 'PUT'}"
    terms = f"{float(lot)},{expiry},{strike:.5f},{side},5.0000,M,{int(lot) * _FREEZE_LOTS}"
    return f"{name},{shown},OP,NA,{terms}"


def _exchange_id(symbol: str) -> int:
    return _EXCHANGE_IDS.get(symbol) or _SHARE_IDS[symbol]
