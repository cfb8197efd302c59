"""A session played on a real recorder, and all that the API answered meanwhile.

Simulated time, real HTTP, a real mongod: asked again afterwards, the same moments must be
answered alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import quote

from starlette.testclient import TestClient

from chain_fetch.handler import lambda_handler
from tests.support.api import client
from tests.support.recorder import Context
from tests.support.scripted_nse import STEP, Recorder, Scene

type Json = dict[str, Any]

_MILLISECOND = timedelta(milliseconds=1)
_AT_ONCE = 4


@dataclass(frozen=True)
class Question:
    """What is asked of a symbol: a path under it, or the filter; `expiry` None is the default."""

    symbol: str
    path: str = ""
    expiry: str | None = None

    def ask(self, api: TestClient, as_of: str | None = None) -> tuple[int, Json]:
        """Return status and body; `as_of` goes out as it is written, escaped where it must be."""
        if self.path == "filter":
            body = {"symbol": self.symbol, "limit": 5_000, "expiry_date": self.expiry}
            response = api.post("/option-chain/filter", json=body | {"as_of": as_of})
        else:
            given = {"expiry": self.expiry, "as_of": as_of}
            query = "&".join(f"{name}={text}" for name, text in given.items() if text)
            response = api.get(f"/option-chain/{quote(self.symbol)}{self.path}?{query}")
        answer: Json = response.json()
        return response.status_code, answer


@dataclass(frozen=True)
class Served:
    """What was answered at an instant."""

    instant: datetime
    question: Question
    status: int
    answer: Json


@dataclass
class Playback:
    """A recorder at work, and somebody who asks while it is.

    What is asked at the instant of a tick is asked after it was read.
    """

    here: Scene
    recorder: Recorder
    questions: Sequence[Question]
    random: Random
    served: list[Served] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.api = client(self.here.database, self.here.clock.now, self.here.settings)

    def ask(self) -> None:
        """Ask some of the questions now, drawn anew each time."""
        now = self.here.clock.now()
        for question in self.random.sample(self.questions, _AT_ONCE):
            self.served.append(Served(now, question, *question.ask(self.api)))

    def ticks(self, number: int, *, fault: str | None = None) -> None:
        """Have ticks read, the exchange at fault or not; ask at each, and somewhere after it."""
        faults = self.here.exchange.faults
        if fault:
            faults.add(fault)
        for _ in range(number):
            lambda_handler(
                {}, Context("the-only-one", STEP.total_seconds() / 2), self.recorder.deps
            )
            self.ask()
            self.let_pass(STEP)
        faults.clear()

    def let_pass(self, time: timedelta) -> None:
        """Let time pass without a recorder, and ask once meanwhile."""
        arrives = self.here.clock.now() + time
        part = _MILLISECOND * self.random.randrange(1, time // _MILLISECOND)
        self.here.clock.sleep(part.total_seconds())
        self.ask()
        self.here.clock.go_to(arrives)

    def outcomes(self) -> list[str]:
        """Return what the ledger says of every tick, in order."""
        rows = self.recorder.database["ticks"].find(sort=[("tick", 1)])
        return [row["outcome"] for row in rows]
