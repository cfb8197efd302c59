"""Dhan's token is renewed in time, by one recorder, and never at the cost of a tick or a secret."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from chain_fetch.dhan.token_exchange import LoginRefused
from chain_fetch.dhan.token_renewal import TokenRenewal
from chain_fetch.refused import Refused
from optionchain.exchange_time import IST
from optionchain.mongo.token_register import TokenRegister, TokenState
from tests.support.dhan_account import CLIENT, PIN, TOTP, Recorders
from tests.support.mongomock_database import uses_mongomock

pytestmark = uses_mongomock
# In India: 11:30, a quarter to four and nine in the evening, of a Friday.
NOON = datetime(2026, 9, 18, 6, 0, tzinfo=UTC)
CLOSING, EVENING = (NOON + timedelta(hours=hours) for hours in (4.25, 9.5))
LOGIN = {"pin": PIN, "totp_secret": TOTP}
HOUR = timedelta(hours=1)
LOST = Refused("timeout", "no answer in time")


def recorders(
    kind: str, hours: float, start: datetime = NOON, login: Mapping[str, str] | None = None
) -> Recorders:
    """Recorders whose token ends in so many hours."""
    scene = Recorders(start)
    scene.give(scene.account.make(kind, hours * HOUR), **(login or {}))
    return scene


def sent_with(scene: Recorders, one: TokenRenewal) -> str:
    return one.current(scene.within()).access_token


@pytest.mark.parametrize(
    ("start", "hours", "calls"),
    [
        # A renewal may lose its answer, and other recorders lose a request: not while trading.
        (NOON, 3.1, 0),
        (NOON, 2.9, 1),
        (CLOSING, 19.9, 1),
        (CLOSING, 20.1, 0),
        (EVENING, 19.9, 1),
    ],
)
@pytest.mark.parametrize(("kind", "way"), [("SELF", "renew"), ("APP", "log_in")])
def test_a_token_is_renewed_when_it_would_end_too_soon(
    kind: str, way: str, start: datetime, hours: float, calls: int
) -> None:
    scene = recorders(kind, hours, start, login=LOGIN)
    one = scene.one()
    assert sent_with(scene, one) == sent_with(scene, one) == scene.account.alive
    assert scene.account.calls == [way] * calls
    assert scene.store.tokens["dhan"]["access_token"] == scene.account.alive


def test_no_session_of_a_week_sees_a_renewal() -> None:
    """From Monday to Friday: three ticks of each session, the closing tick, the evening rounds."""
    monday = datetime(2026, 9, 14, tzinfo=IST)
    scene = recorders("SELF", 20, monday + time_of("09:00"))
    one, renewed_at = scene.one(), []
    for day in range(5):
        for text in ("09:15", "12:00", "15:39", "15:45", "19:45", "20:10", "21:00"):
            at = monday + timedelta(days=day) + time_of(text)
            scene.clock.sleep((at - scene.clock.now()).total_seconds())
            before = len(scene.account.calls)
            assert sent_with(scene, one) == scene.account.alive
            renewed_at += [text] * (len(scene.account.calls) - before)
    assert set(renewed_at) == {"15:45", "20:10"}
    assert len(renewed_at) == 10


def time_of(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


@pytest.mark.parametrize("kind", ["SELF", "APP"])
def test_without_a_login_an_ended_token_waits_for_a_person(kind: str) -> None:
    scene = recorders(kind, -1)
    with pytest.raises(Refused) as caught:
        scene.one().current(scene.within())
    assert (caught.value.reason, scene.account.calls) == ("unauthorised", [])


def test_with_a_login_an_ended_token_and_a_missing_one_are_made_anew() -> None:
    for hours in (-1.0, None):
        scene = recorders("SELF", hours or 1, login=LOGIN)
        if hours is None:
            scene.store.tokens = {"dhan": {"client_id": CLIENT, **LOGIN}}
        one = scene.one()
        assert sent_with(scene, one) == scene.account.alive
        assert scene.account.calls == ["log_in"]


def test_a_token_that_is_not_renewed_is_made_by_the_login_at_once() -> None:
    scene = recorders("SELF", 2, login=LOGIN)
    scene.account.made_by_login = scene.account.alive  # its claim is wrong
    assert sent_with(scene, scene.one()) == scene.account.alive
    assert scene.account.calls == ["renew", "log_in"]


def test_a_renewal_that_fails_costs_nothing_while_the_token_holds() -> None:
    scene = recorders("SELF", 2)
    one, before = scene.one(), scene.account.alive
    scene.account.fails = LOST
    for _ in range(25):
        assert sent_with(scene, one) == before
        scene.clock.sleep(5)
    assert scene.account.calls == ["renew"]
    scene.clock.sleep(5)
    assert sent_with(scene, one) == scene.account.alive != before


def test_one_of_two_recorders_renews_and_the_other_finds_the_token() -> None:
    scene = recorders("SELF", 2)
    first, second = scene.one(), scene.one()
    old = second.credentials.current()["access_token"]
    scene.clock.sleep(40)
    new = sent_with(scene, first)
    # Dhan refuses the old token to the other recorder, which has it still.
    dead = second.current(scene.within())
    assert dead.access_token == old
    other = second.instead_of(dead, scene.within())
    assert other is not None
    assert (other.access_token, scene.account.calls) == (new, ["renew"])


def test_a_refused_token_waits_for_the_recorder_that_renews_it() -> None:
    scene = recorders("SELF", 20)
    one = scene.one()
    dead = one.current(scene.within())
    scene.clock.sleep(40)
    assert scene.register.claim(scene.clock.now(), HOUR)

    def keep() -> None:
        scene.give(scene.account.make("SELF"))
        scene.register.finish(scene.clock.now())

    scene.clock.at(scene.clock.now() + timedelta(seconds=2), keep)
    other = one.instead_of(dead, scene.within())
    assert other is not None
    assert (other.access_token, scene.account.calls) == (scene.account.alive, [])


def test_a_recorder_that_crashes_after_its_claim_delays_the_next_renewal_by_two_minutes() -> None:
    scene = recorders("APP", -1, login=LOGIN)
    assert scene.register.claim(scene.clock.now(), HOUR)
    one = scene.one()
    for _ in range(4):
        with pytest.raises(Refused, match="ended"):
            one.current(scene.within())
        scene.clock.sleep(25)
    scene.clock.sleep(30)
    assert sent_with(scene, one) == scene.account.alive
    assert scene.account.calls == ["log_in"]


def test_a_refused_login_is_not_repeated_until_its_values_change() -> None:
    scene = recorders("APP", -1, login=LOGIN)
    scene.account.pin = "999999"
    for _ in range(20):
        with pytest.raises(LoginRefused):
            scene.one().current(scene.within())
        scene.clock.sleep(600)
    assert scene.account.calls == ["log_in"]
    scene.give(scene.account.alive, pin="999999", totp_secret=TOTP)
    assert sent_with(scene, scene.one()) == scene.account.alive
    assert scene.account.calls == ["log_in"] * 2


def state_of(scene: Recorders) -> TokenState:
    return TokenRegister(scene.database).read(["dhan"])["dhan"]


@pytest.mark.parametrize("hours", [-1, 2])
@pytest.mark.parametrize("login", [LOGIN, {"pin": PIN, "totp_secret": "no base32!"}])
def test_a_person_is_needed_for_a_refused_login_until_its_values_change(
    hours: float, login: dict[str, str]
) -> None:
    """Seen: nothing was recorded any more, and neither /health nor an alarm said so."""
    scene = recorders("APP", hours, login=login)
    scene.account.pin = "999999"
    one = scene.one()
    for _ in range(3):
        with suppress(Refused):
            one.current(scene.within())
        assert state_of(scene).needs_a_person(scene.clock.now())
        other = scene.one()  # an environment that has asked for nothing yet
        assert other.credentials.current()
        assert state_of(scene).needs_a_person(scene.clock.now())
        scene.clock.sleep(300)
    token = scene.store.tokens["dhan"]["access_token"]
    scene.give(token, pin="999999", totp_secret=TOTP)
    scene.clock.sleep(300)
    assert sent_with(scene, one) == scene.account.alive
    assert not state_of(scene).needs_a_person(scene.clock.now())


@pytest.mark.parametrize(
    ("second", "seconds", "waits"), [(0, 5, 0), (27, 5, 0), (28, 5, 3), (29, 5, 2), (29, 2, None)]
)
def test_a_code_that_may_end_on_its_way_is_not_sent(
    second: int, seconds: float, waits: float | None
) -> None:
    """Dhan would refuse it like a wrong one, and after that nobody tries again."""
    scene = recorders("APP", -1, NOON + timedelta(seconds=second), LOGIN)
    one, before = scene.one(), scene.clock.now()
    if waits is None:
        with pytest.raises(Refused, match="ended"):
            one.current(scene.within(seconds))
        assert scene.account.calls == []
        scene.clock.sleep(6)  # the next tick
        waits = 6
    assert one.current(scene.within()).access_token == scene.account.alive
    assert scene.clock.now() - before == timedelta(seconds=waits)
    assert scene.account.calls == ["log_in"]


def test_a_refused_login_costs_nothing_while_the_token_holds() -> None:
    scene = recorders("APP", 2, login=LOGIN)
    one, before = scene.one(), scene.account.alive
    scene.account.pin = "999999"
    for _ in range(10):
        assert sent_with(scene, one) == before
        scene.clock.sleep(300)
    assert scene.account.calls == ["log_in"]


def test_a_token_that_a_person_kills_is_made_anew_within_the_same_request() -> None:
    scene = recorders("APP", 20, login=LOGIN)
    one = scene.one()
    dead = one.current(scene.within())
    scene.account.make("SELF")  # on Dhan's website
    other = one.instead_of(dead, scene.within())
    assert other is not None
    assert (other.access_token, scene.account.calls) == (scene.account.alive, ["log_in"])


def test_there_is_none_instead_of_a_token_that_only_a_person_can_replace() -> None:
    scene = recorders("SELF", 20)
    one = scene.one()
    dead = one.current(scene.within())
    assert one.instead_of(dead, scene.within()) is None
    assert scene.account.calls == []


def test_without_the_database_nothing_is_renewed_and_the_token_at_hand_is_used() -> None:
    scene = recorders("APP", 2, login=LOGIN)
    one = scene.one()
    scene.database.away = True
    assert sent_with(scene, one) == scene.account.alive
    scene.clock.sleep(2 * 3_600)
    with pytest.raises(Refused, match="ended"):
        one.current(scene.within())
    assert scene.account.calls == []


def test_a_token_whose_end_is_not_known_is_used_until_it_is_refused() -> None:
    scene = recorders("APP", 20, login=LOGIN)
    scene.give("no-jwt", **LOGIN)
    one = scene.one()
    given = one.current(scene.within())
    assert (given, scene.account.calls) == ((CLIENT, "no-jwt"), [])
    assert one.instead_of(given, scene.within()) == (CLIENT, scene.account.alive)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"access_token": "no-jwt"}, "no client_id"),
        ({"totp_secret": TOTP, "client_id": CLIENT}, "no access_token"),
    ],
)
def test_what_is_missing_is_named(values: dict[str, str], fault: str) -> None:
    scene = Recorders(NOON)
    scene.store.tokens = {"dhan": values}
    with pytest.raises(Refused, match=fault):
        scene.one().current(scene.within())


def test_the_client_is_the_one_that_the_token_names_if_none_is_given() -> None:
    scene = recorders("SELF", 20)
    scene.store.tokens = {"dhan": {"access_token": scene.account.alive}}
    assert scene.one().current(scene.within()) == (CLIENT, scene.account.alive)


def test_no_error_and_no_document_shows_a_secret() -> None:
    scene = recorders("APP", -1, login={"pin": PIN, "totp_secret": "not base32! s3cr3t"})
    with pytest.raises(Refused) as caught:
        scene.one().current(scene.within())
    wrong = recorders("APP", -1, login=LOGIN)
    wrong.account.pin = "999999"
    with pytest.raises(LoginRefused) as refused:
        wrong.one().current(wrong.within())
    kept = [repr(list(each.database["source"].find())) for each in (scene, wrong)]
    for shown in (repr(caught.value), repr(caught.value.__context__), repr(refused.value), *kept):
        assert not any(secret in shown for secret in (PIN, TOTP, "s3cr3t", scene.account.alive))
