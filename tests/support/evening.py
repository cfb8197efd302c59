"""The evenings of the real recorder in simulated time: an exchange that rewrites the day, shifts.

Each minute an invocation begins, as by the schedule; `Evening.run` lets the time pass.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import orjson

from chain_fetch.dependencies import Dependencies, over
from chain_fetch.handler import lambda_handler
from chain_fetch.refused import Refused
from local.run.simulated_time import InlineExecutor
from optionchain.announced_days import HOLIDAYS_2026
from optionchain.exchange_time import exchange_date, expiry_text, parse_expiry
from optionchain.market import Market
from optionchain.mongo.client import Document
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.settings import Settings
from tests.support.bodies import Json, chain_body
from tests.support.fakes import ShakyDatabase
from tests.support.histories import ist
from tests.support.mongomock_database import RETENTION_DAYS, AnyDatabase
from tests.support.recorder import Context
from tests.support.relay_simulation import Killed, Simulation, Task, Worker
from tests.support.settings import changed

DAY = date(2026, 9, 22)
MINUTE = timedelta(minutes=1)
# The series of NIFTY that ends on this day is listed and sent until midnight.
LISTED: Mapping[str, tuple[date, ...]] = {
    "NIFTY": (DAY, *(DAY + timedelta(days=7 * week) for week in (1, 2, 3, 5, 9))),
    "BANKNIFTY": tuple(DAY + timedelta(days=7 * week) for week in (1, 5, 9)),
}
ALL = sum(map(len, LISTED.values()))
# Lambda ends an invocation after 150 s; `Context` adds what the handler keeps for its end.
_INVOCATION_SECONDS = 135.0

type Fault = Callable[[str, date | None, datetime], Exception | bytes | None]


@dataclass
class RewritingExchange:
    """Answers chains whose open interest is rewritten at an instant after the close, or never.

    An answer takes a second. `fault` may replace it: by symbol, expiry (None for a list) and time.
    """

    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    rewritten_at: datetime | None
    fault: Fault = lambda symbol, expiry, at: None  # noqa: ARG005
    asked: list[tuple[datetime, str, date]] = field(default_factory=list)

    def get(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:  # noqa: ARG002
        """Return the body of an answer; raise Refused."""
        name, symbol = path.rpartition("/")[2], params.get("symbol", "")
        expiry = parse_expiry(params["expiry"]) if "expiry" in params else None
        if expiry:
            self.asked.append((self.now(), symbol, expiry))
        self.sleep(1)
        if fault := self.fault(symbol, expiry, self.now()):
            if isinstance(fault, bytes):
                return fault
            raise fault
        if expiry:
            return orjson.dumps(self.chain(symbol, expiry))
        return orjson.dumps(self._list(name, symbol))

    def chain(self, symbol: str, expiry: date) -> Json:
        """Return the body of now: trades move it until the close, and a rewrite after it."""
        now, day = self.now(), exchange_date(self.now())
        closes = Market().sessions(day)[-1].closes
        stamp = min(now, closes).replace(microsecond=0)
        traded = (stamp - ist(day, "09:15")) // timedelta(seconds=30)
        rewritten = self.rewritten_at is not None and now >= self.rewritten_at
        body = chain_body(
            symbol=symbol,
            expiry=expiry,
            stamp=stamp,
            total_traded_volume=5_000 + traded,
            open_interest=1_000 + traded - (20 if rewritten else 0),
            # It goes on moving after the close, and is no sign of a rewrite.
            implied_volatility=12.5 + (0 if now < ist(day, "16:30") else 0.25),
        )
        body["records"]["expiryDates"] = [expiry_text(each) for each in LISTED[symbol]]
        return body

    def close(self) -> None:
        """Do nothing: there are no connections."""

    @staticmethod
    def _list(name: str, symbol: str) -> Json:
        if name == "option-chain-contract-info":
            return {"expiryDates": [expiry_text(each) for each in LISTED[symbol]]}
        if name == "holiday-master":
            return {"FO": [{"tradingDate": expiry_text(day)} for day in sorted(HOLIDAYS_2026)]}
        rows = [{"symbol": symbol, "underlying": symbol} for symbol in LISTED]
        return {"data": {"IndexList": rows, "UnderlyingList": []}}


@dataclass
class _Invocation:
    began: datetime
    task: Task
    worker: Worker | None = None
    ended: datetime | None = None


class Evening:
    """One exchange, one database, and a schedule that starts an invocation each minute."""

    def __init__(
        self,
        database: AnyDatabase,
        start: datetime,
        rewritten_at: datetime | None = None,
        **changes: object,
    ) -> None:
        self.sim, self.start = Simulation(), start
        self.database = ShakyDatabase(database)
        self.exchange = RewritingExchange(self.now, self._answer_takes, rewritten_at)
        given: dict[str, object] = {
            "nse_symbols": tuple(LISTED),
            "nse_fetch_interval": 20,
            # More than a setting allows: a real second is in the way of a simulated one.
            "nse_max_requests_per_second": 3_000,
            "retention_days": RETENTION_DAYS,
            "log_level": "ERROR",
        }
        self.settings = changed(Settings(), **(given | changes))
        self.invocations: list[_Invocation] = []
        self.metrics = StringIO()
        self._idle: list[Dependencies] = []

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.sim.now)

    def monotonic(self) -> float:
        return self.sim.now

    def sleep(self, seconds: float) -> None:
        self.sim.sleep(seconds)

    def _answer_takes(self, seconds: float) -> None:
        self.sim.sleep(seconds)

    def run(self, until: str, offset: float = 0.4, times: int = 1) -> None:
        """Let the time pass until a time of the day in India, a start in each of its minutes."""
        end = ist(exchange_date(self.start), until)
        minute = self.now()
        while minute < end:
            for _ in range(times):
                self.invoke(minute + timedelta(seconds=offset))
            minute += MINUTE
        with redirect_stdout(self.metrics):
            self.sim.run((end - self.start).total_seconds())

    def pass_idle(self, until: str) -> None:
        """Let the time pass without a start."""
        self.sim.run((ist(exchange_date(self.start), until) - self.start).total_seconds())

    def at(self, text: str, action: Callable[[], object]) -> None:
        """Run an action at a time of the day in India."""
        when = ist(exchange_date(self.start), text)
        self.sim.spawn(lambda: (action(), None)[1], (when - self.start).total_seconds())

    def invoke(self, at: datetime) -> None:
        """Start an invocation at an instant."""
        number = len(self.invocations)
        task = self.sim.spawn(lambda: self._invoke(number), (at - self.start).total_seconds())
        self.invocations.append(_Invocation(at, task))

    def kill(self) -> None:
        """End every invocation that is running now, as a crash would."""
        for each in self.invocations:
            if each.began < self.now() and each.ended is None:
                for task in (each.task, *(each.worker.tasks if each.worker else ())):
                    task.killed = True

    def _invoke(self, number: int) -> None:
        invocation = self.invocations[number]
        deps = self._idle.pop() if self._idle else self._environment()
        invocation.worker = Worker(self.sim)
        worker = invocation.worker
        try:
            context = Context(f"i{number}", _INVOCATION_SECONDS)
            lambda_handler({}, context, replace(deps, worker=lambda: worker))
            self._idle.append(deps)
        except Killed:
            pass
        finally:
            invocation.ended = self.now()

    def _environment(self) -> Dependencies:
        deps = over(self.database, InlineExecutor(), self.settings, self, self.exchange)
        return replace(deps, last_session=None)  # the database is empty for brevity

    # What came of it.

    def entries(self, symbol: str | None = None) -> list[Document]:
        """Return the ledger's evening ticks, by tick."""
        query: dict[str, Any] = {"tick": {"$gte": ist(exchange_date(self.start), "19:00")}}
        if symbol:
            query["symbol"] = symbol
        return list(self.database["ticks"].find(query, sort=[("tick", 1), ("symbol", 1)]))

    def settled(self, day: date | None = None) -> dict[tuple[str, date], datetime]:
        """Return the tick of the final chain of each expiry that has one."""
        reader, day = SnapshotReader(self.database), day or exchange_date(self.start)
        found = {
            (symbol, expiry): reader.settled_header(symbol, expiry, day)
            for symbol, days in LISTED.items()
            for expiry in days
        }
        return {key: header["fetched_at"] for key, header in found.items() if header}

    def asked(self, since: str, until: str) -> Counter[tuple[str, date]]:
        """Return how often each chain was asked for between two times of the day."""
        day = exchange_date(self.start)
        return Counter(
            (symbol, expiry)
            for at, symbol, expiry in self.exchange.asked
            if ist(day, since) <= at < ist(day, until)
        )

    def paid_seconds(self) -> float:
        """Return for how long the evening's invocations ran."""
        first = ist(exchange_date(self.start), "19:00")
        return sum(
            (each.ended - each.began).total_seconds()
            for each in self.invocations
            if each.ended and each.began > first
        )

    def counted(self, name: str) -> list[float]:
        """Return the values of a metric of the recorder as a whole, in order."""
        return [value for line in self._lines() for value in line.get(name, ())]

    def _lines(self) -> Iterator[Json]:
        for line in self.metrics.getvalue().splitlines():
            if '"_aws"' in line:
                yield json.loads(line)


def evening(
    database: AnyDatabase,
    rewritten_at: str | None = "18:30",
    offset: float = 0.4,
    times: int = 1,
    prepare: Callable[[Evening], object] = lambda here: None,  # noqa: ARG005
) -> Evening:
    """Return an evening that has passed: the last minute of the session, and both rounds.

    `offset` is how many seconds after a minute its invocation begins, and `times` how many begin.
    `prepare` is called before the evening.
    """
    rewrite = ist(DAY, rewritten_at) if rewritten_at else None
    here = Evening(database, ist(DAY, "15:39"), rewrite)
    here.run("15:47")
    here.pass_idle("19:40")
    prepare(here)
    here.run("20:02", offset, times)
    here.pass_idle("20:55")
    here.run("21:17", offset, times)
    return here


def clock_text(instant: datetime) -> str:
    """Return a time of the day in India: `19:45`."""
    return f"{instant.astimezone(UTC) + timedelta(hours=5, minutes=30):%H:%M}"


REFUSED = Refused("server_error", "HTTP 503")
