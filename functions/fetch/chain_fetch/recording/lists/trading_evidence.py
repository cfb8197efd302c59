"""Which expiries trade, as the answers of the exchange show: what a list is judged by."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from chain_fetch.recording.bodies.deduplication import Verdict
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.lists.listing_rules import READ_AGAIN_AFTER
from optionchain.exchange_time import exchange_date

# The most expiries that one reading of a list asks for because the list lacks them.
_MOST_TRIALS = 4


class Trial(Protocol):
    """How an expiry is asked for once, to find out whether it still trades."""

    def __call__(
        self, symbol: str, expiry: date, tick: datetime, deadline: float, /
    ) -> bool | None:
        """Return whether it trades, None if the answer does not tell."""


class TradingEvidence:
    """The last answers by symbol and expiry, and the lists in the last bodies by symbol."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        # Whether an expiry traded when it was last asked for, and at which tick that was.
        self._traded: dict[tuple[str, date], tuple[datetime, bool]] = {}
        self._in_bodies: dict[str, tuple[date, ...]] = {}

    def learn(self, result: RequestResult, tick: datetime) -> bool | None:
        """Return whether an answer shows that its expiry trades, None if it does not tell."""
        symbol, expiry, _ = result.request
        if result.listed_expiries:
            self._in_bodies[symbol] = result.listed_expiries
        trades = _trades(result)
        if trades is not None:
            self._traded[symbol, expiry] = (tick, trades)
        return trades

    def unlisted(
        self,
        symbol: str,
        sent: Sequence[date],
        known: Sequence[date],
        tick: datetime,
        deadline: float,
    ) -> list[date]:
        """Return the expiries that trade although a list, as it was `sent`, lacks them.

        Candidates are those that were `known` before and those that bodies list. One that nothing
        is known of is tried; without a clear answer it stays as it was.
        """
        today = exchange_date(tick)
        in_bodies = [day for day in self._in_bodies.get(symbol, ()) if day >= today]
        left = _MOST_TRIALS
        found = []
        for day in sorted({*known, *in_bodies} - set(sent)):
            trades = self._lately(symbol, day, tick)
            if trades is None and left > 0:
                left -= 1
                trades = self._try(symbol, day, tick, deadline)
            if trades or (trades is None and day in known):
                found.append(day)
        return found

    def _lately(self, symbol: str, expiry: date, tick: datetime) -> bool | None:
        seen_at, trades = self._traded.get((symbol, expiry), (None, None))
        is_recent = seen_at is not None and abs(tick - seen_at) < READ_AGAIN_AFTER
        return trades if is_recent else None

    def _try(self, symbol: str, expiry: date, tick: datetime, deadline: float) -> bool | None:
        trades = self._trial(symbol, expiry, tick, deadline)
        if trades is not None:
            self._traded[symbol, expiry] = (tick, trades)
        return trades


def _trades(result: RequestResult) -> bool | None:
    if result.reason == "empty":
        return False
    if result.outcome in ("failed", "skipped") or result.verdict is Verdict.EARLIER_SESSION:
        return None
    return True
