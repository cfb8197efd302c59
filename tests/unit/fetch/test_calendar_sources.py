"""Whichever of several sources can answer is asked about holidays and closed days."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from math import inf
from typing import cast

import pytest

from chain_fetch.recording.lists.calendar_sources import (
    CalendarWatches,
    HolidayList,
    ListsOfSources,
)
from chain_fetch.recording.lists.calendar_watch import CalendarWatch
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.refused import Refused
from optionchain.errors import PayloadInvalid
from optionchain.market import Market
from optionchain.mongo.source_register import SourceState
from tests.support.bodies import EXPIRY
from tests.support.fakes import FakeStateStore, SimulatedClock
from tests.support.snapshots import TICK

DAYS = frozenset({date(2026, 1, 26)})
WAITING = SourceState("blocked", "HTTP 403", TICK, TICK + timedelta(hours=1), 1)


@dataclass
class FakeSource:
    """Answers its name, or raises `error`."""

    name: str
    error: Exception | None = None
    store: FakeStateStore = field(default_factory=FakeStateStore)
    asked: int = 0

    def holidays(self, deadline: float) -> frozenset[date]:  # noqa: ARG002
        self.asked += 1
        if self.error:
            raise self.error
        return DAYS

    def expiries(self, symbol: str, deadline: float) -> list[date]:  # noqa: ARG002
        return [EXPIRY]

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:  # noqa: ARG002
        return self.name.encode()

    @property
    def backoff(self) -> SourceBackoff:
        return SourceBackoff(self.store, SimulatedClock(TICK).now)

    # As a CalendarWatch.

    def market(self, symbols: list[str]) -> Market:
        assert symbols == ["NIFTY"]
        self.asked += 1
        return Market()

    def renew(self, seconds: float) -> None:
        assert seconds == 2.0
        self.asked += 1


def lists_of(*sources: FakeSource) -> ListsOfSources:
    return ListsOfSources(sources[0], [HolidayList(each, each.backoff) for each in sources])


@pytest.mark.parametrize("error", [
    Refused("blocked", "HTTP 403"),
    Refused("timeout", "nobody answers"),
    PayloadInvalid("not a list of days", "FO"),
])  # fmt: skip
def test_another_source_tells_the_holidays_that_the_first_one_does_not(error: Exception) -> None:
    first, second = FakeSource("a", error), FakeSource("b")
    assert lists_of(first, second).holidays(inf) == DAYS
    blocked = isinstance(error, Refused) and error.reason == "blocked"
    assert bool(first.store.state.until) == blocked


def test_a_source_that_waits_is_not_asked_for_holidays() -> None:
    first, second = FakeSource("a", store=FakeStateStore(WAITING)), FakeSource("b")
    assert lists_of(first, second).holidays(inf) == DAYS
    assert (first.asked, second.asked) == (0, 1)


def test_without_an_answer_the_last_failure_is_told() -> None:
    first = FakeSource("a", PayloadInvalid("not a list of days", "FO"))
    second = FakeSource("b", Refused("timeout", "nobody answers"))
    with pytest.raises(Refused, match="nobody answers"):
        lists_of(first, second).holidays(inf)
    with pytest.raises(Refused, match="no source that lists holidays is asked"):
        ListsOfSources(first, []).holidays(inf)


def test_chains_are_those_of_the_source_itself() -> None:
    found = lists_of(FakeSource("a"), FakeSource("b"))
    assert found.expiries("NIFTY", inf) == [EXPIRY]
    assert found.chain("NIFTY", EXPIRY, inf) == b"a"


@pytest.mark.parametrize(("waiting", "asked"), [
    ([False, False], [2, 0]),
    ([True, False], [0, 2]),
    ([True, True], [2, 0]),
    ([True], [2]),
])  # fmt: skip
def test_the_calendar_is_doubted_by_the_first_source_that_may_ask(
    waiting: list[bool], asked: list[int]
) -> None:
    sources = [
        FakeSource("source", store=FakeStateStore(WAITING if each else SourceState()))
        for each in waiting
    ]
    watches = CalendarWatches(cast("list[CalendarWatch]", sources))
    watches.market(["NIFTY"])
    watches.renew(2.0)
    assert [each.asked for each in sources] == asked
