"""A monkey that lies: 10,000 ticks of the real recorder and the real API in simulated time.

Everything that the sources may do wrong is drawn at random: the exchange, its calendar, its lists,
the clocks, the database and the operator. The three promises are checked after each step.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from pymongo.database import Database

from local.mongod import Mongod, MongodUnavailable
from optionchain.exchange_time import exchange_date
from optionchain.mongo.client import Document, open_database
from optionchain.mongo.indexes import CONTRACTS
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import SecretStr, Settings
from tests.conftest import empty
from tests.support.monkey.lies import CHAIN_LIES, HOLIDAY_LIES, LIST_LIES
from tests.support.monkey.promises import Promises
from tests.support.monkey.true_market import SYMBOLS, hours_of
from tests.support.monkey.world import MINUTE, World, settings_for
from tests.support.snapshots import snapshot

DAY = timedelta(days=1)
WEDNESDAY = date(2026, 9, 16)
TICKS = 10_000
SEARCH = os.environ.get("HYPOTHESIS_PROFILE") == "search"
BOUNDS = settings(
    max_examples=100 if SEARCH else 10,
    stateful_step_count=22,
    deadline=None,
    derandomize=not SEARCH,
    database=None,
    # To shrink a long story takes minutes; its steps are printed as they are.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
symbols = st.sampled_from(sorted(SYMBOLS))
few_minutes = st.integers(1, 2)
some_minutes = st.integers(1, 20)
shares = st.sampled_from([1.0, 1.0, 0.5])
# A moment of the session, in minutes after the opening.
moments = st.sampled_from([-6, -1, 4, 60, 200, 379, 383])


@pytest.fixture(scope="module")
def fast_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A database whose writes are quick, which nobody kills."""
    try:
        with Mongod(tmp_path_factory.mktemp("monkey"), replicated=False) as server:
            yield Settings(mongodb_uri=SecretStr(server.uri), retention_days=3_650)
    except MongodUnavailable as error:
        pytest.skip(str(error))


def opening(day: date) -> datetime:
    """Return when the next session from a day on opens."""
    while (hours := hours_of(day)) is None:
        day += DAY
    return hours[0]


@dataclass(frozen=True)
class Place:
    """Where all monkeys play, one after another."""

    settings: Settings
    database: Database[Document]


