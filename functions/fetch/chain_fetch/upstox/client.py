"""Client of the vendor's endpoints: what is listed, chains, holidays.

Source of their shapes: the vendor's documentation, and bodies that public clients have captured.
"""

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import batched
from threading import Lock

from chain_fetch.http.lazy_session import HttpSession
from chain_fetch.refused import Refused
from chain_fetch.source import LotSizes
from chain_fetch.upstox.instrument_keys import InstrumentKeys
from optionchain.exchange_time import exchange_date

_NAME = "upstox"
# How soon the contracts of a symbol are read again because the lot of a chain is not known.
_LOTS_AGAIN_AFTER = timedelta(minutes=5)
# How long quotes may take, and how long none are asked for after they were refused.
_QUOTES_SECONDS = 1.0
_QUOTES_PAUSE_SECONDS = 60.0


class UpstoxClient:
    """Reads lists of expiries, chains and holidays; safe for several threads.

    Every method takes a `deadline` (a `time.monotonic()` second) and raises Refused or
    PayloadInvalid. What the list of contracts says of lots is told to `lots`. With `quotes` a chain
    comes with quotes of its contracts, where there is a place for them.
    """

    def __init__(
        self,
        session: HttpSession,
        now: Callable[[], datetime],
        lots: LotSizes,
        keys: InstrumentKeys,
        *,
        quotes: bool = False,
    ) -> None:
        self._session = session
        self._now = now
        self._lots = lots
        self._keys = keys
        self._quotes = quotes
        self._no_quotes_until = float("-inf")
        self._lots_read: dict[str, datetime] = {}
        self._lock = Lock()

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        """Return the expiries that have contracts now, from today on, nearest first."""
        # Imported here because outside of a session nothing is read.
        from chain_fetch.upstox.contracts import listed_from, listed_terms  # noqa: PLC0415

        key, today = self._keys.of(symbol, deadline), exchange_date(self._now())
        body = self._session.get("/v2/option/contract", {"instrument_key": key}, deadline)
        terms = listed_terms(body, key)
        days = listed_from(terms, today)
        self._lots.learn(_NAME, symbol, terms, today)
        self._lots_read[symbol] = self._now()
        return days

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        """Return the body of one expiry, as the vendor sent it.

        Without its lot it could not be read. So where the lot is not known, the contracts are read
        first.
        """
        self._find_lot(symbol, expiry, deadline)
        key = self._keys.of(symbol, deadline)
        params = {"instrument_key": key, "expiry_date": expiry.isoformat()}
        body = self._session.get("/v2/option/chain", params, deadline)
        return self._with_quotes(body, deadline) if self._quotes else body

    def holidays(self, deadline: float) -> frozenset[date]:
        """Return the days of this year on which options do not trade."""
        from chain_fetch.upstox.holidays import holidays_of  # noqa: PLC0415

        return holidays_of(self._session.get("/v2/market/holidays", {}, deadline))

    def _find_lot(self, symbol: str, expiry: date, deadline: float) -> None:
        """Read the contracts of a symbol if a lot is not known and they were not read just now."""
        if self._knows_lot(symbol, expiry):
            return
        with self._lock:  # requests for several expiries of a symbol run side by side
            read_at = self._lots_read.get(symbol)
            if read_at is not None and self._now() - read_at < _LOTS_AGAIN_AFTER:
                return
            if not self._knows_lot(symbol, expiry):
                self.expiries(symbol, deadline)

    def _knows_lot(self, symbol: str, expiry: date) -> bool:
        return self._lots.of(symbol, expiry, exchange_date(self._now())).lot_size is not None

    def _with_quotes(self, chain: bytes, deadline: float) -> bytes:
        """Return a chain with quotes of its contracts, or alone if they cannot be had."""
        from chain_fetch.upstox.quotes import MOST_KEYS, joined, keys_in  # noqa: PLC0415

        now = time.monotonic()
        if now < self._no_quotes_until:
            return chain
        # The chain is at hand, and must not be late for its quotes.
        until = min(deadline, now + _QUOTES_SECONDS)
        answers = []
        try:
            for keys in batched(keys_in(chain), MOST_KEYS, strict=False):
                named = {"instrument_key": ",".join(keys)}
                answers.append(self._session.get("/v3/market-quote/quotes", named, until))
        except Refused:
            self._no_quotes_until = time.monotonic() + _QUOTES_PAUSE_SECONDS
            return chain
        return joined(chain, answers)
