"""Asks for one chain, and has its body parsed unless its bytes are known."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Protocol

from chain_fetch.http.sent_body import SentBody
from chain_fetch.recording.bodies.intake import guarded
from chain_fetch.recording.bodies.known_bodies import KnownBodies
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.ticks.plan import PlannedRequest
from chain_fetch.source import SendsWholeBodies
from optionchain.errors import PayloadInvalid
from optionchain.snapshot import Snapshot


class BodySource(Protocol):
    """Where chains come from: NseClient, or a fake in tests."""

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        """Return the body of one expiry, as received."""


class ParseBody(Protocol):
    """How a body of the source becomes a snapshot."""

    def __call__(self, body: bytes, symbol: str, fetched_at: datetime, /) -> Snapshot:
        """Return the snapshot; raise PayloadInvalid."""


@dataclass(frozen=True)
class Receiver:
    """Receives chains, for several threads. With `bodies`, a body is parsed once."""

    source: BodySource
    parse: ParseBody
    bodies: KnownBodies | None
    now: Callable[[], datetime]

    def receive(self, request: PlannedRequest, tick: datetime, deadline: float) -> RequestResult:
        """Return what a request brought by a `time.monotonic()` second; nothing is stored yet."""
        result = RequestResult(request)
        guarded(result, lambda: self._receive(result, tick, deadline))
        return result

    def _receive(self, result: RequestResult, tick: datetime, deadline: float) -> None:
        """Ask for a chain; parse its body unless that is known."""
        symbol, expiry, _ = result.request
        started = time.perf_counter()
        try:
            body = self._ask(symbol, expiry, deadline)
        finally:
            result.fetch_ms = (time.perf_counter() - started) * 1e3
        result.received_at, result.tick = self.now(), tick
        if self.bodies and (known := self.bodies.of(symbol, expiry, body)):
            result.known, result.legs = known, known.legs
            result.listed_expiries = known.listed_expiries
        result.parse = partial(self._parse, result, body, tick)
        if not result.known:
            result.body()

    def _ask(self, symbol: str, expiry: date, deadline: float) -> SentBody:
        if self.bodies is None or not isinstance(self.source, SendsWholeBodies):
            return SentBody(self.source.chain(symbol, expiry, deadline))
        is_known = partial(self.bodies.has, symbol, expiry)
        return self.source.sent_chain(symbol, expiry, deadline, is_known)

    def _parse(self, result: RequestResult, body: SentBody, tick: datetime) -> Snapshot:
        started = time.perf_counter()
        symbol, expiry, _ = result.request
        snapshot = self.parse(body.decoded, symbol, tick)
        if snapshot.expiry != expiry:
            raise PayloadInvalid(f"the body is not of the expiry {expiry} alone", "records.data")
        if self.bodies:
            self.bodies.learn(body, snapshot)
        result.legs, result.listed_expiries = len(snapshot.quotes), snapshot.listed_expiries
        result.parse_ms = (time.perf_counter() - started) * 1e3
        return snapshot
