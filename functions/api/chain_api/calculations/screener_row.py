"""The derived numbers of a symbol's row in the table of all symbols, with their reasons. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from chain_api.calculations.iv_standing import standing_numbers
from chain_api.calculations.symbol_record import SymbolRecord, close_in
from chain_api.json_types import Answer
from chain_api.parameters.screening import FIGURES, Spark
from optionchain.analytics import buildup
from optionchain.constant_maturity import AtmVolatility
from optionchain.exchange_time import exchange_date
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.symbol_day import NOT_DERIVED, comparable_analytics

_SIDES = ("call_open_interest", "put_open_interest", "call_volume", "put_volume")
NOT_SENT, NO_PREVIOUS_CLOSE, UNCHANGED = "not_sent", "no_previous_close", "unchanged"


def screener_numbers(
    header: HeaderDocument,
    around: Iterable[HeaderDocument],
    record: SymbolRecord,
    previous: Mapping[str, Any] | None,
) -> Answer:
    """Return the numbers of a row, and `reasons` of those that are None.

    `around` are the newest headers of expiries up to 30 days ahead and of the first one beyond,
    `previous` is the document of the trading day before, None without any.
    """
    numbers = {name: header[name] for name in ("underlying_value", *_SIDES)}  # type: ignore[literal-required]
    analytics = comparable_analytics(header)
    numbers |= {name: analytics and analytics[name] for name in (*FIGURES, "days_to_expiry")}
    told = analytics["reasons"] if analytics else dict.fromkeys(FIGURES, NOT_DERIVED)
    reasons = {name: told[name] for name in FIGURES if name in told}
    numbers["open_interest"] = _sum(header["call_open_interest"], header["put_open_interest"])
    numbers["volume"] = _sum(header["call_volume"], header["put_volume"])
    _add_volatility(numbers, reasons, header, around, record)
    _add_changes(numbers, reasons, header, previous)
    sent = ("underlying_value", "open_interest", "volume", *_SIDES)
    reasons |= {name: NOT_SENT for name in sent if numbers[name] is None}
    if numbers["days_to_expiry"] is None:
        reasons["days_to_expiry"] = NOT_DERIVED
    return numbers | {"reasons": reasons}


def _add_volatility(
    numbers: Answer,
    reasons: dict[str, str],
    header: HeaderDocument,
    around: Iterable[HeaderDocument],
    record: SymbolRecord,
) -> None:
    """Add the volatility in 30 days and where it stands among those of the days before."""
    day = exchange_date(header["fetched_at"])
    found = (
        analytics
        for each in around
        if exchange_date(each["fetched_at"]) == day and (analytics := comparable_analytics(each))
    )
    ivs = (AtmVolatility(each["days_to_expiry"], each["atm_iv"]) for each in found)
    told, why = standing_numbers(ivs, record.ivs_before(day))
    numbers |= told
    reasons |= why


def _add_changes(
    numbers: Answer,
    reasons: dict[str, str],
    header: HeaderDocument,
    previous: Mapping[str, Any] | None,
) -> None:
    """Add what has changed since the close of the trading day before, and the build-up."""
    close = close_in(previous, header["expiry_date"])
    before: Mapping[str, Any] = close or {}
    interest = _sum(before.get("call_open_interest"), before.get("put_open_interest"))
    told = {
        "underlying_change": (numbers["underlying_value"], before.get("underlying_value")),
        "open_interest_change": (numbers["open_interest"], interest),
        "pcr_oi_change": (numbers["pcr_oi"], before.get("pcr_oi")),
        "atm_iv_change": (numbers["atm_iv"], before.get("atm_iv")),
        "iv_30d_change": (numbers["iv_30d"], previous and previous["iv_30d"]),
    }
    for name, (now, then) in told.items():
        numbers[name] = None if now is None or then is None else now - then
        if numbers[name] is None:
            own = reasons.get(name.removesuffix("_change"), NOT_SENT)
            reasons[name] = own if now is None else NO_PREVIOUS_CLOSE
    for name in ("underlying_change", "open_interest_change"):
        change, then = numbers[name], told[name][1]
        numbers[f"{name}_percent"] = 100 * change / then if change is not None and then else None
        if numbers[f"{name}_percent"] is None:
            reasons[f"{name}_percent"] = reasons.get(name, "zero_before")
    _add_buildup(numbers, reasons)


def _add_buildup(numbers: Answer, reasons: dict[str, str]) -> None:
    moved = ("underlying_change", "open_interest_change")
    price, interest = (numbers[name] for name in moved)
    numbers["buildup"] = buildup(price, interest, numbers["volume"])
    if numbers["buildup"] is None:
        missing = next((reasons[name] for name in moved if name in reasons), None)
        reasons["buildup"] = missing or (UNCHANGED if numbers["volume"] else "no_trade_today")


def sparkline(day: Mapping[str, Any] | None, name: Spark) -> Answer:
    """Return the points of a day as arrays of one length; empty without a document of it."""
    points = day["points"] if day else ()
    return {
        "at": [each["at"] for each in points],
        "values": [each[name] for each in points],
    }


def _sum(call: float | None, put: float | None) -> float | None:
    return None if call is None or put is None else call + put
