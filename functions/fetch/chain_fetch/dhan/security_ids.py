"""How Dhan names the underlyings: an id, which means nothing without its segment.

25 is BANKNIFTY among the indices and another company among the shares. The ids of the indices are
few and do not change. Those of the shares stand in Dhan's list of contracts.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol

from chain_fetch.refused import Refused
from chain_fetch.unknown_symbol import unknown_in
from optionchain.errors import PayloadInvalid, StoreUnavailable
from optionchain.mongo.underlying_register import Underlying, Underlyings

_INDEX, _SHARE = "IDX_I", "NSE_EQ"
_INDICES = {"NIFTY": 13, "BANKNIFTY": 25, "FINNIFTY": 27, "MIDCPNIFTY": 442, "NIFTYNXT50": 38}
# How soon the list is read again for a share that it does not have, and after a failure.
_RETRY_AFTER = timedelta(minutes=1)

type ReadIds = Callable[[Sequence[str], float], Mapping[str, int]]


def is_index(symbol: str) -> bool:
    """Tell whether Dhan is asked for a symbol as an index; all others are shares."""
    return symbol in _INDICES


class UnknownUnderlying(PayloadInvalid):
    """Dhan's list of contracts has no share of this symbol, and does not tell whether it should."""

    def __init__(self, symbol: str) -> None:
        super().__init__(f"{symbol!r} is no share in Dhan's list of contracts", "NSE_SYMBOLS")


class IdStore(Protocol):
    """Where ids are kept for other environments: UnderlyingRegister, or a fake in tests."""

    def read(self) -> Underlyings | None:
        """Return what is stored; raise StoreUnavailable."""

    def write(self, underlyings: Underlyings) -> None:
        """Store what was read; raise StoreUnavailable."""


class DhanSecurityIds:
    """The ids of all symbols; safe for several threads, of which one reads the list.

    `read` asks Dhan for the ids of shares by a deadline. Its list is long, so all of `symbols`,
    the recorded ones, are looked up in it at once. `listed` are all symbols that have options in
    the list that was read last.
    """

    def __init__(
        self,
        read: ReadIds,
        store: IdStore,
        now: Callable[[], datetime],
        symbols: Callable[[], Sequence[str]] = tuple,
        listed: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._listed = listed
        self._symbols = symbols
        self._read = read
        self._store = store
        self._now = now
        self._ids: dict[str, int] = {}
        self._tried_at: dict[str, datetime] = {}
        self._fault: Refused | PayloadInvalid | None = None
        self._lock = threading.RLock()

    def of(self, symbol: str, deadline: float) -> tuple[int, str]:
        """Return the id and the segment of a symbol.

        Raises UnknownSymbol, UnknownUnderlying, or what reading Dhan's list raises.
        """
        if (index := _INDICES.get(symbol)) is not None:
            return index, _INDEX
        with self._lock:
            if symbol not in self._ids:
                self._load()
            if symbol not in self._ids:
                self._renew(symbol, deadline)
            return self._ids[symbol], _SHARE

    def learn(self, ids: Mapping[str, int]) -> None:
        """Keep ids that were read, for this environment and for others."""
        with self._lock:
            if ids.items() <= self._ids.items():
                return
            self._load()
            self._ids |= ids
            now = self._now()
            known = {name: Underlying(str(number), now) for name, number in self._ids.items()}
            with suppress(StoreUnavailable):  # other environments read the list themselves
                self._store.write(Underlyings(now, known))

    def _renew(self, symbol: str, deadline: float) -> None:
        """Read the id of a symbol; without it raise why, for a minute without asking again."""
        now, tried = self._now(), self._tried_at.get(symbol)
        if tried is None or abs(now - tried) >= _RETRY_AFTER:
            wanted = sorted({symbol, *self._symbols()} - _INDICES.keys())
            self._tried_at |= dict.fromkeys(wanted, now)
            self._fault = None
            try:
                self.learn(self._read(wanted, deadline))
            except (Refused, PayloadInvalid) as fault:
                self._fault = fault
        if symbol not in self._ids:
            raise self._fault or self._unknown(symbol)

    def _unknown(self, symbol: str) -> PayloadInvalid:
        return unknown_in(symbol, self._listed(), UnknownUnderlying(symbol))

    def _load(self) -> None:
        with suppress(StoreUnavailable):  # then this environment reads the list itself
            if stored := self._store.read():
                self._ids = {
                    **{name: int(known.kind) for name, known in stored.by_symbol.items()},
                    **self._ids,
                }
