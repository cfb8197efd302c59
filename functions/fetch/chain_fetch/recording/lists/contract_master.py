"""The contract master: lot, tick and freeze quantity by symbol, expiry and day.

It knows what all execution environments have read, through the database, and keeps it in memory:
a tick asks for the terms of every chain that it stores, also while the database is away.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from threading import Lock

from optionchain.contract_lists import (
    LONGEST_AGE,
    TERM_NAMES,
    ContractList,
    judged,
    terms_on,
)
from optionchain.contract_terms import ContractTerms
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import exchange_date, expiry_text
from optionchain.mongo.contract_register import ContractRegister, ListUnread

# How often the stored lists are read again, and how soon after an outage.
_READ_INTERVAL = timedelta(minutes=5)
_RETRY_INTERVAL = timedelta(seconds=30)
# What decides about today and yesterday.
_KEPT_DAYS = LONGEST_AGE + timedelta(days=1)


class ContractMaster:
    """The LotSizes of the recorder; safe for several threads, and never raises for the database."""

    def __init__(self, register: ContractRegister, now: Callable[[], datetime]) -> None:
        self._register = register
        self._now = now
        self._lock = Lock()
        self._lists: dict[str, list[ContractList]] = {}
        self._unwritten: list[ContractList] = []
        self._due: dict[str, datetime] = {}  # when a symbol's lists are read again
        self._found: dict[tuple[str, date, date], ContractTerms] = {}

    def of(self, symbol: str, expiry: date, day: date, /) -> ContractTerms:
        """Return the terms of an expiry on a day; what is not known is None, with its reason."""
        if symbol not in self._due:
            self.refresh([symbol])
        key = symbol, expiry, day
        if (found := self._found.get(key)) is None:
            with self._lock:
                found = terms_on(self._lists.get(symbol, ()), expiry, day)
                self._found[key] = found
        return found

    def learn(
        self, source: str, symbol: str, terms: Mapping[date, ContractTerms], day: date, /
    ) -> None:
        """Take note of what a source lists of a symbol's contracts on a day."""
        listed = ContractList(symbol, source, day, self._now(), dict(terms))
        with self._lock:
            if self._add([listed]):
                self._unwritten.append(listed)
        with suppress(StoreUnavailable):  # it is kept, and stored later
            self._write()

    def note_failure(self, source: str, day: date, detail: str) -> None:
        """Store why a source's list of a day could not be read."""
        with suppress(StoreUnavailable):  # the log has it too
            self._register.note_failure(ListUnread(day, source, detail, self._now()))

    def refresh(self, symbols: Sequence[str]) -> None:
        """Read what is stored of these symbols, if that is due; without a database it is not."""
        now = self._now()
        due = [symbol for symbol in symbols if self._due.get(symbol, now) <= now]
        if not due:
            return
        today = exchange_date(now)
        try:
            self._write()
            stored = self._register.between(today - _KEPT_DAYS, today, due)
        except StoreUnavailable:
            self._due |= dict.fromkeys(due, now + _RETRY_INTERVAL)
            return
        with self._lock:
            for symbol in due:
                self._forget(symbol, today - _KEPT_DAYS)
                self._add(stored.get(symbol, ()))
        self._due |= dict.fromkeys(due, now + _READ_INTERVAL)

    def has_read(self, source: str, symbols: Iterable[str], day: date) -> bool:
        """Tell whether a source's list of a day is known of each of these symbols."""
        with self._lock:
            return all(
                any(each.source == source and each.day == day for each in self._lists.get(name, ()))
                for name in symbols
            )

    def knows(self, symbols: Iterable[str]) -> bool:
        """Tell whether of each of these symbols a lot is known on this day."""
        today = exchange_date(self._now())
        with self._lock:
            expiries = {name: self._expiries(name, today) for name in symbols}
        return all(
            any(self.of(name, expiry, today).lot_size for expiry in listed)
            for name, listed in expiries.items()
        )

    def differences(self, symbols: Iterable[str], day: date) -> list[str]:
        """Return what lists that were read contradict each other in, from a day on."""
        with self._lock:
            return [
                f"{symbol} {expiry_text(expiry)}, {name}: {found.detail}"
                for symbol in symbols
                for expiry in self._expiries(symbol, day)
                for name in TERM_NAMES
                if (found := judged(self._lists[symbol], expiry, day, name)).detail
                and found.value is None
            ]

    def _expiries(self, symbol: str, day: date) -> list[date]:
        """Return the expiries from a day on that any list has."""
        listed = {expiry for each in self._lists.get(symbol, ()) for expiry in each.terms}
        return sorted(expiry for expiry in listed if expiry >= day)

    def _add(self, lists: Iterable[ContractList]) -> bool:
        """Add lists that say something new; return whether any does."""
        new = False
        for each in lists:
            known = self._lists.setdefault(each.symbol, [])
            if not any(_says_the_same(each, other) for other in known):
                known.append(each)
                new = True
        if new:
            self._found = {}
        return new

    def _forget(self, symbol: str, first: date) -> None:
        kept = [each for each in self._lists.get(symbol, ()) if each.day >= first]
        self._lists[symbol] = kept

    def _write(self) -> None:
        """Store what is not stored yet; raise StoreUnavailable, and try it again later."""
        with self._lock:
            unwritten, self._unwritten = self._unwritten, []
        try:
            self._register.write(unwritten)
        except StoreUnavailable:
            with self._lock:
                self._unwritten += unwritten
            raise


def _says_the_same(one: ContractList, other: ContractList) -> bool:
    return (one.source, one.day, one.terms) == (other.source, other.day, other.terms)
