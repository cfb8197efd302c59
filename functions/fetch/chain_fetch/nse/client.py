"""Client of the exchange's public option-chain endpoints (v3).

Source of the endpoints' shapes: captured responses; there is no official documentation.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from chain_fetch.http.lazy_session import HttpSession
from chain_fetch.nse.symbol_kinds import KindStore, SymbolKinds
from chain_fetch.payload.json_answer import decode
from chain_fetch.refused import Refused
from chain_fetch.source import SentSymbol
from optionchain.errors import PayloadInvalid
from optionchain.exchange_time import exchange_date, expiry_text, parse_expiry
from optionchain.symbol_selection import Kind

# The exchange's words for the kinds of symbols, as requests for chains need them.
_KINDS: Mapping[str, Kind] = {"Indices": "index", "Equity": "stock"}

CHAIN = "/api/option-chain-v3"
"""Where one expiry of one symbol is."""


class NseClient:
    """Reads symbols, lists of expiries, and chains.

    Every method takes a `deadline` (a `time.monotonic()` second) and raises Refused or
    PayloadInvalid. `kinds` keeps the list of symbols for every execution environment.
    """

    def __init__(
        self, session: HttpSession, now: Callable[[], datetime], kinds: KindStore | None = None
    ) -> None:
        self._session = session
        self._now = now
        self._kinds = SymbolKinds(self._read_kinds, now, kinds)

    def symbols(self, deadline: float) -> dict[str, SentSymbol]:
        """Return every symbol that has options, as the exchange lists them now."""
        kinds = self._kinds.read_all(deadline)
        return {symbol: SentSymbol(_KINDS[kind]) for symbol, kind in kinds.items()}

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        """Return the expiry dates that the exchange lists now, from today on, nearest first."""
        self._kinds.refresh(symbol, deadline)
        answer = self._read("/api/option-chain-contract-info", {"symbol": symbol}, deadline)
        texts = answer.get("expiryDates")
        if not isinstance(texts, list):
            raise PayloadInvalid("not a list", f"contract info of {symbol}: expiryDates")
        try:
            days = sorted({parse_expiry(str(text)) for text in texts})
        except ValueError as error:
            raise PayloadInvalid(str(error), f"contract info of {symbol}: expiryDates") from error
        # The list may still begin with an expiry that has passed.
        today = exchange_date(self._now())
        if not (current := [day for day in days if day >= today]):
            raise PayloadInvalid("no expiry from today on", f"contract info of {symbol}")
        return current

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        """Return the v3 body of one expiry."""
        return self._session.get(CHAIN, self.named(symbol, expiry, deadline), deadline)

    def named(self, symbol: str, expiry: date, deadline: float) -> dict[str, str]:
        """Return the parameters that name one expiry."""
        return {
            "type": self._kinds.of(symbol, deadline),
            "symbol": symbol,
            "expiry": expiry_text(expiry),
        }

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

    def _read_kinds(self, deadline: float) -> dict[str, str]:
        answer = self._read("/api/underlying-information", {}, deadline).get("data")
        kinds = {}
        for name, kind in (("UnderlyingList", "Equity"), ("IndexList", "Indices")):
            rows = answer.get(name) if isinstance(answer, dict) else None
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise PayloadInvalid("not a list of objects", f"underlying information: {name}")
            kinds.update({str(row.get("symbol")): kind for row in rows})
        if not kinds:
            raise PayloadInvalid("no symbol", "underlying information")
        return kinds

    def _read(self, path: str, params: Mapping[str, str], deadline: float) -> dict[str, Any]:
        answer = decode(self._session.get(path, params, deadline))
        if not isinstance(answer, dict):
            raise Refused("invalid_payload", f"{path} answered no object")
        return answer
