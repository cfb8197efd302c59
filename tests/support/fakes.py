"""Fakes of what a unit test must not use: time, threads, the exchange, a database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast

import orjson
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ServerSelectionTimeoutError

from optionchain.errors import StoreUnavailable
from optionchain.mongo.client import Document
from optionchain.mongo.listing_register import Listing
from optionchain.mongo.source_register import SourceState
from tests.support.bodies import Json
from tests.support.mongomock_database import AnyDatabase


class SimulatedClock:
    """Time that passes only while the code sleeps; actions that are due run in between."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._due: list[tuple[datetime, Callable[[], object]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    def sleep(self, seconds: float) -> None:
        until = self._now + timedelta(seconds=seconds)
        while self._due and self._due[0][0] <= until:
            instant, action = self._due.pop(0)
            self._now = max(self._now, instant)
            action()
        self._now = max(self._now, until)

    def at(self, instant: datetime, action: Callable[[], object]) -> None:
        """Run an action when the time reaches an instant."""
        self._due.append((instant, action))
        self._due.sort(key=lambda due: due[0])


@dataclass
class FakeStateStore:
    """A SourceStateStore in memory."""

    state: SourceState = field(default_factory=SourceState)

    def read(self) -> SourceState:
        return self.state

    def write(self, state: SourceState) -> None:
        self.state = state


@dataclass
class FakeListings:
    """A ListingStore in memory: every listing that was written, and the newest of each symbol."""

    written: list[Listing] = field(default_factory=list)
    away: bool = False

    def newest(self, symbols: Sequence[str]) -> dict[str, Listing]:
        self._answer()
        return {each.symbol: each for each in self.written if each.symbol in symbols}

    def write(self, listing: Listing) -> None:
        self._answer()
        self.written.append(listing)

    def _answer(self) -> None:
        if self.away:
            raise StoreUnavailable("nobody answers")


@dataclass
class FakeExchange:
    """A ChainSource that answers bodies, or raises errors, by symbol and expiry."""

    listed: Mapping[str, Sequence[date] | Exception]
    answers: dict[tuple[str, date], Json | Exception] = field(default_factory=dict)
    asked: list[tuple[str, date]] = field(default_factory=list)
    deadlines: list[float] = field(default_factory=list)

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        self.deadlines.append(deadline)
        return list(_unless_error(self.listed[symbol]))

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        self.deadlines.append(deadline)
        self.asked.append((symbol, expiry))
        return orjson.dumps(_unless_error(self.answers[symbol, expiry]))


def _unless_error[T](answer: T | Exception) -> T:
    if isinstance(answer, Exception):
        raise answer
    return answer


class ShakyDatabase(Database[Document]):
    """A database that fails while it is `away`; otherwise it is the given one.

    `time_out` is called before it fails, to simulate the driver's time-out.
    """

    def __init__(
        self, database: AnyDatabase, time_out: Callable[[], object] = lambda: None
    ) -> None:
        self._shaky = database
        self._time_out = time_out
        self.away = False

    def __getitem__(self, name: str) -> Collection[Document]:
        return cast("Collection[Document]", _ShakyCollection(self, self._shaky[name]))

    def get_collection(self, name: str, **options: Any) -> Collection[Document]:  # type: ignore[override]  # noqa: ANN401
        shaky = _ShakyCollection(self, self._shaky.get_collection(name, **options))
        return cast("Collection[Document]", shaky)

    def command(self, *arguments: object, **options: object) -> object:  # type: ignore[override]
        self.answer()
        return self._shaky.command(*arguments, **options)  # type: ignore[call-overload]

    def create_collection(self, name: str, **options: Any) -> Collection[Document]:  # type: ignore[override]  # noqa: ANN401
        self.answer()
        return self._shaky.create_collection(name, **options)

    def answer(self) -> None:
        """Fail as the driver does, if away."""
        if self.away:
            self._time_out()
            raise ServerSelectionTimeoutError("nobody answers")


class _ShakyCollection:
    def __init__(self, database: ShakyDatabase, collection: Collection[Document]) -> None:
        self._database = database
        self._collection = collection

    def __getattr__(self, name: str) -> object:
        self._database.answer()
        return getattr(self._collection, name)
