"""The format of days, numbers, legs and bodies in the exchange's v3 answers."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Literal

type JsonObject = dict[str, Any]
type Kind = Literal["Indices", "Equity"]
type Side = Literal["CE", "PE"]
type Spelling = Literal["2026-01", "2026-09"]

IST = timezone(timedelta(hours=5, minutes=30), "IST")
SIDES: tuple[Side, Side] = ("CE", "PE")
# Not strftime's %b, which depends on the locale of the machine.
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
PERCENT_KEYS: dict[Spelling, tuple[str, ...]] = {
    "2026-01": ("pchange",),
    "2026-09": ("PChange", "pChange"),
}
ZEROS = (
    "buyPrice1",
    "buyQuantity1",
    "change",
    "changeinOpenInterest",
    "impliedVolatility",
    "lastPrice",
    "openInterest",
    "pchangeinOpenInterest",
    "sellPrice1",
    "sellQuantity1",
    "strikePrice",
    "totalBuyQuantity",
    "totalSellQuantity",
    "totalTradedVolume",
    "underlyingValue",
)


def utc_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def day_text(day: date) -> str:
    """`05-Dec-2025`."""
    return f"{day.day:02}-{MONTHS[day.month - 1]}-{day.year:04}"


def day_digits(day: date) -> str:
    """`05-12-2025`, the spelling inside a leg."""
    return f"{day.day:02}-{day.month:02}-{day.year:04}"


def parse_day(text: str) -> date:
    """Return the day of `05-Dec-2025` or `05-12-2025`; raise ValueError for anything else."""
    day, month, year = text.split("-")
    number = int(month) if month.isdigit() else MONTHS.index(month.title()) + 1
    return date(int(year), number, int(day))


def stamp_text(instant: datetime) -> str:
    """`05-Dec-2025 10:03:45`, in IST."""
    local = instant.astimezone(IST)
    return f"{day_text(local.date())} {local:%H:%M:%S}"


def parse_stamp(text: str) -> datetime:
    """Return the instant of `05-Dec-2025 10:03:45`, which is in IST."""
    day, clock = text.split(" ")
    return datetime.combine(parse_day(day), time.fromisoformat(clock), IST)


def today(instant: datetime) -> date:
    """Return the day of an instant in India."""
    return instant.astimezone(IST).date()


def number(value: float) -> int | float:
    """Return a number as the exchange prints it: a whole one without a point."""
    return int(value) if value == int(value) else value


def strike_texts(strikes: Iterable[float]) -> list[str]:
    """Return strikes as the exchange lists them: `["9000", "7.5"]`."""
    return [str(number(strike)) for strike in strikes]


def identifier(kind: Kind, symbol: str, expiry: date, side: Side, strike: float) -> str:
    """`OPTIDXNIFTY16-12-2025CE25950.00`."""
    family = "OPTIDX" if kind == "Indices" else "OPTSTK"
    return f"{family}{symbol}{day_digits(expiry)}{side}{strike:.2f}"


def absent_leg(spelling: Spelling) -> JsonObject:
    """Return the all-zero leg that the exchange sends for a side without a contract."""
    leg: JsonObject = dict.fromkeys((*ZEROS, *PERCENT_KEYS[spelling]), 0)
    return leg | {"expiryDate": None, "identifier": None, "optionType": None, "underlying": None}


def chain_body(
    rows: Sequence[JsonObject],
    timestamp: str,
    underlying: float,
    expiries: Sequence[date],
    strikes: Sequence[float],
) -> JsonObject:
    """Return a whole v3 body; `filtered.data` repeats `records.data` as the exchange does."""
    totals = {side: side_totals(rows, side) for side in SIDES}
    return {
        "records": {
            "data": list(rows),
            "timestamp": timestamp,
            "underlyingValue": number(underlying),
            "expiryDates": [day_text(expiry) for expiry in expiries],
            "strikePrices": strike_texts(strikes),
        },
        "filtered": {"data": list(rows), **totals},
    }


def without_rows(body: JsonObject) -> JsonObject:
    """Return the body without its rows, as for an expiry that is not listed."""
    totals = {side: side_totals([], side) for side in SIDES}
    return {"records": body["records"] | {"data": []}, "filtered": {"data": []} | totals}


def side_totals(rows: Iterable[JsonObject], side: Side) -> JsonObject:
    """Return open interest and traded volume of all legs of one side, in contracts."""
    legs = [row[side] for row in rows if side in row]
    return {
        "totOI": sum(leg["openInterest"] for leg in legs),
        "totVol": sum(leg["totalTradedVolume"] for leg in legs),
    }
