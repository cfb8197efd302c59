"""What is doubtful beside the freshness of data, kept for half a minute."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from threading import Lock
from typing import NamedTuple

from pymongo.database import Database

from chain_api.calculations.disagreements import PERSISTENT_CHECKS
from optionchain.mongo.client import Document
from optionchain.mongo.disagreement_register import CrossComparison, DisagreementRegister
from optionchain.mongo.housekeeping_register import HousekeepingRegister
from optionchain.mongo.settlement_register import Settlement, SettlementRegister
from optionchain.mongo.symbol_list_register import RejectedList, SymbolListRegister
from optionchain.mongo.underlying_register import UnderlyingRegister, Underlyings

# Two sources are compared every five minutes; all else changes about once a day.
_READ_AGAIN_AFTER = timedelta(seconds=30)


class Doubts(NamedTuple):
    """What was found at `read_at`.

    `settlements` are the settled chains since a day that are missing or differ, `checks` the newest
    comparisons of two sources, by symbol. `warnings` are those of the last start of a recorder.
    `rejected_list` is the newest list of symbols if it is not believed.
    """

    read_at: datetime
    underlyings: Underlyings | None
    settlements: Sequence[Settlement]
    checks: Mapping[str, Sequence[CrossComparison]]
    warnings: Sequence[str]
    rejected_list: RejectedList | None


class KnownDoubts:
    """Reads them of small collections, and keeps them for half a minute. For several threads.

    Raises StoreUnavailable if MongoDB does not answer when it is asked.
    """

    def __init__(
        self, database: Database[Document], base_url: str, now: Callable[[], datetime]
    ) -> None:
        self._underlyings = UnderlyingRegister(database, base_url)
        self._settlements = SettlementRegister(database)
        self._checks = DisagreementRegister(database)
        self._housekeeping = HousekeepingRegister(database)
        self._lists = SymbolListRegister(database)
        self._now = now
        self._asked: tuple[Sequence[str], date | None] | None = None
        self._known: Doubts | None = None
        self._lock = Lock()

    def read(self, symbols: Sequence[str], proved: date | None) -> Doubts:
        """Return the doubts about these symbols, and about their settled chains since a day."""
        now, asked = self._now(), (symbols, proved)
        with self._lock:
            known = self._known
            if (
                known is None
                or asked != self._asked
                or not timedelta() <= now - known.read_at < _READ_AGAIN_AFTER
            ):
                known = self._known = Doubts(
                    now,
                    self._underlyings.read(),
                    self._settlements.bad_since(symbols, proved) if proved else (),
                    self._checks.newest(symbols, PERSISTENT_CHECKS),
                    self._housekeeping.read(),
                    self._lists.rejected(),
                )
                self._asked = asked
            return known
