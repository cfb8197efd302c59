"""Requests to the API, each with the bare queries of the same documents. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import orjson
from pymongo.database import Database

from optionchain.exchange_time import expiry_text, midnight_utc
from optionchain.mongo.client import Document
from optionchain.mongo.documents import identifier
from optionchain.mongo.indexes import CONTRACTS
from optionchain.snapshot import Snapshot
from tests.performance import sessions


class MeasuredRequest(NamedTuple):
    """A path with its query string, and the queries of the same documents."""

    target: str
    queries: Sequence[dict[str, Any]]


class RequestMix:
    """Draws requests on these days; `first` is the first snapshot of the sessions."""

    def __init__(self, seed: int, days: Sequence[date], first: Snapshot) -> None:
        self._random = Random(seed)
        self._days = days
        self._legs = first.quotes

    def latest(self) -> MeasuredRequest:
        """Request the newest chain of a symbol."""
        symbol, day = self._symbol(), sessions.LAST_DAY
        query = chain_query(symbol, day, sessions.moments(day)[-1])
        return MeasuredRequest(f"/option-chain/{symbol}", [query])

    def as_of(self) -> MeasuredRequest:
        """Request the chain of a moment."""
        symbol, day = self._symbol(), self._day()
        moment = self._moment(day)
        target = f"/option-chain/{symbol}?as_of={_iso(moment)}"
        return MeasuredRequest(target, [chain_query(symbol, day, _stored(day, moment))])

    def history(self) -> MeasuredRequest:
        """Request a contract's documents of a session."""
        symbol, day = self._symbol(), self._day()
        leg = self._random.choice(self._legs)
        strike = leg.strike_price * sessions.SYMBOLS[symbol]
        name = identifier(symbol, leg.side, strike, expiry_text(sessions.expiry(symbol, day)))
        first, *_, last = sessions.moments(day)
        span = f"from={_iso(first)}&to={_iso(last)}&limit=10000"
        query = {"identifier": name, "fetched_at": {"$gte": first, "$lte": last}}
        return MeasuredRequest(f"/option-chain/{symbol}/history?identifier={name}&{span}", [query])

    def changes(self) -> MeasuredRequest:
        """Request the changes between two moments of a session."""
        symbol, day = self._symbol(), self._day()
        early, late = sorted(self._moment(day) for _ in range(2))
        text = expiry_text(sessions.expiry(symbol, day))
        span = f"expiry={text}&from={_iso(early)}&to={_iso(late)}&limit=1000"
        queries = [chain_query(symbol, day, _stored(day, moment)) for moment in (early, late)]
        return MeasuredRequest(f"/option-chain/{symbol}/changes?{span}", queries)

    def mixed(self) -> tuple[bool, MeasuredRequest]:
        """Draw the latest chain mostly, and then True; one time in ten draw the past."""
        place = self._random.random()
        if place < 0.9:
            return True, self.latest()
        return False, self.as_of() if place < 0.95 else self.history()

    def _symbol(self) -> str:
        return self._random.choice(list(sessions.SYMBOLS))

    def _day(self) -> date:
        return self._random.choice(self._days)

    def _moment(self, day: date) -> datetime:
        first, *_, last = sessions.moments(day)
        return first + timedelta(
            seconds=self._random.randint(0, int((last - first).total_seconds()))
        )


def bare_queries(database: Database[Document], request: MeasuredRequest) -> list[bytes]:
    """Find the documents of a request and encode them: the least work of any service."""
    found = (database[CONTRACTS].find(query, {"_id": False}) for query in request.queries)
    return [orjson.dumps(list(rows), option=orjson.OPT_UTC_Z) for rows in found]


def chain_query(symbol: str, day: date, stored: datetime) -> dict[str, Any]:
    """Return the query of the contracts of a snapshot."""
    expires = midnight_utc(sessions.expiry(symbol, day))
    return {"symbol": symbol, "expiry": expires, "fetched_at": stored}


def _stored(day: date, moment: datetime) -> datetime:
    """Return the tick of the snapshot that is valid at a moment."""
    stored = sessions.moments(day)
    return stored[bisect_right(stored, moment) - 1]


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
