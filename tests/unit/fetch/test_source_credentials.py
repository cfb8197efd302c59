"""The token in use is the newest one, without a restart, and its end is known to all."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from chain_fetch.refused import Refused
from chain_fetch.tokens.source_credentials import SourceCredentials
from chain_fetch.tokens.token_record import TokenRecord
from optionchain.errors import StoreUnavailable
from optionchain.mongo.token_register import TokenRegister, TokenState
from tests.support.fakes import ShakyDatabase, SimulatedClock
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import TICK
from tests.support.tokens import FakeTokens, token

pytestmark = uses_mongomock
DAY, WEEK = timedelta(days=1), timedelta(days=7)
YEAR = timedelta(days=365)
FIRST, SECOND = token(TICK - DAY, TICK + YEAR), token(TICK, TICK + YEAR)
ENDED = token(TICK - 2 * DAY, TICK - DAY)


def given(access_token: str, **more: str) -> dict[str, dict[str, str]]:
    return {"upstox": {"access_token": access_token, **more}}


@dataclass
class Scene:
    """A store of tokens and a database, and the credentials of several environments."""

    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(TICK))
    store: FakeTokens = field(default_factory=lambda: FakeTokens(given(FIRST)))

    def __post_init__(self) -> None:
        self.database = ShakyDatabase(memory_database())
        self.register = TokenRegister(self.database)
        self.here = self.environment()

    def environment(self) -> SourceCredentials:
        record = TokenRecord("upstox", self.register, WEEK, self.clock.now)
        return SourceCredentials(record, self.store, self.clock.monotonic)

    def after(self, seconds: float) -> str:
        self.clock.sleep(seconds)
        return self.here.current()["access_token"]

    def known(self) -> TokenState:
        return self.register.read(["upstox"])["upstox"]

    def refusal(self) -> str:
        with pytest.raises(Refused) as caught:
            self.here.current()
        assert caught.value.reason == "unauthorised"
        return caught.value.detail


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_token_is_looked_up_every_five_minutes(scene: Scene) -> None:
    assert scene.after(0) == FIRST
    scene.store.tokens = given(SECOND)
    assert [scene.after(seconds) for seconds in (1, 298, 1)] == [FIRST, FIRST, SECOND]
    assert scene.store.reads == 2


def test_start_of_an_invocation_looks_sooner_so_that_no_tick_has_to(scene: Scene) -> None:
    for seconds in (0, 120, 120, 120, 120):
        scene.clock.sleep(seconds)
        scene.here.check()
        scene.after(59)
    assert scene.store.reads == 3


def test_refused_token_is_looked_up_at_once_and_then_every_30_seconds(scene: Scene) -> None:
    scene.after(40)
    scene.clock.sleep(31)
    scene.here.refused(FIRST)
    assert (scene.store.reads, scene.known().refused_at) == (2, TICK + timedelta(seconds=71))
    scene.store.tokens = given(SECOND)
    scene.here.refused(FIRST)
    assert (scene.after(29), scene.store.reads) == (FIRST, 2)
    assert (scene.after(1), scene.store.reads) == (SECOND, 3)
    assert scene.known().refused_at is None


def test_refusal_of_a_token_of_before_says_nothing_of_the_present_one(scene: Scene) -> None:
    scene.after(0)
    scene.here.refused("another")
    assert (scene.known().refused_at, scene.store.reads) == (None, 1)


def test_refusal_that_does_not_come_again_is_forgotten(scene: Scene) -> None:
    scene.after(0)
    scene.here.refused(FIRST)
    for _ in range(41):
        scene.after(30)
    assert scene.known().refused_at is None


def test_new_environment_knows_the_refusal_of_the_same_token(scene: Scene) -> None:
    scene.after(0)
    scene.here.refused(FIRST)
    assert scene.environment().check() == (scene.known(), False)
    assert scene.known().refused_at == TICK
    scene.store.tokens = given(SECOND)
    assert scene.environment().check().replaced
    assert scene.known().refused_at is None


def test_end_and_warning_are_stored_and_the_token_is_not(scene: Scene) -> None:
    scene.after(0)
    assert scene.known() == TokenState(TICK - DAY, TICK + YEAR, TICK + YEAR - WEEK)
    stored = str(list(scene.database["source"].find({})))
    assert not [part for part in FIRST.split(".") if part in stored]


@pytest.mark.parametrize(
    ("tokens", "detail"),
    [
        (given(ENDED), "the token of upstox ended at 2026-06-18 15:02:25 IST"),
        ({}, "neither SOURCE_TOKENS nor the secret of SOURCE_SECRET_ARN has a token of upstox"),
        (given(""), "neither SOURCE_TOKENS nor the secret of SOURCE_SECRET_ARN has a token"),
    ],
)
def test_without_a_token_that_holds_nothing_is_asked(
    scene: Scene, tokens: dict[str, dict[str, str]], detail: str
) -> None:
    scene.store.tokens = tokens
    assert scene.refusal().startswith(detail)
    scene.store.tokens = given(SECOND)
    assert scene.after(30) == SECOND
    assert scene.here.check().replaced


def test_token_without_dates_is_used_and_its_end_is_not_known(scene: Scene) -> None:
    scene.store.tokens = given("opaque")
    assert scene.after(0) == "opaque"
    assert scene.known().status(TICK) == "end_unknown"


def test_store_that_is_away_costs_nothing_once_there_is_a_token(scene: Scene) -> None:
    scene.store.away = True
    assert scene.refusal() == "SOURCE_SECRET_ARN='arn': cannot be read now"
    scene.store.away = False
    assert scene.after(30) == FIRST
    scene.store.away = True
    assert scene.after(301) == FIRST


def test_removed_token_is_used_no_more(scene: Scene) -> None:
    scene.after(0)
    scene.store.tokens = {}
    scene.clock.sleep(300)
    assert "has a token of upstox" in scene.refusal()


def test_renewed_token_is_used_at_once_and_stored(scene: Scene) -> None:
    scene.after(0)
    scene.here.renewed({"access_token": SECOND})
    assert scene.after(0) == SECOND
    assert scene.store.tokens == given(SECOND)
    assert scene.known().issued_at == TICK
    assert scene.here.check().replaced


def test_renewed_token_outlives_a_store_that_cannot_be_written(scene: Scene) -> None:
    """The stored one is dead since, so it must not come back."""
    scene.store.tokens = given(FIRST, pin="1234")
    scene.after(0)
    scene.store.locked = True
    scene.here.renewed({"access_token": SECOND})
    assert scene.after(301) == SECOND
    assert "is not stored" in (scene.known().detail or "")
    scene.store.tokens, scene.store.locked = given(FIRST, pin="5678"), False
    assert scene.after(301) == SECOND
    assert scene.store.tokens == given(SECOND, pin="5678")
    assert scene.known().detail is None


def test_token_of_a_person_replaces_a_renewed_one_that_was_not_stored(scene: Scene) -> None:
    scene.after(0)
    scene.store.locked = True
    scene.here.renewed({"access_token": SECOND})
    scene.store.tokens = given("third")
    assert scene.after(301) == "third"


def test_token_that_the_source_makes_itself_may_have_ended(scene: Scene) -> None:
    scene.store.tokens = given(ENDED, pin="1234", totp_secret="BASE32")
    assert scene.here.current()["totp_secret"] == "BASE32"
    assert scene.known().status(TICK) == "ended"
    assert not scene.known().needs_a_person(TICK)


def test_database_that_is_away_keeps_no_token_from_use(scene: Scene) -> None:
    scene.database.away = True
    assert scene.after(0) == FIRST
    scene.here.refused(FIRST)
    with pytest.raises(StoreUnavailable):
        scene.known()
    scene.database.away = False
    assert scene.after(30) == FIRST
    assert scene.known().status(TICK) == "refused"
