"""How much longer documents are kept because their day is not sealed in the archive yet."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from pymongo.database import Database

from optionchain.errors import StoreRefused
from optionchain.exchange_time import exchange_date
from optionchain.mongo.client import Document
from optionchain.mongo.deletion_register import DeletionRegister
from optionchain.mongo.indexes import OF_DAYS
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.unsealed_days import UnsealedDay, UnsealedDays
from optionchain.mongo.wait_register import WaitRegister, WaitState

LONGEST_WAIT_DAYS = 14
# Until the next evaluation nothing unsealed may expire, and that may be missed for a day.
_MARGIN_DAYS = 2
_DAY = timedelta(days=1)
_EVALUATED_EVERY = timedelta(hours=1)


class WaitReport(Protocol):
    """Where a wait is reported: the telemetry of a function, or a fake in tests."""

    def report_wait(self, extra_days: int, oldest: UnsealedDay | None) -> None:
        """Report that documents are kept so many days longer, and for which day first."""

    def report_lost(self, day: UnsealedDay) -> None:
        """Report a day that the database has deleted unsealed, or is deleting."""

    def report_cut(self, day: UnsealedDay) -> None:
        """Report a day of which a part was deleted before the archive was there."""


class SilentReport:
    """Reports nowhere."""

    def report_wait(self, extra_days: int, oldest: UnsealedDay | None) -> None:
        """Report nothing."""

    def report_lost(self, day: UnsealedDay) -> None:
        """Report nothing."""

    def report_cut(self, day: UnsealedDay) -> None:
        """Report nothing."""


class RetentionWait:
    """Looks once an hour for the oldest unsealed day; raises StoreUnavailable.

    A recorder without an archive waits as well while another one with an archive is at work on the
    same database: the one that starts last must not undo what the other one keeps. With `all_days`
    it looks at every recorded day, else at those that expire soon: that is quick before a tick.
    `archive` names the archive whose seals count.
    """

    def __init__(
        self,
        database: Database[Document],
        retention_days: int,
        *,
        has_archive: bool,
        archive: str | None = None,
        report: WaitReport | None = None,
        all_days: bool = False,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._register = WaitRegister(database)
        self._archive = archive
        self._seals = SealRegister(database, archive)
        self._unsealed = UnsealedDays(database, archive)
        self._deletions = DeletionRegister(database)
        self._retention_days = retention_days
        self._has_archive = has_archive
        self._report = report or SilentReport()
        self._all_days = all_days
        # MongoDB deletes by the wall clock, also where a recorder lives in simulated time.
        self._now = now
        self._evaluated_at: datetime | None = None
        self._extra_days = 0

    def extra_days(self) -> int:
        """Return how many days longer than the retention documents are kept, 14 at most."""
        now = self._now()
        if self._evaluated_at is None or abs(now - self._evaluated_at) >= _EVALUATED_EVERY:
            try:
                self._extra_days = self._evaluate(now)
            except StoreRefused:
                # What is not known may be unsealed. Without an archive nothing is.
                self._extra_days = LONGEST_WAIT_DAYS if self._has_archive else 0
            self._evaluated_at = now
        return self._extra_days

    def _evaluate(self, now: datetime) -> int:
        state = self._register.read()
        if not self._has_archive and not _is_current(state, now):
            return 0
        if not self._has_archive and state.archive != self._archive:
            self._look_at_seals_of(state.archive)
        whole_from = self._deletions.note(OF_DAYS, now)
        found = self._look(state, now, whole_from)
        bound = timedelta(days=self._retention_days + LONGEST_WAIT_DAYS)
        lost = [each for each in found if each.first + bound <= now]
        lost += self._vanished(state, found)
        waiting = [each for each in found if each not in lost]
        extra = wait_days(waiting, self._retention_days, now)
        if self._has_archive or waiting != list(state.unsealed):
            evaluated_at = now if self._has_archive else (state.evaluated_at or now)
            self._register.write(evaluated_at, extra, waiting, self._archive)
        if extra != state.extra_days:
            self._report.report_wait(extra, waiting[0] if waiting else None)
        for each in lost:
            if self._register.lose(each):
                self._report.report_lost(each)
        self._report_cut(state, self._oldest_looked_at(now), whole_from)
        return extra

    def _look_at_seals_of(self, archive: str | None) -> None:
        """Look as the recorder with an archive does: so neither undoes what the other one keeps."""
        self._archive = archive
        self._seals = SealRegister(self._database, archive)
        self._unsealed = UnsealedDays(self._database, archive)

    def _report_cut(self, state: WaitState, oldest: date, whole_from: date) -> None:
        """Report the cut days that nobody knew of before; those that were known are lost."""
        known = {(each.symbol, each.day) for each in (*state.unsealed, *state.lost)}
        for each in self._unsealed.find_cut(oldest, whole_from):
            if (each.symbol, each.day) not in known and self._register.cut(each):
                self._report.report_cut(each)

    def _look(self, state: WaitState, now: datetime, whole_from: date) -> list[UnsealedDay]:
        """Return the unsealed days, each with the first instant that was ever seen of it."""
        oldest = self._oldest_looked_at(now)
        newest = self._newest_looked_at(now)
        known = {(each.symbol, each.day): each for each in state.unsealed}
        found = [
            min(each, known.get((each.symbol, each.day), each), key=lambda one: one.first)
            for each in self._unsealed.find(oldest, newest)
        ]
        younger = [each for each in state.unsealed if each.day > newest and each.day >= whole_from]
        return sorted(found + self._still_unsealed(younger), key=lambda each: each.day)

    def _oldest_looked_at(self, now: datetime) -> date:
        return exchange_date(now - (self._retention_days + LONGEST_WAIT_DAYS + 1) * _DAY)

    def _newest_looked_at(self, now: datetime) -> date:
        today = exchange_date(now)
        if self._all_days:
            return today
        return min(exchange_date(now - (self._retention_days - _MARGIN_DAYS) * _DAY), today)

    def _vanished(self, state: WaitState, found: Sequence[UnsealedDay]) -> list[UnsealedDay]:
        """Return the days that were unsealed before, and have neither a seal nor a document now."""
        left = {(each.symbol, each.day) for each in found}
        gone = [each for each in state.unsealed if (each.symbol, each.day) not in left]
        return self._still_unsealed(gone)

    def _still_unsealed(self, days: Sequence[UnsealedDay]) -> list[UnsealedDay]:
        if not days:
            return []
        numbers = [each.day for each in days]
        seals = {
            (seal.symbol, seal.day)
            for seal in self._seals.of_days(min(numbers), max(numbers))
            if self._unsealed.holds_all(seal)
        }
        return [each for each in days if (each.symbol, each.day) not in seals]


def wait_days(unsealed: Sequence[UnsealedDay], retention_days: int, now: datetime) -> int:
    """Return how many days more than the retention the oldest of these days needs."""
    if not unsealed:
        return 0
    age = now - min(each.first for each in unsealed)
    needed = -(-age // _DAY) + _MARGIN_DAYS
    return min(max(needed - retention_days, 0), LONGEST_WAIT_DAYS)


def expires_at(day: UnsealedDay, retention_days: int) -> datetime:
    """Return when the database deletes the first document of a day that nobody seals."""
    return day.first + timedelta(days=retention_days + LONGEST_WAIT_DAYS)


def _is_current(state: WaitState, now: datetime) -> bool:
    """Tell whether a recorder with an archive has looked within the margin."""
    return state.evaluated_at is not None and now - state.evaluated_at < _MARGIN_DAYS * _DAY
