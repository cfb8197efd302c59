"""The holidays of GET /v2/market/holidays. Pure."""

from datetime import date

from msgspec import Struct
from msgspec.json import Decoder

from chain_fetch.payload.decoding import decoded
from optionchain.errors import PayloadInvalid

_PLACE = "market holidays"
# The segment of futures and options.
_SEGMENT = "NFO"


class _Hours(Struct, gc=False):
    exchange: str


class _Day(Struct, gc=False):
    date: str
    closed_exchanges: list[str] | None = None
    open_exchanges: list[_Hours] | None = None


class _Holidays(Struct, gc=False):
    status: str
    data: list[_Day] | None


_HOLIDAYS: Decoder[_Holidays] = Decoder(_Holidays)


def holidays_of(body: bytes) -> frozenset[date]:
    """Return the days on which options do not trade; raise PayloadInvalid.

    A day is one only if it says that the segment is closed, and not that it is open. The word
    `TRADING_HOLIDAY` does not tell: the vendor gives it to days on which options trade.
    """
    answer = decoded(body, _HOLIDAYS)
    # No year is without a holiday, so an empty list is a fault.
    if answer.status != "success" or not answer.data:
        raise PayloadInvalid("not a list of days", _PLACE)
    try:
        days = frozenset(date.fromisoformat(day.date) for day in answer.data if _is_closed(day))
    except ValueError as error:
        raise PayloadInvalid("a day is not a date", _PLACE) from error
    if not days:
        raise PayloadInvalid(f"no day closes {_SEGMENT}", _PLACE)
    return days


def _is_closed(day: _Day) -> bool:
    is_open = any(hours.exchange == _SEGMENT for hours in day.open_exchanges or ())
    return _SEGMENT in (day.closed_exchanges or ()) and not is_open
