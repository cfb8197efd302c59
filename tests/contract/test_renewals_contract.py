"""One recorder at a time renews the token of a source, also after a crash."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from optionchain.mongo.renewal_register import Renewal, RenewalRegister
from optionchain.mongo.source_register import SourceRegister, SourceState
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import TICK

PAUSE = timedelta(minutes=2)
SECOND = timedelta(seconds=1)


def test_a_claim_is_taken_once_in_a_pause_by_whomever(empty_database: AnyDatabase) -> None:
    first, second = (RenewalRegister(empty_database, "dhan") for _ in range(2))
    assert first.read() is None
    assert first.claim(TICK, PAUSE)
    assert not first.claim(TICK + SECOND, PAUSE)
    assert not second.claim(TICK + PAUSE - SECOND, PAUSE)
    assert second.read() == Renewal(TICK)
    assert second.claim(TICK + PAUSE, PAUSE)
    assert first.read() == Renewal(TICK + PAUSE)


def test_a_claim_of_a_clock_far_ahead_keeps_nobody_out(empty_database: AnyDatabase) -> None:
    register = RenewalRegister(empty_database, "dhan")
    assert register.claim(TICK + timedelta(days=1), PAUSE)
    assert register.claim(TICK, PAUSE)
    assert not register.claim(TICK - PAUSE + SECOND, PAUSE)


def test_what_came_of_a_renewal_is_kept_until_the_next_one_ends(
    empty_database: AnyDatabase,
) -> None:
    register = RenewalRegister(empty_database, "dhan")
    register.claim(TICK, PAUSE)
    register.finish(TICK + SECOND, "the login was refused", "a mark")
    ended = Renewal(TICK, TICK + SECOND, "the login was refused", "a mark")
    assert register.read() == ended
    # A refused login stays refused while another renewal runs, and after a crash.
    register.claim(TICK + PAUSE, PAUSE)
    assert register.read() == Renewal(TICK + PAUSE, refused_login="a mark")
    register.finish(TICK + PAUSE + SECOND)
    assert register.read() == Renewal(TICK + PAUSE, TICK + PAUSE + SECOND)


def test_each_source_has_its_own_beside_its_state(empty_database: AnyDatabase) -> None:
    state = SourceState("blocked", "HTTP 403", TICK, TICK + SECOND, 1, {"blocked": 1})
    SourceRegister(empty_database, "dhan").write(state)
    for name in ("dhan", "other"):
        assert RenewalRegister(empty_database, name).claim(TICK, PAUSE)
    assert SourceRegister(empty_database, "dhan").read() == state


def test_of_many_at_once_one_gets_the_claim(real_database: AnyDatabase) -> None:
    register = RenewalRegister(real_database, "dhan")
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            tick = TICK + number * PAUSE
            assert sum(pool.map(lambda _, at=tick: register.claim(at, PAUSE), range(8))) == 1
