"""Bodies whose bytes were parsed before: what they are judged by, and that it changes nothing."""

import gzip
import zlib
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chain_fetch.http.sent_body import SentBody
from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.known_bodies import KnownBodies
from optionchain.snapshot import Snapshot
from tests.support.api import commit
from tests.support.bodies import EXPIRY, STAMP, chain_body, encoded
from tests.support.histories import ist
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.sent_bodies import OneExpiry
from tests.support.snapshots import INTERVAL, TICK, snapshot

pytestmark = uses_mongomock
FRIDAY, MONDAY = date(2026, 6, 19), date(2026, 6, 22)
MINUTE = timedelta(minutes=1)


def body_of(stamp: datetime = STAMP, price: float = 101.35, coding: str = "") -> SentBody:
    """A body with a stamp, whose first contract has this last price."""
    made = deepcopy(chain_body(stamp=stamp))
    for part in ("records", "filtered"):
        made[part]["data"][0]["CE"]["lastPrice"] = price
    return SentBody(_PACK[coding](encoded(made)), (coding,) if coding else ())


_PACK = {"": bytes, "gzip": lambda data: gzip.compress(data, mtime=0), "deflate": zlib.compress}


def here() -> OneExpiry:
    return OneExpiry(memory_database(), EXPIRY)


def test_a_body_is_parsed_once_and_confirmed_at_each_later_tick() -> None:
    one = here()
    verdicts = [
        one.take_in(TICK + number * INTERVAL, body_of())["expiries"][0]["verdict"]
        for number in range(5)
    ]
    assert verdicts == ["new", *["unchanged"] * 4]
    (header,) = one.stored()[1]
    assert (one.parsed, header["last_seen_at"]) == (1, TICK + 4 * INTERVAL)


def test_a_body_is_known_however_it_is_encoded() -> None:
    one = here()
    for number, coding in enumerate(("gzip", "deflate", "", "gzip")):
        one.take_in(TICK + number * INTERVAL, body_of(coding=coding))
    assert [entry["outcome"] for entry in one.entries] == ["stored", *["unchanged"] * 3]
    assert one.parsed == 1


def test_the_same_bytes_in_another_encoding_are_another_body() -> None:
    packed = body_of(coding="gzip")
    assert packed.digest != SentBody(packed.data).digest
    assert packed.decoded_digest == body_of().digest


def test_a_known_body_is_parsed_when_somebody_asks_for_it() -> None:
    one = here()
    for number in range(2):
        one.take_in(TICK + number * INTERVAL, body_of())
    first, second = one.results
    assert (second.snapshot, second.legs, one.parsed) == (None, 6, 1)
    known = second.body()
    assert first.snapshot is not None
    assert known is not None
    assert (known.fetched_at, known.quotes) == (TICK + INTERVAL, first.snapshot.quotes)
    assert second.listed_expiries == first.listed_expiries == (EXPIRY,)


@pytest.mark.parametrize(
    ("stored", "verdict"),
    [
        (snapshot(tick=TICK + INTERVAL, stamp=STAMP + MINUTE), "out_of_order"),
        (snapshot(tick=TICK + INTERVAL, last_price=7.0), "revised"),
        # A recorder of an older version has stored a lie, so the content before it is news again.
        (snapshot(tick=TICK + INTERVAL, stamp=STAMP + 60 * MINUTE), "new"),
    ],
)
def test_what_another_recorder_has_stored_meanwhile_is_what_counts(
    stored: Snapshot, verdict: str
) -> None:
    one = here()
    one.take_in(TICK, body_of())
    commit(one.database, stored)
    entry = one.take_in(TICK + 2 * INTERVAL, body_of())
    assert entry["expiries"][0]["verdict"] == verdict


def test_a_known_body_is_left_to_a_recorder_whose_clock_is_ahead() -> None:
    one = here()
    one.take_in(TICK, body_of())
    commit(one.database, parse(body_of().decoded, "NIFTY", TICK + 6 * INTERVAL))
    entry = one.take_in(TICK + INTERVAL, body_of())
    assert entry["outcome"] == "unchanged"
    assert "verdict" not in entry["expiries"][0]


