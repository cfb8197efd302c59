"""Proves the settled chains of the day before with the first good bodies of a session."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from chain_fetch.recording.bodies.deduplication import Verdict
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.evening.settlement_rules import (
    CONFIRMED_AFTER,
    OpenInterest,
    compare,
    is_of_session,
)
from optionchain.errors import SnapshotIncomplete, StoreUnavailable
from optionchain.market import Market, Session
from optionchain.mongo.settlement_register import (
    Settlement,
    SettlementRegister,
    SettlementStatus,
)
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.snapshot import Snapshot

type Results = Mapping[str, Sequence[RequestResult]]
type Chain = tuple[str, date]
"""A symbol and an expiry."""

_GOOD = (Verdict.NEW, Verdict.REVISED, Verdict.UNCHANGED)
# After an error the database is left alone for a while, and ticks go on.
_PAUSE = timedelta(minutes=1)
_FOR_GOOD = datetime.max.replace(tzinfo=UTC)


class SettlementReport(Protocol):
    """Where the proof is reported: Telemetry, or a fake in tests."""

    def report_settlement(self, settlement: Settlement) -> None:
        """Report what became of a settled chain."""

    def warn_of_settlement(self, detail: str) -> None:
        """Report that settled chains could not be looked at."""


@dataclass
class SettlementProof:
    """Judges each settled chain once, with the first good body of its expiry in the next session.

    Once over all execution environments: what one has judged the others find in the register.
    After `longest` no further chain is begun, because the next tick must not wait; the rest is
    judged with the bodies of that one.
    """

    snapshots: SnapshotReader
    register: SettlementRegister
    report: SettlementReport
    market: Callable[[], Market]
    now: Callable[[], datetime]
    longest: timedelta
    # Not before this stamp of the exchange is a chain looked at again.
    _waits: dict[Chain, datetime] = field(default_factory=dict)
    _day: date | None = None
    _paused_until: datetime | None = None

    def __call__(self, tick: datetime, results: Results) -> None:
        """Judge the settled chains of the bodies that a tick has stored; never raises for one."""
        market = self.market()
        session = market.session_at(tick)
        if session is None or market.hours == "always" or self._pauses(tick):
            return
        self._begin(market, session)
        if self._day is None or not (bodies := self._bodies(results, session)):
            return
        try:
            self._judge_all(bodies, self._day)
        except StoreUnavailable as error:
            self._paused_until = tick + _PAUSE
            self.report.warn_of_settlement(str(error))

    def _pauses(self, tick: datetime) -> bool:
        return self._paused_until is not None and tick < self._paused_until

    def _begin(self, market: Market, session: Session) -> None:
        """Forget what is known of another settled day than the one before this session."""
        day = market.trading_day_before(session.opens.date())
        if day != self._day:
            self._day = day
            self._waits.clear()

    def _bodies(self, results: Results, session: Session) -> list[Snapshot]:
        found = (
            result.body()
            for of_symbol in results.values()
            for result in of_symbol
            if result.outcome in ("stored", "unchanged")
            and result.verdict in _GOOD
            and self._is_awaited(result)
        )
        return [body for body in found if body and is_of_session(body, session)]

    def _is_awaited(self, result: RequestResult) -> bool:
        """Tell whether a chain is still to be judged; a body is parsed for it only then."""
        until = self._waits.get(result.request[:2])
        stamp = result.exchange_timestamp or result.tick
        return until is None or (stamp is not None and stamp >= until)

    def _judge_all(self, bodies: Sequence[Snapshot], day: date) -> None:
        began = self.now()
        symbols = sorted({body.symbol for body in bodies})
        known = self.register.known(symbols, day)
        for body in bodies:
            chain = body.symbol, body.expiry
            state = known.get(chain)
            if state and state.judged:
                self._waits[chain] = _FOR_GOOD
            else:
                self._judge(body, day, state.doubted_at if state else None)
            if self.now() - began > self.longest:
                return

    def _judge(self, body: Snapshot, day: date, doubted_at: datetime | None) -> None:
        chain = body.symbol, body.expiry
        confirmed_from = doubted_at and doubted_at + CONFIRMED_AFTER
        if confirmed_from and body.stamp < confirmed_from:
            self._waits[chain] = confirmed_from
            return
        settlement = self._settlement(body, day)
        if settlement and settlement.status == "differs" and not doubted_at:
            self.register.doubt(*chain, day, body.stamp)
            self._waits[chain] = body.stamp + CONFIRMED_AFTER
            return
        if settlement:
            # Said before it is stored: to say it twice is better than not at all.
            self.report.report_settlement(settlement)
            self.register.judge(settlement)
        self._waits[chain] = _FOR_GOOD

    def _settlement(self, body: Snapshot, day: date) -> Settlement | None:
        """Return what a body says of the settled chain; None if there is nothing to be proved."""
        head = body.symbol, body.expiry, day, body.fetched_at
        settled = self._settled(body, day)
        if settled is None:
            recorded = self.snapshots.recorded_on(body.symbol, body.expiry, day)
            return Settlement(*head, "missing") if recorded else None
        found = compare(settled, body)
        if not found.legs:
            return None
        status: SettlementStatus = "differs" if found.differing else "matched"
        return Settlement(
            *head, status, found.legs, len(found.differing), found.contracts, found.named
        )

    def _settled(self, body: Snapshot, day: date) -> OpenInterest | None:
        """Return the settled chain of a day; None if there is none, or only a part of one."""
        header = self.snapshots.settled_header(body.symbol, body.expiry, day)
        if header is None:
            return None
        columns = ("strike_price", "type", "open_interest")
        try:
            rows = self.snapshots.contracts(header, columns=columns)
        except SnapshotIncomplete:
            return None
        return {(row["strike_price"], row["type"]): row["open_interest"] for row in rows}
