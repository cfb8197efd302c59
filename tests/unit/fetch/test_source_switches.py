"""At which tick a symbol is read from another source, whoever read the ticks before."""

from dataclasses import dataclass, field
from datetime import datetime

from chain_fetch.recording.source_switches import SourceSwitches
from optionchain.errors import StoreUnavailable
from tests.support.snapshots import INTERVAL, TICK


@dataclass
class History:
    """A ledger whose last tick before any instant was read from `source`."""

    source: str | None = "nse"
    away: bool = False
    asked: list[datetime] = field(default_factory=list)

    def last_source(self, symbol: str, before: datetime) -> str | None:  # noqa: ARG002
        self.asked.append(before)
        if self.away:
            raise StoreUnavailable("nobody answers")
        return self.source


def test_the_ledger_is_asked_once_while_the_ticks_follow_each_other() -> None:
    history = History()
    switches = SourceSwitches(history)
    found = [switches.before("NIFTY", TICK + n * INTERVAL, "nse", INTERVAL) for n in range(5)]
    assert found == [None] * 5
    assert history.asked == [TICK]


def test_a_change_is_a_switch_only_if_the_ledger_has_another_source() -> None:
    history = History()
    switches = SourceSwitches(history)
    switches.before("NIFTY", TICK, "nse", INTERVAL)
    assert switches.before("NIFTY", TICK + INTERVAL, "upstox", INTERVAL) == "nse"
    history.source = "nse"  # another invocation has read the ticks in between
    assert switches.before("NIFTY", TICK + 9 * INTERVAL, "upstox", INTERVAL) == "nse"
    history.source = "upstox"
    assert switches.before("NIFTY", TICK + 20 * INTERVAL, "upstox", INTERVAL) is None


def test_nothing_is_said_of_a_first_tick_or_without_the_database() -> None:
    for history in (History(source=None), History(away=True)):
        assert SourceSwitches(history).before("NIFTY", TICK, "nse", INTERVAL) is None
