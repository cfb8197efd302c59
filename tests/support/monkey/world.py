"""The monkey's world: one exchange, one database, one schedule, and an operator."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import count, cycle
from random import Random

from pymongo.errors import ServerSelectionTimeoutError
from starlette.testclient import TestClient

from optionchain.exchange_time import exchange_date
from optionchain.settings import Settings
from tests.support.api import client
from tests.support.mongomock_database import AnyDatabase
from tests.support.monkey.database import DisturbedDatabase
from tests.support.monkey.environments import Environment, Time, Trouble
from tests.support.monkey.exchange import Lie, LyingExchange
from tests.support.monkey.lies import CHAIN_LIES
from tests.support.monkey.true_market import SYMBOLS, Listing, hours_of
from tests.support.relay_simulation import Simulation
from tests.support.settings import changed

_OK = 200
MINUTE = timedelta(minutes=1)
_JITTER = 50.0
_LIE_A_MINUTE = 0.2
# How often the schedule starts an invocation in a minute: at times not at all, at times twice.
_STARTS = (1,) * 12 + (0, 2)
_SKEWS = (0.0, 0.3, -0.4)


def settings_for(
    settings: Settings, interval: int, symbols: Iterable[str] = tuple(SYMBOLS)
) -> Settings:
    """Return the settings of the world's recorder."""
    return changed(
        settings,
        nse_symbols=tuple(symbols),
        nse_fetch_interval=interval,
        nse_expiries=1,
        nse_max_requests_per_second=20,
        log_level="CRITICAL",
    )


@dataclass
class World:
    """Everything together. Time passes only in `pass_time`."""

    database: AnyDatabase
    settings: Settings
    start: datetime
    seed: int
    time: Time = field(init=False)
    environments: list[Environment] = field(default_factory=list)
    clocks: Iterator[float] = field(default_factory=lambda: cycle(_SKEWS))
    metrics: StringIO = field(default_factory=StringIO)
    deployed: list[tuple[datetime, Settings]] = field(default_factory=list)
    starts: Sequence[int] = _STARTS
    # Whether the exchange lies at any minute, also when nobody tells it to.
    restless: bool = True
    # When the operator stopped the recorder, and when it was started again.
    stops: list[tuple[datetime, datetime | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.time = Time(Simulation(), self.start)
        self.chance = Random(self.seed)
        today = exchange_date(self.start)
        days = [today + timedelta(days=ahead) for ahead in (5, 12, 33)]
        self.listing = Listing({symbol: list(days) for symbol in SYMBOLS})
        self.exchange = LyingExchange(self.now, self.listing, self.chance)
        self.trouble = Trouble(self.chance)
        self._ids = count(1)
        self._started = self.start
        self.deploy(self.settings)

    def now(self) -> datetime:
        """Return the true time."""
        return self.time.now()

    def deploy(self, settings: Settings) -> None:
        """Replace every environment, and the API, by ones with these settings."""
        self.settings = settings
        self.environments = []
        self.deployed.append((self.now(), settings))
        reading = DisturbedDatabase(self.database, self._reach, lambda _: None)
        self.api: TestClient = client(reading, self.now, settings)

    def pass_time(self, minutes: int) -> None:
        """Let minutes pass; the schedule invokes the recorder in each."""
        with redirect_stdout(self.metrics):
            for _ in range(minutes):
                if self.restless and self.chance.random() < _LIE_A_MINUTE:
                    self._lie_by_itself()
                self._schedule()
                self._started += MINUTE
                self.time.until(self._started)

    def go_to(self, instant: datetime) -> None:
        """Let time pass without a recorder at work, until the first minute at or after it."""
        with redirect_stdout(self.metrics):
            while self._started < instant:
                self._started += MINUTE
            self.time.until(self._started)

    def lie(self, name: str, symbol: str, minutes: int, share: float = 1.0) -> None:
        """Have the exchange tell a lie for some minutes."""
        until = self.now() + minutes * MINUTE
        self.exchange.lies.append(Lie(name, until, symbol, share))

    def _lie_by_itself(self) -> None:
        name = self.chance.choice(sorted(CHAIN_LIES))
        self.lie(name, self.chance.choice(self.settings.nse_symbols), 1, self.chance.random())

    def set_clocks(self, *ahead: float) -> None:
        """Replace the environments; their clocks are ahead by so many seconds, in turn."""
        self.clocks = cycle(ahead)
        self.environments = []

    def kill(self, operations: int) -> None:
        """Kill the environments at work, each when it has done so many more operations."""
        for each in self.environments:
            if each.busy:
                each.operations_left = operations

    def switch(self, what: str) -> int:
        """Stop or start the recorder through the API; return the status of the answer."""
        answer = self.api.post(f"/pipeline/{what}")
        stopped = bool(self.stops) and self.stops[-1][1] is None
        if answer.status_code == _OK and stopped != (what == "stop"):
            if stopped:
                self.stops[-1] = (self.stops[-1][0], self.now())
            else:
                self.stops.append((self.now(), None))
        return answer.status_code

    def was_stopped(self, tick: datetime) -> bool:
        """Tell whether the recorder was surely stopped at a tick, by whatever clock."""
        edge = timedelta(seconds=35)
        return any(
            since + edge < tick and (until is None or tick < until - edge)
            for since, until in self.stops
        )

    def due_ticks(self, symbol: str, day: date) -> list[datetime]:
        """Return the ticks of a symbol that are really due on a day, until a few minutes ago.

        Those of the minutes after a deployment are left out: both intervals may have held then.
        """
        if (hours := hours_of(day)) is None:
            return []
        ends = [at for at, _ in self.deployed[1:]] + [self.now() - 2 * MINUTE]
        found = []
        for (at, settings), end in zip(self.deployed, ends, strict=True):
            if symbol in settings.nse_symbols:
                begin = max(at + 4 * MINUTE if at > self.start else at, hours[0])
                found += _grid(begin, min(end, hours[1]), settings.nse_fetch_interval)
        return found

    def _schedule(self) -> None:
        begins = (self._started - self.start).total_seconds()
        for _ in range(self.chance.choice(self.starts)):
            self.time.sim.spawn(self._invoke, begins + self.chance.uniform(0, _JITTER))

    def _invoke(self) -> None:
        living = [each for each in self.environments if not each.dead]
        idle = next((each for each in living if not each.busy), None) or self._environment()
        self.environments = [*(each for each in living if each is not idle), idle]
        idle.run(f"invocation-{next(self._ids)}")

    def _environment(self) -> Environment:
        made = Environment(self.time, self.trouble, timedelta(seconds=next(self.clocks)))
        made.build(self.database, self.exchange, self.settings)
        return made

    def _reach(self, _: str) -> None:
        if self.trouble.away(self.now()):
            raise ServerSelectionTimeoutError("nobody answers")


def _grid(since: datetime, until: datetime, interval: int) -> list[datetime]:
    first, last = (-(-int(instant.timestamp()) // interval) for instant in (since, until))
    return [datetime.fromtimestamp(number * interval, UTC) for number in range(first, last)]
