"""The archive of the simulated exchange: the daily file of all contracts (bhavcopy, UDiFF)."""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO, StringIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from local.nse_simulator.feed import ExchangeFeed, FeedLeg
from local.nse_simulator.listing import Instrument, is_trading_day
from local.nse_simulator.market import Market, SimulatedMarket
from local.nse_simulator.repeatable_random import uniform
from local.nse_simulator.trading_hours import market_day, rewritten_at
from local.nse_simulator.v3_format import today

FOLDER = "/content/fo/"
COLUMNS = (
    "TradDt,BizDt,Sgmt,Src,FinInstrmTp,FinInstrmId,ISIN,TckrSymb,SctySrs,XpryDt,FininstrmActlXpryDt,"
    "StrkPric,OptnTp,FinInstrmNm,OpnPric,HghPric,LwPric,ClsPric,LastPric,PrvsClsgPric,UndrlygPric,"
    "SttlmPric,OpnIntrst,ChngInOpnIntrst,TtlTradgVol,TtlTrfVal,TtlNbOfTxsExctd,SsnId,NewBrdLotQty,"
    "Rmks,Rsvd1,Rsvd2,Rsvd3,Rsvd4"
)
_NAME = re.compile(r"BhavCopy_NSE_FO_0_0_0_(\d{8})_F_0000\.csv\.zip", re.ASCII)


def file_of(market: Market, name: str) -> bytes | None:
    """Return a file by its name, None if there is none: no trading day, or not published yet."""
    match = _NAME.fullmatch(name)
    if match is None or not isinstance(market, SimulatedMarket):
        return None
    try:
        day = datetime.strptime(match[1], "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return _bhavcopy(market, day) if _is_published(market, day) else None


def _is_published(market: SimulatedMarket, day: date) -> bool:
    """Tell whether a day has its file: once its evening is rewritten."""
    if market.hours == "always":
        return day < today(market.now())
    rewritten = rewritten_at(market_day(day, "exchange"), uniform(market.seed, day, "evening"))
    return is_trading_day(day) and market.now().timestamp() >= rewritten


def _bhavcopy(market: SimulatedMarket, day: date) -> bytes:
    ended = _end_of(market, day)
    then = SimulatedMarket(
        market.seed, lambda: ended, market.tick_seconds, market.spelling, market.hours
    )
    feed, text = ExchangeFeed(then), StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS.split(","))
    writer.writerows(_rows(feed, day))
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr(ZipInfo(f"BhavCopy_NSE_FO_0_0_0_{day:%Y%m%d}_F_0000.csv"), text.getvalue())
    return packed.getvalue()


def _end_of(market: SimulatedMarket, day: date) -> datetime:
    """Return an instant at which the market shows a day as it has ended."""
    hours = market.hours
    if hours == "always":
        return datetime.fromtimestamp(market_day(day, hours).closes - 1, UTC)
    return datetime.fromtimestamp(rewritten_at(market_day(day, hours), 1), UTC)


def _rows(feed: ExchangeFeed, day: date) -> Iterator[list[object]]:
    underlyings: dict[tuple[str, date], float] = {}
    for item, expiry, leg in feed.listed():
        if (item.symbol, expiry) not in underlyings:
            underlyings[item.symbol, expiry] = feed.chain(item.symbol, expiry).underlying
            yield _future(item, expiry, day, underlyings[item.symbol, expiry])
        yield _option(item, expiry, day, leg, underlyings[item.symbol, expiry])


def _future(item: Instrument, expiry: date, day: date, underlying: float) -> list[object]:
    kind = "IDF" if item.kind == "Indices" else "STF"
    lot, price = item.lot_of(expiry), f"{underlying:.2f}"
    head = [day, day, "FO", "NSE", kind, 1, "", item.symbol, "", expiry, expiry, "", ""]
    prices = [price] * 8
    return [*head, f"{item.symbol}FUT", *prices, 0, 0, 0, "0.00", 0, "F1", lot, "", "", "", "", ""]


def _option(
    item: Instrument, expiry: date, day: date, leg: FeedLeg, underlying: float
) -> list[object]:
    """Return a row: open interest in shares, volume in contracts, as the exchange mixes them.

    Of a contract without a trade the close of the day before is published again. On its last day
    the settlement price is that of the underlying.
    """
    kind, lot = "IDO" if item.kind == "Indices" else "STO", item.lot_of(expiry)
    head = [day, day, "FO", "NSE", kind, leg.id, "", item.symbol, "", expiry, expiry]
    name = f"{item.symbol}{expiry:%y%b}{leg.strike:g}{leg.side}".upper()
    traded = leg.last if leg.volume else 0.0
    close = traded or leg.close
    settled = underlying if expiry == day else close
    prices = [traded, traded, traded, close, close, leg.close, underlying, settled]
    volume = leg.volume // lot
    turnover = f"{leg.volume * (leg.strike + traded):.2f}"
    return [
        *(*head, f"{leg.strike:.2f}", leg.side, name, *(f"{price:.2f}" for price in prices)),
        *(leg.interest, leg.interest - leg.interest_before, volume, turnover, volume, "F1", lot),
        *("", "", "", "", ""),
    ]
