"""The archive of the simulated exchange: the daily file of all contracts (bhavcopy, UDiFF)."""

import csv
import re
from collections.abc import Buffer, Iterator
from datetime import UTC, date, datetime
from io import RawIOBase, TextIOWrapper
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from local.nse_simulator.chains import ContractKey
from local.nse_simulator.contract_ids import contract_id
from local.nse_simulator.instruments import INSTRUMENTS, Instrument
from local.nse_simulator.legs import Trading
from local.nse_simulator.listing import is_trading_day
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


class _Taken(RawIOBase):
    """What is written into it is taken out again, so that a file can be sent while it is made."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer) -> int:
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = b"".join(self._parts)
        self._parts.clear()
        return taken


def file_of(market: Market, name: str) -> Iterator[bytes] | None:
    """Return the parts of a file, None if there is none: no trading day, or not published yet.

    A file of the whole market takes seconds, so it is made while it is sent.
    """
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


def _bhavcopy(market: SimulatedMarket, day: date) -> Iterator[bytes]:
    ended, given = _end_of(market, day), (market.tick_seconds, market.spelling, market.hours)
    then = SimulatedMarket(market.seed, lambda: ended, *given, market.listing)
    sink, entry = _Taken(), ZipInfo(f"BhavCopy_NSE_FO_0_0_0_{day:%Y%m%d}_F_0000.csv")
    entry.compress_type = ZIP_DEFLATED
    with ZipFile(sink, "w") as archive:
        with archive.open(entry, "w") as file, TextIOWrapper(file, newline="") as text:
            writer = csv.writer(text)
            writer.writerow(COLUMNS.split(","))
            for symbol in then.symbols():
                writer.writerows(_rows(then, INSTRUMENTS[symbol], day))
                yield sink.take()
        yield sink.take()
    yield sink.take()


def _end_of(market: SimulatedMarket, day: date) -> datetime:
    """Return an instant at which the market shows a day as it has ended."""
    hours = market.hours
    if hours == "always":
        return datetime.fromtimestamp(market_day(day, hours).closes - 1, UTC)
    return datetime.fromtimestamp(rewritten_at(market_day(day, hours), 1), UTC)


def _rows(market: SimulatedMarket, item: Instrument, day: date) -> Iterator[list[object]]:
    for expiry in market.expiries(item.symbol):
        underlying, contracts = market.trading(item.symbol, expiry)
        yield _future(item, expiry, day, underlying)
        for contract, trading in contracts.items():
            yield _option(item, expiry, day, contract, trading, underlying)


def _future(item: Instrument, expiry: date, day: date, underlying: float) -> list[object]:
    kind = "IDF" if item.kind == "Indices" else "STF"
    lot, price = item.lot_of(expiry), f"{underlying:.2f}"
    head = [day, day, "FO", "NSE", kind, 1, "", item.symbol, "", expiry, expiry, "", ""]
    prices = [price] * 8
    return [*head, f"{item.symbol}FUT", *prices, 0, 0, 0, "0.00", 0, "F1", lot, "", "", "", "", ""]


def _option(
    item: Instrument,
    expiry: date,
    day: date,
    contract: ContractKey,
    trading: Trading,
    underlying: float,
) -> list[object]:
    """Return a row: open interest in shares, volume in contracts, as the exchange mixes them.

    Of a contract without a trade the close of the day before is published again. On its last day
    the settlement price is that of the underlying.
    """
    (strike, side), kind = contract, "IDO" if item.kind == "Indices" else "STO"
    lot, id_ = item.lot_of(expiry), contract_id(item.symbol, expiry, strike, side)
    head = [day, day, "FO", "NSE", kind, id_, "", item.symbol, "", expiry, expiry]
    name = f"{item.symbol}{expiry:%y%b}{strike:g}{side}".upper()
    traded, volume = trading.last if trading.volume else 0.0, trading.volume
    close = traded or trading.close
    settled = underlying if expiry == day else close
    prices = [traded, traded, traded, close, close, trading.close, underlying, settled]
    interest, change = trading.interest * lot, (trading.interest - trading.interest_before) * lot
    turnover = f"{volume * lot * (strike + traded):.2f}"
    return [
        *(*head, f"{strike:.2f}", side, name, *(f"{price:.2f}" for price in prices)),
        *(interest, change, volume, turnover, volume, "F1", lot),
        *("", "", "", "", ""),
    ]
