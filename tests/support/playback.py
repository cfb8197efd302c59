"""A session recorded by the real recorder, and what the API answered during it.

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
    """A question about a symbol: a path under it, or the filter. `expiry` None is the default."""

    symbol: str
    path: str = ""
    expiry: str | None = None

    def ask(self, api: TestClient, as_of: str | None = None) -> tuple[int, Json]:
        """Return status and body; `as_of` is sent as it is."""
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
    """An answer and the instant it was given."""

    instant: datetime
    question: Question
    status: int
    answer: Json


@dataclass
class Playback:
    """A recorder and a client that asks while it records.

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
        """Ask a random choice of the questions now."""
        now = self.here.clock.now()
        for question in self.random.sample(self.questions, _AT_ONCE):
            self.served.append(Served(now, question, *question.ask(self.api)))

    def ticks(self, number: int, *, fault: str | None = None) -> None:
        """Record ticks, with or without a fault of the exchange; ask at each tick and after it."""
        faults = self.here.exchange.faults
        if fault:
            faults.add(fault)
        for _ in range(number):
            context = Context(seconds=STEP.total_seconds() / 2)
            lambda_handler({}, context, self.recorder.deps)
            self.ask()
            self.let_pass(STEP)
        faults.clear()

    def let_pass(self, time: timedelta) -> None:
        """Let time pass without a recorder, and ask once within it."""
        arrives = self.here.clock.now() + time
        part = _MILLISECOND * self.random.randrange(1, time // _MILLISECOND)
        self.here.clock.sleep(part.total_seconds())
        self.ask()
        self.here.clock.go_to(arrives)

    def outcomes(self) -> list[str]:
        """Return the outcome of every tick in the ledger, in order."""
        rows = self.recorder.database["ticks"].find(sort=[("tick", 1)])
        return [row["outcome"] for row in rows]
