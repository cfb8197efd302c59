"""Whether a symbol is an index or a share, as the exchange's list of underlyings says.

The list is read once a day, and again when a symbol is not found. What one execution environment
has read all others know. A symbol that the list lost is still asked for by what was known of it:
a list may be cut short for an hour, and nothing is recorded of a symbol that is not asked for.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from chain_fetch.refused import Refused
from chain_fetch.unknown_symbol import UnknownSymbol
from optionchain.errors import PayloadInvalid, StoreUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.mongo.underlying_register import Underlying, Underlyings

# How soon the list is read again for a symbol that it does not have, and after a failure.
_RETRY_AFTER = timedelta(minutes=1)
_KINDS, _TENTH = 2, 10

type ReadKinds = Callable[[float], Mapping[str, str]]


class KindStore(Protocol):
    """Where the list is kept for other environments: UnderlyingRegister, or a fake in tests."""

    def read(self) -> Underlyings | None:
        """Return what is stored; raise StoreUnavailable."""

    def write(self, underlyings: Underlyings) -> None:
        """Store what was read; raise StoreUnavailable."""


class SymbolKinds:
    """The kinds of all symbols; safe for several threads, of which one reads the list.

    `read` asks the exchange for the kind of each symbol by a deadline.
    """

    def __init__(
        self, read: ReadKinds, now: Callable[[], datetime], store: KindStore | None
    ) -> None:
        self._read = read
        self._now = now
        self._store = store
        self._known: Underlyings | None = None
        self._failed_at: datetime | None = None
        self._lock = threading.RLock()

    def of(self, symbol: str, deadline: float) -> str:
        """Return the kind of a symbol; raise Refused or PayloadInvalid, such as UnknownSymbol."""
        with self._lock:
            if not (known := self._find(symbol)):
                self.refresh(symbol, deadline)
                known = self._find(symbol)
        if known is None:
            raise self._unknown(symbol)
        return known.kind

    def refresh(self, symbol: str, deadline: float) -> None:
        """Read the list if it is due; raise PayloadInvalid if it does not have the symbol.

        If the reading fails and the symbol was known before, that still holds.
        """
        with self._lock:
            if self._is_due(symbol):
                self._load()
            if self._is_due(symbol):
                self._renew(symbol, deadline)
            if not self._find(symbol):
                raise self._unknown(symbol)

    def read_all(self, deadline: float) -> Mapping[str, str]:
        """Read the list now, and return the kind of each symbol in it, and of no other.

        Raises Refused or PayloadInvalid; then what was known holds.
        """
        with self._lock:
            self._load()
            return self._learn(self._read(deadline))

    def _find(self, symbol: str) -> Underlying | None:
        return self._known.by_symbol.get(symbol) if self._known else None

    def _unknown(self, symbol: str) -> PayloadInvalid:
        """Return what is wrong with a symbol that the list, read within a minute, does not have.

        A list that lacks a kind, or a tenth of what was ever listed, may have been cut short.
        """
        ever = self._known.by_symbol if self._known else {}
        listed = [name for name in ever if self._known and not self._known.lacks(name)]
        kinds = {ever[name].kind for name in listed}
        if len(kinds) < _KINDS or len(listed) * _TENTH < len(ever) * (_TENTH - 1):
            what = f"the list of symbols lacks {symbol!r}, and may have been cut short"
            return PayloadInvalid(what, "underlying information")
        return UnknownSymbol(symbol, listed)

    def _is_due(self, symbol: str) -> bool:
        if self._known is None:
            return True
        now, read_at = self._now(), self._known.read_at
        if symbol not in self._known.by_symbol:
            return now - read_at >= _RETRY_AFTER
        waits = self._failed_at is not None and now - self._failed_at < _RETRY_AFTER
        return exchange_date(read_at) < exchange_date(now) and not waits

    def _load(self) -> None:
        if self._store is not None:
            with suppress(StoreUnavailable):  # then this environment reads the list itself
                stored = self._store.read()
                if stored and (self._known is None or stored.read_at > self._known.read_at):
                    self._known = stored

    def _renew(self, symbol: str, deadline: float) -> None:
        try:
            self._learn(self._read(deadline))
        except (Refused, PayloadInvalid):
            self._failed_at = self._now()
            if self._find(symbol):
                return
            raise

    def _learn(self, sent: Mapping[str, str]) -> Mapping[str, str]:
        now = self._now()
        before = self._known.by_symbol if self._known else {}
        listed = {name: Underlying(kind, now) for name, kind in sent.items()}
        self._known = Underlyings(now, {**before, **listed})
        if self._store is not None:
            with suppress(StoreUnavailable):  # other environments read the list themselves
                self._store.write(self._known)
        return sent
