"""The vendor's name of an underlying: `NSE_INDEX|Nifty 50` for NIFTY.

Those of the indices stand here. Those of shares have the share's number in them, and are read from
the vendor's list of instruments, which also decides where it says something else. What one
execution environment has read all others know.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from chain_fetch.refused import Refused
from chain_fetch.unknown_symbol import unknown_in
from optionchain.errors import PayloadInvalid, StoreUnavailable
from optionchain.mongo.underlying_register import Underlying, Underlyings

INDEX_KEYS: Mapping[str, str] = {
    "NIFTY": "NSE_INDEX|Nifty 50",
    "BANKNIFTY": "NSE_INDEX|Nifty Bank",
    "FINNIFTY": "NSE_INDEX|Nifty Fin Service",
    "MIDCPNIFTY": "NSE_INDEX|NIFTY MID SELECT",
    "NIFTYNXT50": "NSE_INDEX|Nifty Next 50",
}
# How soon the list is read again for a symbol that it does not have, and after a failure.
_RETRY_AFTER = timedelta(minutes=5)

type ReadKeys = Callable[[str, float], Mapping[str, str]]


class KeyStore(Protocol):
    """What keeps keys for every execution environment: UnderlyingRegister, or a fake in tests."""

    def read(self) -> Underlyings | None:
        """Return what is stored, None if there is nothing; raise StoreUnavailable."""

    def write(self, underlyings: Underlyings) -> None:
        """Store what was read; raise StoreUnavailable."""


class InstrumentKeys:
    """The keys of underlyings; safe for several threads, of which one reads the list.

    `read` asks the vendor's list for the key of a symbol by a deadline, and returns what it found
    of this and other symbols. `listed` are all symbols in the list that was read last.
    """

    def __init__(
        self,
        read: ReadKeys,
        now: Callable[[], datetime],
        store: KeyStore,
        listed: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._read = read
        self._listed = listed
        self._fault: Refused | PayloadInvalid | None = None
        self._now = now
        self._store = store
        self._known: dict[str, str] = dict(INDEX_KEYS)
        self._asked: dict[str, datetime] = {}
        self._lock = Lock()

    def known(self, symbol: str) -> str | None:
        """Return a key without asking anybody, None if it is not known."""
        return self._known.get(symbol)

    def of(self, symbol: str, deadline: float) -> str:
        """Return the key of a symbol; raise Refused, or PayloadInvalid if it has no options."""
        if (key := self._known.get(symbol)) is not None:
            return key
        with self._lock:
            if symbol not in self._known:
                self._load()
            if symbol not in self._known and self._may_ask(symbol):
                self._ask(symbol, deadline)
            if (key := self._known.get(symbol)) is None:
                raise self._fault or self._unknown(symbol)
        return key

    def learn(self, keys: Mapping[str, str]) -> None:
        """Take note of keys that a list has told, for this and every other environment."""
        with self._lock:
            self._load()
            if any(self._known.get(symbol) != key for symbol, key in keys.items()):
                self._learn(keys)

    def _ask(self, symbol: str, deadline: float) -> None:
        self._asked[symbol], self._fault = self._now(), None
        try:
            self._learn(self._read(symbol, deadline))
        except (Refused, PayloadInvalid) as fault:
            self._fault = fault

    def _unknown(self, symbol: str) -> PayloadInvalid:
        told = f"{symbol!r} has no key in the vendor's list of options"
        return unknown_in(symbol, self._listed(), PayloadInvalid(told, "SOURCE"))

    def _may_ask(self, symbol: str) -> bool:
        asked = self._asked.get(symbol)
        return asked is None or self._now() - asked >= _RETRY_AFTER

    def _load(self) -> None:
        with suppress(StoreUnavailable):  # then this environment reads the list itself
            if stored := self._store.read():
                found = {name: known.kind for name, known in stored.by_symbol.items()}
                self._known = {**self._known, **found}

    def _learn(self, keys: Mapping[str, str]) -> None:
        self._known = {**self._known, **keys}
        now = self._now()
        listed = {name: Underlying(key, now) for name, key in self._known.items()}
        with suppress(StoreUnavailable):  # other environments read the list themselves
            self._store.write(Underlyings(now, listed))
