"""What an operator should know about the settled chains of the trading day before. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby

from chain_api.json_types import Answer
from optionchain.exchange_time import expiry_text
from optionchain.market import Market
from optionchain.mongo.settlement_register import Settlement


def newest_proved_day(market: Market, now: datetime) -> date | None:
    """Return the day that the newest session proves: the trading day before it."""
    session = market.last_session(now)
    return market.trading_day_before(session.opens.date()) if session else None


def settlement_notices(bad: Iterable[Settlement]) -> list[Answer]:
    """Return a notice for each symbol, day and status of chains that are missing or that differ.

    `bad` are these chains, those of a symbol and day together.
    """
    found: list[Answer] = []
    for (symbol, day), chains in groupby(bad, lambda each: (each.symbol, each.day)):
        known = list(chains)
        if missing := [each for each in known if each.status == "missing"]:
            told = f"{symbol} has no settled chain of {day} of {_expiries(missing)}"
            found.append(_notice("settlement_missing", symbol, day, told))
        if differing := [each for each in known if each.status == "differs"]:
            wrong = sum(each.legs_differing for each in differing)
            legs = sum(each.legs for each in differing)
            told = (
                f"the settled open interest of {symbol} of {day} is not the exchange's in {wrong} "
                f"of {legs} contracts of {_expiries(differing)}"
            )
            found.append(_notice("settlement_differs", symbol, day, told))
    return found


def _expiries(settlements: Sequence[Settlement]) -> str:
    return ", ".join(expiry_text(each.expiry) for each in settlements)


def _notice(code: str, symbol: str, day: date, detail: str) -> Answer:
    return {"code": code, "symbol": symbol, "detail": detail, "date": day}
