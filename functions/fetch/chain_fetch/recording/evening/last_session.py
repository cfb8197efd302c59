"""Reads the last session once while the market is closed, if the record has nothing of it.

The source serves the end of that session until the next one opens. What is read is stored as of
then, so that no answer takes it for a chain of now: at the time of reading on the same day, else at
22:00 IST of the session's day, which is nominal and after the last tick of its evening. The ledger
has the tick at which it was read in truth.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from chain_fetch.recording.reports.ledger_entry import (
    LedgerEntry,
    completed_entry,
    source_entry,
    waiting_entry,
)
from chain_fetch.recording.reports.outcomes import TickOutcomes
from chain_fetch.recording.source_choice.source_reader import SourceOrder, SymbolRead
from chain_fetch.recording.ticks.clock import Clock
from chain_fetch.recording.ticks.shift_hours import CLOCK_SKEW, LONGEST_SHIFT, is_too_late
from chain_fetch.recording.ticks.shift_ticks import ShiftTicks
from chain_fetch.refused import Refused
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import IST, exchange_date, ist_text
from optionchain.market import Market, Session
from optionchain.mongo.header_counts import QUARTER, quarter_of
from optionchain.mongo.header_reader import HeaderReader
from optionchain.mongo.shift_register import Duty, ShiftRegister
from optionchain.mongo.source_register import SourceState
from optionchain.mongo.symbol_days import SymbolDays
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.snapshot import Snapshot

# The last values of a session may be stamped so long after its close.
_STAMPED_AFTER = timedelta(minutes=5)
_NOMINAL = time(22, tzinfo=IST)
# So long before an opening nothing is asked: the wait after a refusal, an hour and its tenth at
# most, must not reach into the session.
_OPENS_SOON = timedelta(minutes=75)
# A minute less a second: the invocation of the next minute goes on with what had no place.
_READ_SECONDS = 59
# A symbol that failed is tried again in these minutes of an hour.
_RETRY_MINUTES = 15
_READ: LedgerEntry = {"read": "last_session"}


def session_to_read(market: Market, now: datetime) -> Session | None:
    """Return the session whose end a source serves now; None while ticks are or will soon be due.

    A market that never closes has none.
    """
    session, opens = market.last_session(now), market.next_opening(now)
    if market.hours == "always" or session is None or now < session.closes:
        return None
    return None if opens and opens - now < _OPENS_SOON else session


def as_of_session(snapshot: Snapshot, market: Market) -> Snapshot:
    """Return a snapshot that was received while the market is closed, as of its last session.

    Raises Refused for one that is of another session by its stamp. Without stamps the calendar
    alone says of which session a chain is; on the morning of a session that is not certain.
    """
    now, stamp = snapshot.fetched_at, snapshot.exchange_timestamp
    session = session_to_read(market, now)
    if session is None:
        raise Refused("stale", "a session is on or begins soon")
    day = exchange_date(session.opens)
    if stamp and not session.opens <= stamp <= session.closes + _STAMPED_AFTER:
        told = f"the body is stamped {ist_text(stamp)}, and not of the last session, of {day}"
        raise Refused("stale", told)
    if stamp is None and exchange_date(now) != day and market.sessions(exchange_date(now)):
        raise Refused("stale", "a chain without a stamp may be of the day that begins")
    return replace(snapshot, fetched_at=stored_at(session, now))


def stored_at(session: Session, now: datetime) -> datetime:
    """Return the instant under which the end of a session is stored that is read now, UTC."""
    nominal = datetime.combine(exchange_date(session.opens), _NOMINAL).astimezone(UTC)
    return min(now, nominal)


@dataclass
class LastSession:
    """What an invocation reads while the market is closed; never raises for the database.

    `sources` store what they bring as of the session, see `as_of_session`. `is_sealed` tells
    whether the archive has a day of a symbol, and `kept` is how long the database keeps documents.
    """

    sources: SourceOrder
    headers: HeaderReader
    days: SymbolDays
    register: ShiftRegister
    ledger: TickLedger
    clock: Clock
    enabled: Callable[[], bool]
    is_sealed: Callable[[str, datetime], bool]
    kept: timedelta
    _known: set[tuple[datetime, str]] = field(default_factory=set)
    _tried: set[tuple[datetime, str]] = field(default_factory=set)

    def read(
        self, ticks: ShiftTicks, owner: str, outcomes: TickOutcomes, warm_up: Callable[[], None]
    ) -> None:
        """Read the symbols of which nothing of the last session is recorded."""
        now = self.clock.now()
        session = session_to_read(ticks.market, now)
        if session is None or now - session.closes > self.kept or _is_due(ticks, now):
            return
        with suppress(StoreUnavailable):
            if symbols := self._lacking(ticks, session, now):
                warm_up()
                self._read(symbols, session, ticks, owner, outcomes)

    def _lacking(self, ticks: ShiftTicks, session: Session, now: datetime) -> list[str]:
        again = now.minute % _RETRY_MINUTES == 0
        names = [(session.opens, symbol) for symbol in ticks.symbols]
        wanted = [each for each in names if each not in self._known]
        wanted = [each for each in wanted if again or each not in self._tried]
        found = [each for each in wanted if not self._has(each[1], session)]
        self._known.update(set(wanted).difference(found))
        return [symbol for _, symbol in found]

    def _has(self, symbol: str, session: Session) -> bool:
        newest = self.headers.latest_header(symbol)
        is_recorded = newest is not None and newest["fetched_at"] >= session.opens
        return is_recorded or self.is_sealed(symbol, session.opens)

    def _read(
        self,
        symbols: list[str],
        session: Session,
        ticks: ShiftTicks,
        owner: str,
        outcomes: TickOutcomes,
    ) -> None:
        tick = self.clock.now().replace(microsecond=0)
        claimed = self.ledger.last_claim(symbols)
        others = claimed is not None and tick - claimed < timedelta(seconds=_READ_SECONDS)
        if others or not self.enabled() or isinstance(self.sources.choose(), SourceState):
            return  # another invocation may be reading them just now, or all sources wait
        duties: dict[Duty, list[str]] = {}
        for symbol in symbols:
            duties.setdefault(Duty(tick, tick, *ticks.rhythms[symbol]), []).append(symbol)
        self.register.begin_all(duties, owner)
        symbols = self.ledger.claim_all(symbols, tick, owner, self.clock.now())
        started = self.clock.now()
        reads = self.sources.read(symbols, tick, _Minute(tick, len(symbols), self.clock))
        if isinstance(reads, SourceState):
            entries = dict.fromkeys(symbols, waiting_entry(tick, started, reads))
        else:
            entries = {name: _entry(tick, started, read) for name, read in reads.items()}
        outcomes.record(tick, {name: dict(entry) | _READ for name, entry in entries.items()})
        tried = [name for name, entry in entries.items() if entry["outcome"] != "skipped"]
        self._tried.update((session.opens, name) for name in tried)
        # What each symbol was on its days was made of the headers that there were then.
        since = quarter_of(stored_at(session, tick))
        self.days.add(since, since + QUARTER)


@dataclass(frozen=True)
class _Minute:
    """How much time there is: up to the invocation of the next minute."""

    tick: datetime
    symbols: int
    clock: Clock
    interval: int = _READ_SECONDS

    def step(self, symbol: str, /) -> timedelta:  # noqa: ARG002
        return timedelta(seconds=self.interval)

    def left(self) -> float:
        return (self.tick - self.clock.now()).total_seconds() + self.interval

    def is_over(self) -> bool:
        return is_too_late(self.tick, self.interval, self.clock.now())


def _entry(tick: datetime, started: datetime, read: SymbolRead) -> LedgerEntry:
    entry = completed_entry(tick, started, read.results)
    return entry | source_entry(read.source, read.failures, read.switch)


def _is_due(ticks: ShiftTicks, now: datetime) -> bool:
    """Tell whether a shift that begins now has a tick to read."""
    soon = ticks.between(now - CLOCK_SKEW, now + LONGEST_SHIFT)
    return next(soon, None) is not None
