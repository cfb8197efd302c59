"""Which days are to be sealed: those that are over and not sealed, and those that have changed."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from pymongo.database import Database

from chain_archive.day_evidence import evidence_of, header_counts
from chain_archive.patience import Patience
from chain_archive.seal_days import SymbolDay
from chain_archive.stored_day import bounds, whole_from
from optionchain.exchange_time import exchange_date
from optionchain.market import Market
from optionchain.mongo.client import Document
from optionchain.mongo.seal_register import Seal, SealRegister
from optionchain.mongo.unsealed_days import UnsealedDays

# Before any day that is recorded: the exchange has no options on earlier days.
_FIRST_DAY = date(2000, 1, 1)
# What is settled in the evening and proved at the next session changes a day, whenever that is.
_DAYS_LOOKED_AT_AGAIN = 5
_DAY = timedelta(days=1)
# A shift records what the last tick has brought within two minutes.
_RECORDED_AFTER = timedelta(minutes=2)


class DueDays:
    """Looks in the database alone; raises StoreUnavailable. Symbols are those that it has.

    `archive` names the archive whose seals count.
    """

    def __init__(
        self,
        database: Database[Document],
        market: Callable[[], Market],
        now: Callable[[], datetime],
        patience: Patience | None = None,
        archive: str | None = None,
    ) -> None:
        self._database = database
        self._market = market
        self._now = now
        self._patience = patience or Patience()
        self._unsealed = UnsealedDays(database, archive)
        self._seals = SealRegister(database, archive)

    def find(self) -> list[SymbolDay]:
        """Return the unsealed days that are over, and then the changed ones; the oldest first.

        A day of which MongoDB has deleted a part stays as it was sealed, or is never sealed.
        """
        first = self._patience.of(partial(whole_from, self._database))
        unsealed = self._patience.of(
            partial(self._unsealed.find, _FIRST_DAY, exchange_date(self._now()))
        )
        found = [SymbolDay(each.symbol, each.day) for each in unsealed if self.is_over(each.day)]
        return list(dict.fromkeys([*found, *self._changed(first)]))

    def between(
        self, first: date, last: date, symbols: Sequence[str] | None = None
    ) -> Iterator[SymbolDay]:
        """Yield the days in first ≤ day ≤ last of these symbols or of all, sealed or not."""
        names = symbols or self._patience.of(self._unsealed.symbols)
        for number in range((last - first).days + 1):
            yield from (SymbolDay(name, first + number * _DAY) for name in names)

    def is_over(self, day: date) -> bool:
        """Tell whether the last tick of a day, the one after its close, is recorded.

        What is read in the evening is sealed as another version.
        """
        ticks = self._market().closing_ticks(day)
        return self._now() >= (ticks[-1] if ticks else bounds(day)[1]) + _RECORDED_AFTER

    def _changed(self, first: date) -> Iterator[SymbolDay]:
        today = exchange_date(self._now())
        first = max(first, _FIRST_DAY)
        seals = self._patience.of(partial(self._seals.of_days, first, today))
        symbols = sorted({each.symbol for each in seals})
        counts = self._patience.of(partial(header_counts, self._database, symbols, first))
        newest = sorted({each.day for each in seals})[-_DAYS_LOOKED_AT_AGAIN:]
        for each in sorted(seals, key=lambda seal: (seal.day, seal.symbol)):
            found = SymbolDay(each.symbol, each.day)
            # Chains may be filled in for a day of any age. That is the only way in which it gains.
            if counts[found] > each.headers or (each.day in newest and self._differs(each)):
                yield found

    def _differs(self, seal: Seal) -> bool:
        evidence = partial(evidence_of, self._database, seal.symbol, seal.day)
        return self._patience.of(evidence) != seal.evidence
