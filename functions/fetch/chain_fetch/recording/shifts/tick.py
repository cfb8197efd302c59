"""One tick: send its requests side by side, and take in what they bring."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from itertools import chain
from math import inf
from typing import NamedTuple, Protocol

from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.intake import Intake, guarded
from chain_fetch.recording.bodies.known_bodies import KnownBodies
from chain_fetch.recording.bodies.receiving import BodySource, ParseBody, Receiver
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.budget.tick_budget import TickBudget
from chain_fetch.recording.budget.turns import Turns
from chain_fetch.recording.lists.listed_expiries import ListedExpiries, ListSource
from chain_fetch.recording.reports.expiry_ages import ExpiryAges
from chain_fetch.recording.ticks.plan import PlannedRequest, plan_requests, whole_share
from chain_fetch.refused import Refused
from optionchain.mongo.client import OPERATION_TIMEOUT_MS

# A tick's requests end this long before the next tick begins.
_MARGIN = timedelta(seconds=0.25)
# Requests end by the deadline. This is for a server that sends its headers so slowly, byte by byte,
# that no time-out applies.
_LATE_SECONDS = 1.0
# Storing may begin then, and takes at most three operations of the database.
_STORE_SECONDS = 3 * OPERATION_TIMEOUT_MS / 1e3
# Bodies that may be new are taken in as they come, those of so many seconds together.
_TOGETHER_SECONDS = 0.25
# With less time than this a list is read in the next tick.
_LEAST_LIST_SECONDS = 0.5


class Running(NamedTuple):
    """A request that was begun; a list that could be read has no result."""

    request: PlannedRequest
    future: Future[RequestResult | None]


class ChainSource(ListSource, BodySource, Protocol):
    """Where lists of expiries and chains come from: NseClient, or a fake in tests."""


@dataclass(frozen=True)
class TickReader:
    """Requests a tick's expiries within the request budget and has their bodies taken in.

    A tick has `interval` seconds if nobody says when the next one is due. With `bodies`, a body is
    parsed once. `storing` is a pool of its own for what is stored: in that of the requests it would
    wait for their places.
    """

    source: ChainSource
    listed: ListedExpiries
    parse: ParseBody
    ingestion: Ingestion
    pool: Executor
    nearest: int
    interval: int
    budget: TickBudget
    turns: Turns = field(default_factory=Turns)
    ages: ExpiryAges = field(default_factory=ExpiryAges)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    bodies: KnownBodies | None = None
    storing: Executor | None = None

    def read(
        self,
        symbols: Sequence[str],
        tick: datetime,
        longest: float = inf,
        length: int | None = None,
    ) -> dict[str, list[RequestResult]]:
        """Return the results of a tick's requests, by symbol; never raises for a bad tick.

        The requests end after `longest` seconds at the latest. The next tick is due `length`
        seconds after this one.
        """
        length = length or self.interval
        deadline = self.deadline(tick, length, longest)
        results: dict[str, list[RequestResult]] = {symbol: [] for symbol in symbols}
        seconds = min(length, longest)
        capacity, rotating = self.budget.places(len(symbols), tick, length, seconds)
        self.listed.load(symbols)
        in_turn = self._in_turn(symbols, tick, capacity)
        unknown = self.listed.unknown(in_turn, tick)
        expiries = self._expiries(in_turn, unknown, tick, deadline, results)
        capacity = max(capacity - len(unknown), 1)
        due = self.listed.due(expiries, tick)
        # One request is kept for the lists, or they would never be read by a recorder of so many
        # symbols that each of its ticks is full.
        further = None if rotating is None else whole_share(rotating, tick)
        asked_at, room = self.turns.asked_at, capacity - bool(due)
        requests = plan_requests(expiries, self.nearest, room, further, asked_at)
        spare = max(capacity - len(requests), 1)
        requests = self._granted(requests, len(due[:spare]), deadline, results)
        self.turns.note_requests(tick, (each[:2] for each in requests))
        running = [self.start(request, tick, deadline) for request in requests]
        running += self._start_lists(due[:spare], tick, deadline)
        self.collect(running, deadline, results)
        self._follow_up(expiries, len(due), spare, tick, deadline, results)
        listed = {symbol: self.listed.known(symbol, tick) for symbol in symbols}
        self.ages.note(tick, listed, chain.from_iterable(results.values()))
        return results

    def _follow_up(
        self,
        expiries: Mapping[str, Sequence[date]],
        lists: int,
        spare: int,
        tick: datetime,
        deadline: float,
        results: dict[str, list[RequestResult]],
    ) -> None:
        """Read what the answers of a tick call for: lists that they contradict, and news of those.

        `spare` places are left, of which `lists` were taken by lists that were due.
        """
        for symbol in expiries:
            self.listed.observe(results[symbol], tick)
        if deadline - time.monotonic() > _LEAST_LIST_SECONDS:
            doubted = self.listed.doubted(expiries, tick)[: max(spare - lists, 1)]
            self.collect(self._start_lists(doubted, tick, deadline), deadline, results)
        if deadline - time.monotonic() > _LEAST_LIST_SECONDS:
            news = self._newly_nearest(expiries, results, tick)[:spare]
            self.collect([self.start(each, tick, deadline) for each in news], deadline, results)

    def _granted(
        self,
        requests: list[PlannedRequest],
        lists: int,
        deadline: float,
        results: dict[str, list[RequestResult]],
    ) -> list[PlannedRequest]:
        """Return the requests that have a place in time; the required ones without are skipped."""
        granted, why = self.budget.grant(len(requests), lists, deadline)
        for request in requests[granted:]:
            if request.required:
                skipped = RequestResult(request, outcome="skipped", reason="busy", detail=why)
                results[request.symbol].append(skipped)
        return requests[:granted]

    def _newly_nearest(
        self,
        before: Mapping[str, Sequence[date]],
        results: Mapping[str, Sequence[RequestResult]],
        tick: datetime,
    ) -> list[PlannedRequest]:
        """Return requests for what has become nearest by a list that was read in this tick.

        Readers take the nearest listed expiry, so they would wait for it until the next tick.
        """
        changed = {
            symbol: known
            for symbol, listed in before.items()
            if (known := self.listed.known(symbol, tick)) != listed
        }
        return [
            PlannedRequest(symbol, day, required=True)
            for symbol, known in changed.items()
            for day in known[: self.nearest]
            if all(day != result.request.expiry for result in results[symbol])
        ]

    def start(self, request: PlannedRequest, tick: datetime, deadline: float) -> Running:
        """Begin to ask for a chain; `collect` has what comes taken in."""
        return Running(request, self.pool.submit(self._receiver.receive, request, tick, deadline))

    def start_list(
        self, symbol: str, tick: datetime, deadline: float, *, required: bool
    ) -> Running:
        """Begin to read a symbol's list; a tick fails with it if it is required."""
        request = PlannedRequest(symbol, date.min, required)
        return Running(request, self.pool.submit(self._read_list, request, tick, deadline))

    def _start_lists(
        self, symbols: Sequence[str], tick: datetime, deadline: float
    ) -> list[Running]:
        """Begin to read the lists of symbols whose expiries are known: no tick fails with one."""
        return [self.start_list(symbol, tick, deadline, required=False) for symbol in symbols]

    def collect(
        self, running: Sequence[Running], deadline: float, results: dict[str, list[RequestResult]]
    ) -> None:
        """Wait for requests, have their bodies taken in, and add the results.

        That of a list is added only if it failed. An unforeseen error is raised once all that came
        has been taken in.
        """
        until = deadline + _STORE_SECONDS
        waiting = {each.future for each in running}
        known: list[RequestResult] = []
        lost: list[RequestResult] = []
        while waiting:
            left = max(deadline + _LATE_SECONDS - time.monotonic(), 0)
            ended, waiting = wait(waiting, min(left, _TOGETHER_SECONDS))
            good = [each for each in ended if not each.exception()]
            came = [body for each in good if (body := each.result()) and body.has_body]
            known += [body for body in came if body.known]
            lost += self._intake.take_in([body for body in came if not body.known], until)
            if not left:
                break
        # They probably bring nothing new, so they wait for each other.
        lost += self._intake.take_in(known, until)
        for request, future in running:
            result = None if future in waiting else future.result()
            if future in waiting or any(result is each for each in lost):
                result = _timed_out(request)
            if result and result.error:
                raise result.error
            if result is not None:
                results[request.symbol].append(result)

    def deadline(self, tick: datetime, seconds: int, longest: float) -> float:
        """Return the `time.monotonic()` second by which a tick's requests must have ended.

        The next tick is due `seconds` after this one. The requests take `longest` seconds at most.
        """
        interval = timedelta(seconds=seconds)
        # Not longer than an interval, even if the wall clock was set back since the tick was due.
        left = min(tick + interval - _MARGIN - self.now(), interval)
        return time.monotonic() + min(left.total_seconds(), longest)

    def _in_turn(self, symbols: Sequence[str], tick: datetime, capacity: int) -> list[str]:
        """Return the symbols that have places for their nearest chains.

        One whose list is not known has a place for that, and for one chain.
        """
        in_turn: list[str] = []
        for symbol in self.turns.order(symbols, tick):
            capacity -= len(self.listed.known(symbol, tick)[: self.nearest]) or 2
            if capacity < 0 and in_turn:
                break
            in_turn.append(symbol)
        return in_turn

    def _expiries(
        self,
        symbols: Sequence[str],
        unknown: Sequence[str],
        tick: datetime,
        deadline: float,
        results: dict[str, list[RequestResult]],
    ) -> dict[str, list[date]]:
        """Return the expiries of each symbol; if they are not known, add a failed result."""
        running = [self.start_list(symbol, tick, deadline, required=True) for symbol in unknown]
        self.collect(running, deadline, results)
        for symbol in self.listed.unknown(set(results).difference(symbols), tick):
            waiting = RequestResult(PlannedRequest(symbol, date.min, required=True))
            waiting.fail("busy", Refused("busy", "the lists of other symbols are read first"))
            results[symbol].append(waiting)
        known = {symbol: self.listed.known(symbol, tick) for symbol in symbols}
        return {symbol: days for symbol, days in known.items() if days}

    def _read_list(
        self, request: PlannedRequest, tick: datetime, deadline: float
    ) -> RequestResult | None:
        """Read a list; return nothing unless it failed."""
        result = RequestResult(request, outcome="unchanged")
        guarded(result, partial(self.listed.read, request.symbol, tick, deadline))
        return result if result.outcome == "failed" else None

    @cached_property
    def _receiver(self) -> Receiver:
        return Receiver(self.source, self.parse, self.bodies, self.now)

    @cached_property
    def _intake(self) -> Intake:
        return Intake(self.ingestion, self.storing or self.pool)


def _timed_out(request: PlannedRequest) -> RequestResult:
    result = RequestResult(request)
    result.fail("timeout", Refused("timeout", "the answer was still dripping in"))
    result.unfinished = True
    return result
