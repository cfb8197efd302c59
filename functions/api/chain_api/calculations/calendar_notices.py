"""What an operator should know about the calendar, though the data can be relied on. Pure."""

from collections.abc import Collection
from datetime import date

from chain_api.json_types import Answer
from optionchain.market import Market
from optionchain.mongo.holiday_register import Rejected


def calendar_notices(
    market: Market, today: date, rejected: Rejected | None, contradicted: Collection[date]
) -> list[Answer]:
    """Return what is doubtful about a day and about the list of holidays; none if nothing is."""
    if market.hours == "always":
        return []
    found: list[Answer] = []
    if rejected:
        detail = f"the exchange's newest list of holidays is not believed: {rejected.detail}"
        found.append(_notice("holiday_list_rejected", detail, since=rejected.read_at))
    if today in market.listed_alone:
        detail = f"{today} is closed by the exchange's list alone, not by the shipped one"
        found.append(_notice("closed_by_exchange_list", detail))
    if today in contradicted:
        detail = f"{today} is listed as a holiday, but the exchange sends new chains: it is open"
        found.append(_notice("holiday_list_contradicted", detail))
    if market.origin(today.year) == "none":
        detail = f"no list of holidays of {today.year} is known: every weekday counts as open"
        found.append(_notice("holidays_unknown", detail))
    return found


def _notice(code: str, detail: str, **more: object) -> Answer:
    return {"code": code, "detail": detail, **more}
