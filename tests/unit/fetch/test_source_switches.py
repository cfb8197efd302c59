"""At which tick a symbol is read from another source, whoever read the ticks before."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from chain_fetch.recording.reports.source_switches import SourceSwitches
from optionchain.errors import StoreUnavailable
from tests.support.snapshots import INTERVAL, TICK


@dataclass
class History:
    """A ledger whose last tick before any instant was read from `source`."""

    source: str | None = "nse"
    away: bool = False
    asked: list[tuple[list[str], datetime]] = field(default_factory=list)

    def last_sources(self, symbols: Sequence[str], before: datetime) -> dict[str, str]:
        self.asked.append((list(symbols), before))
        if self.away:
            raise StoreUnavailable("nobody answers")
        return dict.fromkeys(symbols, self.source) if self.source else {}


class Recorder:
    """Reads ticks of some symbols, all from one source."""

    def __init__(self, history: History, *symbols: str) -> None:
        self._switches, self._symbols = SourceSwitches(history), symbols or ("NIFTY",)

    def before(self, number: int, source: str) -> str | None:
        """Return the source before of the n-th tick, the same for all symbols."""
        sources = dict.fromkeys(self._symbols, source)
        found = self._switches.before(TICK + number * INTERVAL, sources, lambda _: INTERVAL)
        assert found.keys() in (sources.keys(), set())
        return next(iter(found.values()), None)


def test_the_ledger_is_asked_once_while_the_ticks_follow_each_other() -> None:
    """It is one question for all symbols, and one more where another recorder read ticks."""
    history, symbols = History(), ["NIFTY", "IDEA"]
    recorder = Recorder(history, *symbols)
    assert [recorder.before(number, "nse") for number in (0, 1, 2, 5, 6)] == [None] * 5
    assert history.asked == [(symbols, TICK), (symbols, TICK + 5 * INTERVAL)]


def test_a_change_is_a_switch_only_if_the_ledger_has_another_source() -> None:
    history = History()
    recorder = Recorder(history)
    recorder.before(0, "nse")
    assert recorder.before(1, "upstox") == "nse"
    history.source = "nse"  # another invocation has read the ticks in between
    assert recorder.before(9, "upstox") == "nse"
    history.source = "upstox"
    assert recorder.before(20, "upstox") is None


def test_nothing_is_said_of_a_first_tick_or_without_the_database() -> None:
    for history in (History(source=None), History(away=True)):
        assert Recorder(history).before(0, "nse") is None
