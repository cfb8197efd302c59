"""Client of the exchange's public option-chain endpoints (v3).

Source of the endpoints' shapes: captured responses; there is no official documentation.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from chain_fetch.nse.lazy_session import HttpSession
from chain_fetch.nse.refusals import decode
from chain_fetch.refused import Refused
from optionchain.errors import PayloadInvalid
from optionchain.exchange_time import expiry_text, parse_expiry


class UnknownSymbol(PayloadInvalid):
    """The exchange lists no options on this symbol."""

    def __init__(self, symbol: str) -> None:
        super().__init__(f"{symbol!r} has no options at the exchange", "NSE_SYMBOLS")


class NseClient:
    """Reads symbols, expiries and chains; caches what does not change during a day.

    Every method takes a `deadline` (a `time.monotonic()` second) and raises Refused or
    PayloadInvalid.
    """

    def __init__(self, session: HttpSession, today: Callable[[], date]) -> None:
        self._session = session
        self._today = today
        self._kinds: dict[str, str] = {}
        self._kinds_read_on: date | None = None
        self._expiries: dict[str, list[date]] = {}
        # Several threads read symbols at once; what symbols share is read by one of them.
        self._lock = threading.RLock()

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        """Return a symbol's expiry dates from today on, nearest first.

        They are read again when the nearest has passed: the exchange then lists a new one.
        """
        with self._lock:
            known = self._expiries.get(symbol)
            if not known or known[0] < self._today():
                self._expiries[symbol] = self._read_expiries(symbol, deadline)
            return self._expiries[symbol]

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        """Return the v3 body of one expiry, as the exchange sent it."""
        params = {
            "type": self._kind(symbol, deadline),
            "symbol": symbol,
            "expiry": expiry_text(expiry),
        }
        return self._session.get("/api/option-chain-v3", params, deadline)

    def holidays(self, deadline: float) -> frozenset[date]:
        """Return the days on which options do not trade, as the holiday master lists them."""
        answer = self._read("/api/holiday-master", {"type": "trading"}, deadline)
        rows = answer.get("FO")
        # No year is without a holiday, so an empty list is a fault of the exchange.
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            raise PayloadInvalid("not a list of days", "holiday master: FO")
        try:
            return frozenset(parse_expiry(str(row.get("tradingDate"))) for row in rows)
        except ValueError as error:
            raise PayloadInvalid(str(error), "holiday master: FO") from error

    def _read_expiries(self, symbol: str, deadline: float) -> list[date]:
        self._kind(symbol, deadline)
        answer = self._read("/api/option-chain-contract-info", {"symbol": symbol}, deadline)
        texts = answer.get("expiryDates")
        if not isinstance(texts, list):
            raise PayloadInvalid("not a list", f"contract info of {symbol}: expiryDates")
        try:
            days = sorted({parse_expiry(str(text)) for text in texts})
        except ValueError as error:
            raise PayloadInvalid(str(error), f"contract info of {symbol}: expiryDates") from error
        # The list may still begin with an expiry that has passed.
        if not (current := [day for day in days if day >= self._today()]):
            raise PayloadInvalid("no expiry from today on", f"contract info of {symbol}")
        return current

    def _kind(self, symbol: str, deadline: float) -> str:
        """Return the `type` by which v3 asks for a symbol: Indices or Equity."""
        with self._lock:
            if self._kinds_read_on != self._today():
                self._kinds = self._read_kinds(deadline)
                self._kinds_read_on = self._today()
        if symbol not in self._kinds:
            raise UnknownSymbol(symbol)
        return self._kinds[symbol]

    def _read_kinds(self, deadline: float) -> dict[str, str]:
        answer = self._read("/api/underlying-information", {}, deadline).get("data")
        kinds = {}
        for name, kind in (("UnderlyingList", "Equity"), ("IndexList", "Indices")):
            rows = answer.get(name) if isinstance(answer, dict) else None
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise PayloadInvalid("not a list of objects", f"underlying information: {name}")
            kinds.update({str(row.get("symbol")): kind for row in rows})
        return kinds

    def _read(self, path: str, params: Mapping[str, str], deadline: float) -> dict[str, Any]:
        answer = decode(self._session.get(path, params, deadline))
        if not isinstance(answer, dict):
            raise Refused("invalid_payload", f"{path} answered no object")
        return answer
