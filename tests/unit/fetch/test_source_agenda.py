"""The evening is read by the list of the source that may be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import pytest

from chain_fetch.recording.evening.evening_agenda import EveningAgenda
from chain_fetch.recording.evening.source_agenda import AgendaOfSources
from chain_fetch.recording.reports.source_switches import SourceSwitches
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from chain_fetch.recording.source_choice.source_reader import SourceOrder, SourceReader
from optionchain.market import Market
from optionchain.mongo.source_register import SourceState
from tests.support.fakes import FakeStateStore, SimulatedClock
from tests.support.histories import ist
from tests.support.results import NoHistory, all_stored
from tests.support.snapshots import TICK

IN_SESSION, EVENING = TICK, ist(TICK.date(), "19:46")
SYMBOLS = ["NIFTY", "IDEA"]


@dataclass
class FakeAgenda:
    """The agenda of a source, by which a single symbol is due."""

    symbol: str

    def market(self) -> Market:
        return Market()

    def due(self, symbols: Sequence[str], tick: datetime) -> list[str]:  # noqa: ARG002
        return [self.symbol]

    def remarks(
        self,
        symbol: str,  # noqa: ARG002
        tick: datetime,  # noqa: ARG002
        *,
        database_away: bool = False,
    ) -> dict[str, object]:
        return {"read": self.symbol, "away": database_away}


def agenda(*, first_waits: bool = False, all_wait: bool = False) -> AgendaOfSources:
    clock = SimulatedClock(EVENING)
    waits = SourceState("blocked", "HTTP 403", TICK, EVENING + timedelta(hours=1), 1)
    states = [waits if first_waits or all_wait else SourceState()]
    states.append(waits if all_wait else SourceState())
    readers = [
        SourceReader(
            name, all_stored(lambda *_: None), SourceBackoff(FakeStateStore(state), clock.now)
        )
        for name, state in zip(("upstox", "nse"), states, strict=True)
    ]
    agendas = {"upstox": FakeAgenda("NIFTY"), "nse": FakeAgenda("IDEA")}
    order = SourceOrder(readers, SourceSwitches(NoHistory()))
    return AgendaOfSources(order, cast("dict[str, EveningAgenda]", agendas))


@pytest.mark.parametrize(("waiting", "due"), [
    ({}, "NIFTY"),
    ({"first_waits": True}, "IDEA"),
    ({"all_wait": True}, "NIFTY"),
])  # fmt: skip
def test_what_is_due_in_the_evening_is_told_by_the_source_that_may_be_asked(
    waiting: dict[str, bool], due: str
) -> None:
    found = agenda(**waiting)
    assert found.due(SYMBOLS, EVENING) == [due]
    assert found.remarks("NIFTY", EVENING, database_away=True) == {"read": due, "away": True}


def test_in_a_session_everything_is_due_and_nothing_is_remarked() -> None:
    assert agenda().due(SYMBOLS, IN_SESSION) == SYMBOLS
    assert agenda().remarks("NIFTY", IN_SESSION) == {}
