"""The evening's read of everything that is listed: unhurried, within the minute of its tick."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import inf

from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.evening.evening_agenda import EveningAgenda
from chain_fetch.recording.shifts.tick import Running, TickReader
from chain_fetch.recording.source_choice.source_reader import Results
from chain_fetch.recording.ticks.plan import PlannedRequest
from optionchain.errors import StoreUnavailable
from optionchain.evening_rounds import EVENING_INTERVAL

# A request that would begin later is left to the next tick.
_LEAST_SECONDS = 2.0


@dataclass(frozen=True)
class EveningReader:
    """Reads the ticks of the evening, and leaves those of a session to the reader of ticks.

    `take_place` waits for a place in the evening's own, smaller request budget until a
    `time.monotonic()` second, and tells whether there was one.
    """

    reader: TickReader
    agenda: EveningAgenda
    take_place: Callable[[float], bool]

    def read(
        self,
        symbols: Sequence[str],
        tick: datetime,
        longest: float = inf,
        length: int | None = None,
    ) -> Results:
        """Return the results of a tick's requests, by symbol; never raises for a bad tick.

        The requests end after `longest` seconds at the latest, and before the next tick, which is
        due after `length` seconds. What has no place in a minute of the evening is left to the next
        tick.
        """
        if self.agenda.market().evening_round(tick) is None:
            return self.reader.read(symbols, tick, longest, length)
        deadline = self.reader.deadline(tick, EVENING_INTERVAL, longest)
        results: Results = {symbol: [] for symbol in symbols}
        listed = self.reader.listed
        listed.load(symbols)
        self._read_lists(listed.unknown(symbols, tick), tick, deadline, results, required=True)
        self._read_chains(symbols, tick, deadline, results)
        for symbol in symbols:
            listed.observe(results[symbol], tick)
        doubted = listed.doubted(symbols, tick)
        self._read_lists(doubted, tick, deadline, results, required=False)
        return results

    def _read_chains(
        self, symbols: Sequence[str], tick: datetime, deadline: float, results: Results
    ) -> None:
        try:
            unread = {symbol: self.agenda.unread(symbol, tick).to_read for symbol in symbols}
        except StoreUnavailable as error:
            for symbol in symbols:
                failed = RequestResult(PlannedRequest(symbol, date.min, required=True))
                failed.fail("database", error)
                results[symbol].append(failed)
            return
        running: list[Running] = []
        for request in self._by_rank(unread, tick):
            if not self.take_place(deadline - _LEAST_SECONDS):
                break
            running.append(self.reader.start(request, tick, deadline))
            # What has come is stored meanwhile: of a minute that is cut short, it is not lost.
            ended = [each for each in running if each.future.done()]
            self.reader.collect(ended, deadline, results)
            running = [each for each in running if each not in ended]
        self.reader.collect(running, deadline, results)

    def _by_rank(
        self, unread: Mapping[str, Sequence[date]], tick: datetime
    ) -> Iterator[PlannedRequest]:
        """Yield the nearest expiry of each symbol, in turn, and then the later ones.

        So as many symbols as have a place have an outcome in this tick.
        """
        in_turn = self.reader.turns.order(unread, tick)
        for rank in range(max(map(len, unread.values()), default=0)):
            for symbol in in_turn:
                for expiry in unread[symbol][rank : rank + 1]:
                    yield PlannedRequest(symbol, expiry, required=True)

    def _read_lists(
        self,
        symbols: Sequence[str],
        tick: datetime,
        deadline: float,
        results: Results,
        *,
        required: bool,
    ) -> None:
        running = []
        for symbol in symbols:
            if not self.take_place(deadline - _LEAST_SECONDS):
                break
            running.append(self.reader.start_list(symbol, tick, deadline, required=required))
        self.reader.collect(running, deadline, results)