class Monkey(RuleBasedStateMachine):
    """Each step changes something and lets a minute or two pass."""

    place: Place
    ticks = 0

    @initialize(seed=st.integers(0, 2**16), interval=st.sampled_from([2, 5, 5, 15]), moment=moments)
    def begin(self, seed: int, interval: int, moment: int) -> None:
        empty(self.place.database)
        start = opening(WEDNESDAY) + moment * MINUTE
        given = settings_for(self.place.settings, interval)
        self.world = World(self.place.database, given, start, seed)
        self.promises = Promises(self.world)
        self.go_on(2)

    def go_on(self, minutes: int) -> None:
        self.world.pass_time(minutes)
        self.promises.check()

    @rule(name=st.sampled_from(sorted(CHAIN_LIES)), symbol=symbols, lasts=some_minutes,
          share=shares, minutes=few_minutes)  # fmt: skip
    def lie_about_chains(
        self, name: str, symbol: str, lasts: int, share: float, minutes: int
    ) -> None:
        self.world.lie(name, symbol, lasts, share)
        self.go_on(minutes)

    @rule(name=st.sampled_from([*sorted(LIST_LIES), "the symbol is gone"]), symbol=symbols,
          lasts=some_minutes)  # fmt: skip
    def lie_about_lists(self, name: str, symbol: str, lasts: int) -> None:
        self.world.lie(name, symbol, lasts)
        self.world.environments = []
        self.go_on(1)

    @rule(name=st.sampled_from(sorted(HOLIDAY_LIES)), ahead=st.integers(0, 1), moment=moments)
    def lie_about_holidays(self, name: str, ahead: int, moment: int) -> None:
        """The list is read before a session; the lie is told until it is open."""
        day = exchange_date(self.world.now()) + ahead * DAY
        opens = opening(day)
        if opens + moment * MINUTE > self.world.now():
            self.promises.check_gaps(exchange_date(self.world.now()))
            self.world.go_to(opens - 10 * MINUTE)
            self.world.lie(name, "holidays", 15)
            self.world.pass_time(1)
            self.world.go_to(opens + moment * MINUTE)
            self.go_on(3)

    @rule(symbol=symbols, by=st.sampled_from([-1, 1]))
    def move_an_expiry(self, symbol: str, by: int) -> None:
        days = self.world.listing.now[symbol]
        moved = [days[0] + by * DAY, *days[1:]]
        if moved[0] > exchange_date(self.world.now()):
            self.world.listing.move(symbol, moved, self.world.now())
        self.go_on(2)

    @rule(symbol=symbols)
    def list_a_new_expiry(self, symbol: str) -> None:
        days = self.world.listing.now[symbol]
        self.world.listing.move(symbol, {*days, days[0] + 2 * DAY}, self.world.now())
        self.go_on(2)

    @rule(stands=st.booleans(), back=st.sampled_from([timedelta(), timedelta(minutes=3), DAY]))
    def let_the_feed_stand(self, stands: bool, back: timedelta) -> None:
        self.world.exchange.stands_since = self.world.now() - back if stands else None
        self.go_on(2)

    @rule(seconds=st.integers(1, 150))
    def take_the_database_away(self, seconds: int) -> None:
        self.world.trouble.away_until = self.world.now() + timedelta(seconds=seconds)
        self.go_on(2)

    @rule(share=st.sampled_from([0.02, 0.2]), minutes=few_minutes)
    def disturb_operations(self, share: float, minutes: int) -> None:
        self.world.trouble.share = share
        self.go_on(minutes)
        self.world.trouble.share = 0.0

    @rule(operations=st.integers(0, 40))
    def kill(self, operations: int) -> None:
        self.world.kill(operations)
        self.go_on(1)

    @rule()
    def replace_environments(self) -> None:
        self.world.environments = []
        self.go_on(1)

    @rule(skews=st.sampled_from([(0.0, 30.0), (-30.0, 0.0), (30.0, -1.0)]))
    def set_clocks(self, skews: tuple[float, ...]) -> None:
        self.world.set_clocks(*skews)
        self.go_on(3)

    @rule(interval=st.sampled_from([2, 5, 15, 30]), names=st.sampled_from([SYMBOLS, ["IDEA"]]))
    def deploy(self, interval: int, names: Iterable[str]) -> None:
        self.world.deploy(settings_for(self.place.settings, interval, names))
        self.go_on(1)

    @rule(what=st.sampled_from(["stop", "start"]))
    def switch(self, what: str) -> None:
        assert self.world.switch(what) in ((200, 503) if self.away() else (200,))
        self.go_on(1)

    @rule(minutes=st.integers(1, 3))
    def lose_the_schedule(self, minutes: int) -> None:
        usual, self.world.starts = self.world.starts, [0]
        self.go_on(minutes)
        self.world.starts = usual

    @rule(moment=moments)
    def go_to_a_moment(self, moment: int) -> None:
        self.promises.check_gaps(exchange_date(self.world.now()))
        now = self.world.now()
        there = opening(exchange_date(now)) + moment * MINUTE
        self.world.go_to(there if there > now else opening(exchange_date(now) + DAY))
        self.go_on(2)

    @rule(symbol=symbols, ahead=st.sampled_from([DAY, 365 * DAY]))
    def find_a_poisoned_header(self, symbol: str, ahead: timedelta) -> None:
        """A version before this one has stored what was stamped ahead."""
        expiry, now = self.world.listing.now[symbol][0], self.world.now().replace(microsecond=0)
        tick = now - timedelta(seconds=now.second % 5, minutes=2) + timedelta(seconds=1)
        poisoned = snapshot(symbol=symbol, expiry=expiry, tick=tick, stamp=now + ahead)
        self.promises.planted.add((symbol, expiry, tick))
        SnapshotWriter(self.place.database).commit(Commit(poisoned))
        self.go_on(2)

    @rule(symbol=symbols)
    def lose_a_contract(self, symbol: str) -> None:
        """MongoDB deletes what has expired in no order; the rest must not pass for the whole."""
        expiry = self.world.listing.now[symbol][0]
        if rows := self.promises.stored[symbol, expiry]:
            header = rows[-1].header
            key = {name: header[name] for name in ("symbol", "expiry", "fetched_at")}
            self.place.database[CONTRACTS].delete_one(key)
            self.promises.damaged.add((symbol, expiry, header["fetched_at"]))
        self.go_on(1)

    @rule()
    def recover(self) -> None:
        """All is well again: within minutes the record says so, and is right."""
        world = self.world
        world.exchange.lies.clear()
        world.exchange.stands_since = world.trouble.away_until = None
        world.set_clocks(0.0)
        assert world.switch("start") == 200
        until = world.api.get("/pipeline/status").json()["source"]["until"]
        if until:
            world.go_to(datetime.fromisoformat(until))
        opens, closes = hours_of(exchange_date(world.now())) or (world.now(), world.now())
        if not opens + 6 * MINUTE < world.now() < closes - 6 * MINUTE:
            world.go_to(opening(exchange_date(world.now()) + DAY) + 8 * MINUTE)
        usual, world.starts, world.restless = world.starts, [1], False
        self.go_on(3)
        self.promises.check_recovered()
        world.starts, world.restless = usual, True

    def away(self) -> bool:
        return self.world.trouble.away(self.world.now())

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.trouble.away_until = None
            self.go_on(2)
            self.promises.check_gaps(exchange_date(self.world.now()))
            Monkey.ticks += self.promises.ticks


@pytest.mark.timeout(0 if SEARCH else 2_400)
def test_no_lie_makes_the_record_lie(fast_settings: Settings) -> None:
    Monkey.place = Place(fast_settings, open_database(fast_settings))
    with Monkey.place.database.client:
        run_state_machine_as_test(Monkey, settings=BOUNDS)
    assert Monkey.ticks >= TICKS
