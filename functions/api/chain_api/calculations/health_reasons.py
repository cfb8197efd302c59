"""Why the data cannot be relied on. Pure.

It depends on confirmations and on the exchange's own timestamp, or on the tick at which numbers
without a timestamp moved last. It does not depend on the
underlying value, which stops moving at about 15:16 IST while options still trade.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from chain_api.calculations.ages import age_seconds
from chain_api.json_types import Answer
from optionchain.exchange_time import expiry_text
from optionchain.market import Market
from optionchain.mongo.documents import NSE, HeaderDocument, stamp_of
from optionchain.mongo.recorder_switch import SwitchState
from optionchain.mongo.source_register import SourceState

# The exchange changes its data every 30 to 60 seconds, and one failed tick does not matter.
_CONFIRMED_PERIODS = 3
# The least times within which data must be confirmed by a tick, and stamped by the exchange. Where
# the source sends no stamp, they must have moved within the latter.
CONFIRMED_WITHIN = timedelta(seconds=60)
STAMPED_WITHIN = timedelta(minutes=5)

type Reason = dict[str, Any]

# Reasons of ticks that are reasons of their own here.
_CAUSES = ("stale", "unknown_symbol")

# The recorder is switched on, and nothing starts it.
SCHEDULE_DISABLED: Reason = {
    "code": "schedule_disabled",
    "detail": "the schedule is disabled, so nothing is recorded; POST /pipeline/start enables it",
}


class Nearest(NamedTuple):
    """The nearest expiry of a symbol: its newest header, None if nothing is recorded.

    `unrecorded` is the nearest expiry that the exchange lists if nothing of that is recorded, and
    `since` when it is listed.
    """

    header: HeaderDocument | None
    unrecorded: date | None = None
    since: datetime | None = None


def reasons(
    nearest: Mapping[str, Nearest],
    market: Market,
    now: datetime,
    periods: Mapping[str, timedelta],
) -> list[Reason]:
    """Return why the data of these symbols cannot be relied on; none while the market is closed.

    `periods` are the times in which each symbol is asked for once.
    """
    session = market.session_at(now)
    if session is None:
        return []
    found: list[Reason] = []
    limits_of = cache(lambda period: _Limits(period, session.opens, now))
    for symbol, (header, unrecorded, since) in nearest.items():
        limits = limits_of(periods[symbol])
        if unrecorded and since and limits.is_unconfirmed(since):
            found.append(_unrecorded(symbol, unrecorded, since))
        if header is not None:
            found += limits.faults(symbol, header)
        elif limits.is_unconfirmed(session.opens):
            found.append(_no_data(symbol))
    return found


class _Limits:
    """How old data may be in a session, of a symbol that is asked for once in a period.

    After the opening a session has some time to confirm its first snapshot.
    """

    def __init__(self, period: timedelta, opens: datetime, now: datetime) -> None:
        confirmed_within = max(_CONFIRMED_PERIODS * period, CONFIRMED_WITHIN)
        self._confirmed = confirmed_within
        self._stamped = max(confirmed_within + CONFIRMED_WITHIN, STAMPED_WITHIN)
        self._opens = opens
        self._now = now

    def is_unconfirmed(self, since: datetime) -> bool:
        """Tell whether a confirmation is too old."""
        return self._now - max(since, self._opens) > self._confirmed

    def faults(self, symbol: str, header: HeaderDocument) -> list[Reason]:
        """Return why a snapshot cannot be relied on: one reason at most."""
        seen, stamp, now = header["last_seen_at"], _stamp(header), self._now
        if self.is_unconfirmed(seen):
            return [_old("not_confirmed", symbol, "confirmed", seen, now)]
        if now - max(stamp, self._opens) <= self._stamped:
            return []
        if header["exchange_timestamp"]:
            return [_old("exchange_stale", symbol, "stamped by the exchange", stamp, now)]
        return [_old("source_stale", symbol, "moved by its source", stamp, now)]


def halts(
    switch: SwitchState, source: SourceState, market: Market, now: datetime, name: str = NSE
) -> list[Reason]:
    """Return why nothing is read at all although the market is open; `name` is of the source."""
    if not market.is_open(now):
        return []
    found: list[Reason] = []
    if not switch.enabled:
        found.append(_stopped(switch))
    if source.waits(now):
        found.append(_waiting(name, source))
    return found


def with_causes(unreliable: Sequence[Reason], outcomes: Mapping[str, Answer]) -> list[Reason]:
    """Return the reasons of symbols, which tell what became of the last tick if it brought nothing.

    Of a symbol that is answered with old bodies, or that its source does not list, that is a reason
    of its own.
    """
    found = []
    for reason in unreliable:
        entry = outcomes.get(reason["symbol"], {})
        if "detail" in entry and entry.get("reason") not in _CAUSES:
            told = f"{reason['detail']}; its last tick {entry['outcome']}: {entry['detail']}"
            found.append({**reason, "detail": told})
        else:
            found.append(reason)
    symbols = {reason["symbol"] for reason in unreliable}
    return found + [
        {"code": entry["reason"], "symbol": symbol, "detail": f"{symbol}: {entry['detail']}"}
        for symbol, entry in outcomes.items()
        if symbol in symbols and entry.get("reason") in _CAUSES
    ]


def _stamp(header: HeaderDocument) -> datetime:
    """Return the exchange's stamp; the tick of the body where there is none or it is earlier."""
    return min(stamp_of(header), header["fetched_at"])


def _stopped(switch: SwitchState) -> Reason:
    detail = "recording is stopped; POST /pipeline/start starts it"
    return {"code": "stopped", "detail": detail, "since": switch.changed_at}


def _waiting(name: str, source: SourceState) -> Reason:
    asked = "the exchange" if name == NSE else name
    # A detail of the ledger begins with its reason.
    detail = (source.detail or "").removeprefix(f"{source.reason}: ")
    why = f"{source.reason} ({detail})" if detail else source.reason
    return {
        "code": "source_waiting",
        "detail": f"{asked} is not asked for a while: {why}",
        "source": name,
        "reason": source.reason,
        "until": source.until,
    }


def _no_data(symbol: str) -> Reason:
    return {"code": "no_data", "symbol": symbol, "detail": f"nothing of {symbol} is recorded"}


def _unrecorded(symbol: str, expiry: date, since: datetime) -> Reason:
    text = expiry_text(expiry)
    detail = f"nothing of {symbol}'s nearest expiry {text} is recorded"
    more = {"expiry_date": text, "since": since}
    return {"code": "nearest_not_recorded", "symbol": symbol, "detail": detail, **more}


def _old(code: str, symbol: str, what: str, when: datetime, now: datetime) -> Reason:
    seconds = age_seconds(when, now)
    detail = f"{symbol} was last {what} {seconds:.0f} s ago"
    return {"code": code, "symbol": symbol, "detail": detail, "age_seconds": seconds}