def test_a_known_lie_orders_nothing_when_its_time_has_come() -> None:
    """It was refused, and a recorder of an older version has stored it."""
    one, stamp = here(), TICK + 20 * MINUTE
    assert one.take_in(TICK, body_of(stamp))["reason"] == "invalid_payload"
    commit(one.database, parse(body_of(stamp).decoded, "NIFTY", TICK + MINUTE))
    entry = one.take_in(stamp, body_of(stamp))
    assert (entry["outcome"], one.parsed) == ("stored", 2)


def test_a_known_body_confirms_nothing_in_the_next_session() -> None:
    one = here()
    one.take_in(ist(FRIDAY, "15:29:55"), body_of(ist(FRIDAY, "15:29:30")))
    entry = one.take_in(ist(MONDAY, "09:20"), body_of(ist(FRIDAY, "15:29:30")))
    assert (entry["outcome"], entry["reason"]) == ("failed", "stale")
    assert one.stored()[1][0]["last_seen_at"] == ist(FRIDAY, "15:29:55")


def test_a_known_body_becomes_the_final_one_in_the_evening() -> None:
    one = here()
    body = body_of(ist(FRIDAY, "15:30"))
    for clock in ("15:29:55", "15:35", "21:00"):
        one.take_in(ist(FRIDAY, clock), body)
    assert one.stored()[1][0]["settled"] is True


def test_what_is_known_of_an_expiry_is_bounded_and_ends_with_it() -> None:
    bodies = KnownBodies()
    sent = [body_of(price=float(number), coding="gzip") for number in range(1, 30)]
    for body in sent:
        bodies.learn(body, snapshot())
    assert [bool(bodies.of("NIFTY", EXPIRY, body)) for body in sent] == [False] * 25 + [True] * 4
    bodies.learn(
        sent[0], snapshot(expiry=EXPIRY + 7 * 24 * 60 * MINUTE, tick=TICK + 7 * 24 * 60 * MINUTE)
    )
    assert bodies.of("NIFTY", EXPIRY, sent[-1]) is None


type Hours = Literal["exchange", "always"]


class Step(NamedTuple):
    """What the next tick brings, and what happens before it."""

    later: timedelta
    stamped_before: timedelta
    price: float
    coding: str
    before: str


_STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from([INTERVAL, INTERVAL, INTERVAL, MINUTE, 380 * MINUTE, 24 * 60 * MINUTE]),
        st.sampled_from([timedelta(), timedelta(), MINUTE, 380 * MINUTE, -3 * MINUTE]),
        st.sampled_from([101.35, 101.35, 7.0]),
        st.sampled_from(["", "gzip", "deflate"]),
        st.sampled_from(["nothing", "nothing", "restart", "other", "ahead", "deleted"]),
    ),
    min_size=3,
    max_size=12,
)


def story(one: OneExpiry, steps: list[Step]) -> None:
    """Let a recorder live through the steps; a stamp moves on once a minute."""
    tick = ist(FRIDAY, "15:20")
    for step in steps:
        tick += step.later
        stamp = tick.replace(second=0) - step.stamped_before
        if step.before == "restart":
            one.restart()
        elif step.before in ("other", "ahead"):
            lead = INTERVAL if step.before == "ahead" else -INTERVAL / 2
            commit(one.database, snapshot(tick=tick + lead, stamp=stamp))
        elif step.before == "deleted":
            one.database["snapshots"].delete_one({})
        one.take_in(tick, body_of(stamp, step.price, step.coding))


@pytest.mark.parametrize("hours", ["exchange", "always"])
@given(steps=_STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_to_know_bodies_changes_nothing_of_what_is_recorded(
    hours: Hours, steps: list[Step]
) -> None:
    """Nodes that take turns, rewrites, sessions, other recorders: entries and documents agree."""
    knowing, parsing = (
        OneExpiry(memory_database(), EXPIRY, knows, hours) for knows in (True, False)
    )
    for each in (knowing, parsing):
        story(each, steps)
    assert knowing.entries == parsing.entries
    assert knowing.stored() == parsing.stored()
    assert knowing.parsed <= parsing.parsed
