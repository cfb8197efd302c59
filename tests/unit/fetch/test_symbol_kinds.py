"""The list of underlyings: read once a day by all environments together, and never forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from chain_fetch.nse.symbol_kinds import SymbolKinds
from chain_fetch.refused import Refused
from chain_fetch.unknown_symbol import UnknownSymbol
from optionchain.errors import PayloadInvalid, StoreUnavailable
from optionchain.mongo.underlying_register import Underlyings
from tests.support.fakes import SimulatedClock
from tests.support.snapshots import TICK

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
WHOLE = {"NIFTY": "Indices", "M&M": "Equity"}


@dataclass
class Lists:
    """The exchange's list and the stored one."""

    sent: Mapping[str, str] | Exception = field(default_factory=lambda: WHOLE)
    stored: Underlyings | None = None
    away: bool = False
    asked: int = 0

    def ask(self, deadline: float) -> Mapping[str, str]:  # noqa: ARG002
        self.asked += 1
        if isinstance(self.sent, Exception):
            raise self.sent
        return self.sent

    def read(self) -> Underlyings | None:
        if self.away:
            raise StoreUnavailable("nobody answers")
        return self.stored

    def write(self, underlyings: Underlyings) -> None:
        if self.away:
            raise StoreUnavailable("nobody answers")
        self.stored = underlyings


@pytest.fixture
def lists() -> Lists:
    return Lists()


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(TICK)


def kinds(lists: Lists, clock: SimulatedClock) -> SymbolKinds:
    return SymbolKinds(lists.ask, clock.now, lists)


def test_all_environments_together_ask_once_a_day(lists: Lists, clock: SimulatedClock) -> None:
    first, second = kinds(lists, clock), kinds(lists, clock)
    for day in (1, 2, 3):
        for each in (first, second):
            each.refresh("NIFTY", 0)
            assert (each.of("NIFTY", 0), each.of("M&M", 0)) == ("Indices", "Equity")
        assert lists.asked == day
        clock.sleep(DAY.total_seconds())


def test_a_symbol_that_the_list_lost_is_known_further_and_marked(
    lists: Lists, clock: SimulatedClock
) -> None:
    before = kinds(lists, clock)
    before.refresh("M&M", 0)
    clock.sleep(DAY.total_seconds())
    lists.sent = {"NIFTY": "Indices"}
    for each in (before, kinds(lists, clock)):
        each.refresh("M&M", 0)
        assert each.of("M&M", 0) == "Equity"
    assert lists.stored is not None
    assert lists.stored.lacks("M&M")
    lists.sent = WHOLE
    clock.sleep(DAY.total_seconds())
    before.refresh("M&M", 0)
    assert not lists.stored.lacks("M&M")


def test_a_new_symbol_is_found_within_a_minute(lists: Lists, clock: SimulatedClock) -> None:
    known = kinds(lists, clock)
    for _ in range(25):
        with pytest.raises(UnknownSymbol, match="'IDEA' is none of the 2 symbols that are listed"):
            known.of("IDEA", 0)
        clock.sleep(5)
    assert lists.asked == 3, "once a minute"
    lists.sent = {**WHOLE, "IDEA": "Equity"}
    clock.sleep(60)
    assert known.of("IDEA", 0) == "Equity"


def test_a_misspelt_symbol_is_told_with_what_is_near(lists: Lists, clock: SimulatedClock) -> None:
    lists.sent = {**WHOLE, "BANKNIFTY": "Indices"}
    with pytest.raises(UnknownSymbol, match=r"near to it: NIFTY, BANKNIFTY$") as caught:
        kinds(lists, clock).refresh("NIFTTY", 0)
    assert caught.value.reason == "unknown_symbol"


@pytest.mark.parametrize("cut", [{"NIFTY": "Indices"}, {"NIFTY": "Indices", "M&M": "Equity"}])
def test_a_list_that_may_be_cut_short_makes_no_symbol_unknown(
    cut: Mapping[str, str], lists: Lists, clock: SimulatedClock
) -> None:
    """It lacks a kind, or more than a tenth of what an earlier one had."""
    known = kinds(lists, clock)
    if len(cut) > 1:
        lists.sent = {**WHOLE, "IDEA": "Equity"}
        known.refresh("NIFTY", 0)
        clock.sleep(DAY.total_seconds())
    lists.sent = cut
    with pytest.raises(PayloadInvalid, match="'SBIN', and may have been cut short") as caught:
        known.refresh("SBIN", 0)
    assert caught.value.reason == "invalid_payload"


def test_a_failed_reading_keeps_what_is_known_and_is_tried_again(
    lists: Lists, clock: SimulatedClock
) -> None:
    known = kinds(lists, clock)
    known.refresh("NIFTY", 0)
    clock.sleep(DAY.total_seconds())
    lists.sent = Refused("server_error", "HTTP 503")
    for _ in range(12):
        known.refresh("NIFTY", 0)
        clock.sleep(5)
    assert lists.asked == 2
    known.refresh("NIFTY", 0)
    assert lists.asked == 3
    with pytest.raises(Refused, match="HTTP 503"):
        known.refresh("IDEA", 0)


def test_without_a_database_each_environment_asks_itself(
    lists: Lists, clock: SimulatedClock
) -> None:
    lists.away = True
    for count in (1, 2):
        assert kinds(lists, clock).of("M&M", 0) == "Equity"
        assert lists.asked == count


def test_the_whole_list_is_read_at_once_and_not_again_that_day(
    lists: Lists, clock: SimulatedClock
) -> None:
    environment = kinds(lists, clock)
    assert environment.read_all(0.0) == WHOLE
    lists.sent = {"NIFTY": "Indices"}
    assert environment.of("M&M", 0.0) == "Equity"
    assert lists.asked == 1
    clock.sleep(DAY.total_seconds())
    assert environment.read_all(0.0) == {"NIFTY": "Indices"}
    assert environment.of("M&M", 0.0) == "Equity", "it is still asked for"
    lists.sent = Refused("timeout", "slow")
    with pytest.raises(Refused):
        environment.read_all(0.0)
    assert environment.of("NIFTY", 0.0) == "Indices"
