"""One request for an expiry that a list has lost: does it still trade?"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from chain_fetch.recording.bodies.deduplication import OPENING_TIME
from chain_fetch.refused import Refused
from optionchain.errors import PayloadEmpty, PayloadInvalid
from optionchain.exchange_time import is_of_the_future
from optionchain.market import Market
from optionchain.snapshot import Snapshot


class BodySource(Protocol):
    """Where chains come from: NseClient, or a fake in tests."""

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        """Return the body of one expiry; raise Refused or PayloadInvalid."""


@dataclass(frozen=True)
class TrialRequest:
    """Asks for an expiry and judges the answer; nothing of it is stored."""

    source: BodySource
    parse: Callable[[bytes, str, datetime], Snapshot]
    market: Callable[[], Market]

    def __call__(self, symbol: str, expiry: date, tick: datetime, deadline: float) -> bool | None:
        """Return whether contracts of the present session are sent, None if that is not clear."""
        try:
            snapshot = self.parse(self.source.chain(symbol, expiry, deadline), symbol, tick)
        except PayloadEmpty:
            return False
        except Refused as refusal:
            return False if refusal.reason == "empty" else None
        except PayloadInvalid:
            return None
        if snapshot.expiry != expiry:
            return False
        if snapshot.exchange_timestamp is None:
            return None  # what was sent may be of any day
        return self._is_of_now(snapshot.exchange_timestamp, tick)

    def _is_of_now(self, stamp: datetime, tick: datetime) -> bool | None:
        if is_of_the_future(stamp, tick):
            return None
        market = self.market()
        if not market.is_earlier_session(stamp, tick):
            return True
        session = market.last_session(tick)
        return None if session and tick - session.opens < OPENING_TIME else False
