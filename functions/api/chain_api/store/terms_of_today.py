"""What holds of the contracts of an expiry today, by the lists of contracts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Lock

from chain_api.json_types import Answer
from optionchain.contract_lists import LONGEST_AGE, TERM_NAMES, ContractList, judged
from optionchain.exchange_time import exchange_date
from optionchain.mongo.contract_register import ContractRegister

# How often the lists are looked up: each source is read once a day.
_READ_AGAIN_AFTER = timedelta(seconds=30)


@dataclass(frozen=True)
class KnownTerms:
    """The lists as they were read at a time, and what was judged by them since."""

    read_at: datetime
    lists: Mapping[str, list[ContractList]]
    _judged: dict[tuple[str, date], Answer] = field(default_factory=dict)

    def of(self, symbol: str, expiry: date) -> Answer:
        """Return each term of an expiry, or the reason why it is not known."""
        key = symbol, expiry
        if key not in self._judged:
            today = exchange_date(self.read_at)
            row: Answer = {}
            for name in TERM_NAMES:
                found = judged(self.lists.get(symbol, ()), expiry, today, name)
                row |= {name: found.value, f"{name}_reason": found.reason}
            self._judged[key] = row
        return self._judged[key]


class TermsOfToday:
    """Reads the lists of all symbols, and keeps them for half a minute. Safe for several threads.

    Raises StoreUnavailable if MongoDB does not answer.
    """

    def __init__(self, register: ContractRegister, now: Callable[[], datetime]) -> None:
        self._register = register
        self._now = now
        self._known: KnownTerms | None = None
        self._lock = Lock()

    def known(self) -> KnownTerms:
        """Return what is known now; while nothing changes it is the same object."""
        now = self._now()
        with self._lock:
            if self._known is None or not _holds(self._known.read_at, now):
                today = exchange_date(now)
                lists = self._register.between(today - LONGEST_AGE, today)
                self._known = KnownTerms(now, lists)
            return self._known


def _holds(read_at: datetime, now: datetime) -> bool:
    is_recent = timedelta() <= now - read_at < _READ_AGAIN_AFTER
    return is_recent and exchange_date(read_at) == exchange_date(now)
