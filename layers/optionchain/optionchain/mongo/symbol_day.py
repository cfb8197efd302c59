"""The document of one symbol and trading day, and how headers become it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, cast

from optionchain.exchange_time import is_of_the_future
from optionchain.mongo.documents import source_of

# Copied from the analytics of a header, and from the header itself.
DERIVED = ("pcr_oi", "max_pain", "atm_iv", "straddle_price")
SENT = (
    "underlying_value",
    "call_open_interest",
    "put_open_interest",
    "call_volume",
    "put_volume",
)

NOT_DERIVED = "not_derived"
"""Why a number is None that an older recorder derived in another way, or not at all."""


class ExpiryClose(TypedDict):
    """The last snapshot of an expiry on a day: its tick, and numbers of its header.

    Open interest and volume are in contracts, `atm_iv` in percent a year, prices and strikes in
    rupees or index points. `reasons` says why a derived number is None. `withdrawn` says that the
    exchange did not list the expiry any more.
    """

    expiry_date: str
    expiry: datetime
    at: datetime
    source: str
    withdrawn: bool
    days_to_expiry: float | None
    underlying_value: float | None
    call_open_interest: float | None
    put_open_interest: float | None
    call_volume: float | None
    put_volume: float | None
    pcr_oi: float | None
    max_pain: float | None
    atm_iv: float | None
    straddle_price: float | None
    reasons: dict[str, str]


class DayPoint(TypedDict):
    """The last snapshot of the nearest expiry in a quarter of an hour."""

    at: datetime
    underlying_value: float | None
    pcr_oi: float | None
    atm_iv: float | None


class SymbolDayDocument(TypedDict):
    """A symbol and trading day; collection `symbol_days`.

    `day` is 00:00 UTC of the date in India. `until` is the end of the newest quarter that is in it.
    `nearest` names the nearest expiry that was listed. `iv_30d` is the volatility at the money in
    30 days, between two of the `expiries`, in percent a year; None for the reason beside it.
    """

    symbol: str
    day: datetime
    until: datetime
    nearest: str
    iv_30d: float | None
    iv_30d_reason: str | None
    expiries: list[ExpiryClose]
    points: list[DayPoint]


def comparable_analytics(header: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the analytics of a header; None if an older recorder derived them in another way."""
    analytics: Mapping[str, Any] = header.get("analytics") or {}
    stamp = header["exchange_timestamp"] or header["fetched_at"]
    if analytics.get("iv_source") != "price" or is_of_the_future(stamp, header["fetched_at"]):
        return None
    return analytics


def close_of(header: Mapping[str, Any]) -> ExpiryClose:
    """Return the numbers of a header."""
    analytics = comparable_analytics(header)
    if analytics is None:
        analytics = {"reasons": dict.fromkeys(DERIVED, NOT_DERIVED)}
    close = {
        "expiry_date": header["expiry_date"],
        "expiry": header["expiry"],
        "at": header["fetched_at"],
        "source": source_of(header),
        "withdrawn": "unlisted_since" in header,
        "days_to_expiry": analytics.get("days_to_expiry"),
        **{name: header[name] for name in SENT},
        **{name: analytics.get(name) for name in DERIVED},
        "reasons": {
            name: reason for name, reason in analytics["reasons"].items() if name in DERIVED
        },
    }
    return cast("ExpiryClose", close)


def nearest_of(expiries: Sequence[ExpiryClose], day: datetime) -> ExpiryClose:
    """Return the nearest expiry that had not passed and was listed, else the first one."""
    listed = [each for each in expiries if each["expiry"] >= day and not each["withdrawn"]]
    return (listed or expiries)[0]


def merged_expiries(
    known: Iterable[ExpiryClose], found: Iterable[ExpiryClose]
) -> list[ExpiryClose]:
    """Return the newest of each expiry, by date; of two of one tick the one that was found."""
    newest: dict[datetime, ExpiryClose] = {each["expiry"]: each for each in known}
    for each in found:
        before = newest.get(each["expiry"])
        if before is None or before["at"] <= each["at"]:
            newest[each["expiry"]] = each
    return [newest[expiry] for expiry in sorted(newest)]


def points_of(closes: Iterable[ExpiryClose], nearest: ExpiryClose) -> list[DayPoint]:
    """Return the points of the nearest expiry, in order of time."""
    return [
        {
            "at": each["at"],
            "underlying_value": each["underlying_value"],
            "pcr_oi": each["pcr_oi"],
            "atm_iv": each["atm_iv"],
        }
        for each in sorted(closes, key=lambda each: each["at"])
        if each["expiry"] == nearest["expiry"]
    ]
