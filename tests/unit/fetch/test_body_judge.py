"""What is newer than what is stored, without stamps and where two sources follow each other."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.recorded_facts import RecordedFacts
from chain_fetch.recording.bodies.recorded_legs import RecordedLegs
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.reports.ledger_entry import LedgerEntry, completed_entry
from chain_fetch.recording.ticks.plan import PlannedRequest
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.snapshot import Snapshot
from tests.support.bodies import EXPIRY
from tests.support.histories import ist
from tests.support.ingesting import take_in
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.two_sources import LEGS, State, session, stamped, state_of, unstamped

pytestmark = uses_mongomock

FRIDAY, MONDAY = date(2026, 6, 19), date(2026, 6, 22)
SECOND = timedelta(seconds=1)
type Body = tuple[Callable[[State, datetime], Snapshot], int]
"""How a source shows the market, and which state it shows."""
N, U = stamped, unstamped


class Recorder:
    """Takes in bodies of one expiry and writes the ledger, as a shift does."""

    def __init__(self, market: Market | None = None, *, remembers: bool = True) -> None:
        self.database: AnyDatabase = memory_database()
        self.ledger = TickLedger(self.database)
        facts = RecordedFacts(RecordedLegs(self.database) if remembers else None)
        store = SnapshotWriter(self.database)
        self.ingestion = Ingestion(store, self.ledger, 5.5, lambda: market or Market(), facts)

    def take_in(self, body: Snapshot) -> LedgerEntry:
        result = RequestResult(PlannedRequest("NIFTY", EXPIRY, required=True))
        result.received_at = body.fetched_at
        take_in(self.ingestion, body, result)
        entry = completed_entry(body.fetched_at, body.fetched_at, [result])
        self.ledger.record("NIFTY", body.fetched_at, entry)
        return entry

    def told(self, body: Snapshot) -> tuple[str, str, str | None]:
        """Return the outcome of a body, its verdict, and the reason of a failure."""
        entry = self.take_in(body)
        return entry["outcome"], entry["expiries"][0]["verdict"], entry.get("reason")

    def headers(self) -> list[HeaderDocument]:
        found: Any = self.database["snapshots"].find(sort=[("fetched_at", 1)])
        return list(found)


STORED, UNCHANGED = ("stored", "new", None), ("unchanged", "unchanged", None)
WAITS, STALE = ("unchanged", "out_of_order", None), ("failed", "out_of_order", "stale")


@pytest.mark.parametrize("remembers", [True, False])
@pytest.mark.parametrize(
    ("bodies", "last"),
    [
        # One source without stamps: content and volumes tell.
        ([(U, 0), (U, 0)], UNCHANGED),
        ([(U, 0), (U, 1)], STORED),
        ([(U, 2), (U, 1)], STALE),
        ([(U, 0), (U, 1), (U, 0)], STALE),
        # The second source takes over: it is later, the same, or still behind.
        ([(N, 0), (U, 1)], STORED),
        ([(N, 1), (U, 1)], UNCHANGED),
        ([(N, 2), (U, 1)], WAITS),
        ([(U, 0), (N, 1)], STORED),
        ([(U, 1), (N, 1)], UNCHANGED),
        ([(U, 2), (N, 1)], WAITS),
        ([(N, 0), (U, 2), (N, 1)], WAITS),
        ([(N, 0), (U, 1), (N, 2), (U, 1)], WAITS),
        ([(N, 0), (U, 1), (N, 2), (U, 3)], STORED),
    ],
)
def test_volumes_order_what_no_stamp_orders(
    bodies: Sequence[Body], last: tuple[str, str, str | None], remembers: bool
) -> None:
    states = session(FRIDAY, 4, opens="10:00:00")
    recorder = Recorder(remembers=remembers)
    # All bodies come after all states, so that receipt tells nothing.
    ticks = (ist(FRIDAY, "10:00:40") + number * 10 * SECOND for number in range(len(bodies)))
    told = [
        recorder.told(source(states[number], tick))
        for (source, number), tick in zip(bodies, ticks, strict=True)
    ]
    assert told[-1] == last
    assert told[0] == STORED


def test_quotes_alone_are_ordered_by_receipt_and_never_come_twice() -> None:
    """Without a trade a lagging node cannot be told, but what it repeats can."""
    first, second, third = session(FRIDAY, 3, opens="10:00:00", quiet=1.0)
    recorder = Recorder()
    at = ist(FRIDAY, "10:00:40")
    contents = [first, second, first, second, third, first, second]
    told = [recorder.told(U(each, at + n * 10 * SECOND))[:2] for n, each in enumerate(contents)]
    new, older, same = STORED[:2], WAITS[:2], UNCHANGED[:2]
    assert told == [new, new, older, same, new, older, older]
    assert [len(header["earlier_hashes"]) for header in recorder.headers()] == [0, 1, 2]
    assert not any(header["revised"] for header in recorder.headers())


def test_without_a_trade_the_second_source_waits_for_time_to_tell() -> None:
    """What has no stamp may be two minutes old when it comes."""
    first, second = session(FRIDAY, 2, opens="10:00:00", quiet=1.0)
    recorder = Recorder()
    recorder.take_in(N(first, first.at + 5 * SECOND))
    assert recorder.told(U(second, first.at + 120 * SECOND)) == WAITS
    assert recorder.told(U(second, first.at + 125 * SECOND)) == STORED
    older = replace(second, at=first.at + 125 * SECOND, bid=90.0)
    assert recorder.told(N(older, first.at + 130 * SECOND)) == WAITS
    newer = replace(older, at=first.at + 126 * SECOND)
    assert recorder.told(N(newer, first.at + 135 * SECOND)) == STORED


def test_a_source_that_stays_behind_the_one_before_it_is_stale_after_two_minutes() -> None:
    old, new = session(FRIDAY, 2, opens="10:00:00")
    recorder = Recorder()
    recorder.take_in(N(new, new.at))
    assert recorder.told(U(old, new.at + 120 * SECOND)) == WAITS
    assert recorder.told(U(old, new.at + 125 * SECOND)) == STALE


def test_volumes_that_rise_and_fall_are_believed_after_a_minute() -> None:
    """A trade was annulled, or the body is mixed: this is not known at first."""
    state = session(FRIDAY, 1, opens="10:00:00")[0]
    volumes = list(state.volumes)
    annulled = replace(
        state,
        volumes={**state.volumes, volumes[0]: 9, volumes[1]: state.volumes[volumes[1]] + 5},
    )
    state = replace(state, volumes={**state.volumes, volumes[0]: 10})
    recorder = Recorder()
    recorder.take_in(U(state, state.at))
    told = [recorder.told(U(annulled, state.at + n * 20 * SECOND)) for n in range(1, 5)]
    assert told == [STALE, STALE, STALE, STORED]


def test_a_stale_body_without_a_stamp_says_what_is_stored() -> None:
    old, new = session(FRIDAY, 2, opens="10:00:00")
    recorder = Recorder()
    recorder.take_in(U(new, new.at))
    entry = recorder.take_in(U(old, new.at + 5 * SECOND))
    told = "the body is older than the one of 2026-06-19 10:00:10 IST: its volumes are lower"
    assert entry["detail"] == told


def test_data_are_as_old_as_their_last_movement() -> None:
    first, second = session(FRIDAY, 2, opens="10:00:00")
    recorder = Recorder()
    at = first.at
    ages = [
        recorder.take_in(U(state, at + seconds * SECOND))["data_age_seconds"]
        for state, seconds in [(first, 0), (first, 30), (second, 40), (first, 50), (second, 70)]
    ]
    assert ages == [0, 30, 0, 10, 30]


EVENING = session(FRIDAY, 200, every=timedelta(minutes=2))[-1]
EARLIER = ("unchanged", "earlier_session", None)


@pytest.mark.parametrize(
    ("at", "body", "told"),
    [
        # The very body of Friday, and one whose quotes have moved since.
        ("09:15:05", EVENING, EARLIER),
        ("09:19:55", EVENING, EARLIER),
        ("09:20:00", EVENING, ("failed", "earlier_session", "stale")),
        ("09:15:05", replace(EVENING, bid=7.0), EARLIER),
        ("14:00:00", replace(EVENING, bid=7.0), ("failed", "earlier_session", "stale")),
        # A part is reset before the rest: five minutes later that is all there is.
        ("09:15:05", replace(EVENING, base=EVENING.interest), EARLIER),
        ("09:20:00", replace(EVENING, base=EVENING.interest), STORED),
        ("09:15:05", replace(EVENING, volumes=dict.fromkeys(EVENING.volumes, 1)), EARLIER),
        ("09:20:00", replace(EVENING, volumes=dict.fromkeys(EVENING.volumes, 1)), STORED),
        # The day has begun.
        ("09:15:05", session(MONDAY, 1, base=EVENING.interest)[0], STORED),
        ("14:00:00", session(MONDAY, 1, base=EVENING.interest)[0], STORED),
    ],
)
@pytest.mark.parametrize("friday", [N, U])
def test_a_body_of_the_day_before_is_known_without_a_stamp(
    at: str, body: State, told: tuple[str, str, str | None], friday: Callable[..., Snapshot]
) -> None:
    recorder = Recorder()
    recorder.take_in(friday(EVENING, EVENING.at))
    assert recorder.told(U(body, ist(MONDAY, at))) == told


@pytest.mark.parametrize("remembers", [True, False])
@pytest.mark.parametrize("first", [N, U])
@pytest.mark.parametrize(
    ("at", "told"),
    [("09:16:00", EARLIER), ("09:30:00", ("failed", "earlier_session", "stale"))],
)
def test_a_node_that_stands_since_the_day_before_is_known_after_others_were_good(
    at: str, told: tuple[str, str, str | None], first: Callable[..., Snapshot], remembers: bool
) -> None:
    """Its volumes are higher than those of a morning, and for some contracts perhaps lower."""
    today = session(MONDAY, 2, base=EVENING.interest, opens="09:15:10")
    recorder = Recorder(remembers=remembers)
    recorder.take_in(U(EVENING, EVENING.at))
    recorder.take_in(first(today[0], ist(MONDAY, "09:15:15")))
    standing = replace(EVENING, bid=7.0, volumes={**EVENING.volumes, LEGS[0]: 0})
    for each in (replace(EVENING, bid=7.0), standing):
        assert recorder.told(U(each, ist(MONDAY, at))) == told
    assert recorder.told(U(today[1], ist(MONDAY, at) + SECOND))[0] == "stored"


@pytest.mark.parametrize(
    ("tick", "moved", "told"),
    [
        ("18:30:00", False, EARLIER),
        ("18:35:00", False, ("failed", "earlier_session", "stale")),
        ("18:30:05", True, STORED),
        ("18:40:00", True, STORED),
    ],
)
def test_volumes_go_on_in_a_second_session_of_a_date(
    tick: str, moved: bool, told: tuple[str, str, str | None]
) -> None:
    evening = Market(special={FRIDAY: ((time(18, 30), time(19, 30)),)})
    recorder = Recorder(evening)
    recorder.take_in(U(EVENING, ist(FRIDAY, "15:29:00")))
    body = replace(EVENING, bid=7.0) if moved else EVENING
    assert recorder.told(U(body, ist(FRIDAY, tick))) == told


def test_where_the_market_never_closes_a_day_needs_no_beginning() -> None:
    state = session(FRIDAY, 1, opens="23:59:00")[0]
    recorder = Recorder(Market("always"))
    assert recorder.told(U(state, state.at)) == STORED
    assert recorder.told(U(state, state.at + 90 * SECOND)) == UNCHANGED
    fewer = replace(state, volumes=dict.fromkeys(state.volumes, 0))
    assert recorder.told(U(fewer, state.at + 95 * SECOND)) == STORED


def test_two_sources_need_not_list_the_same_contracts() -> None:
    first, second, third = session(FRIDAY, 3, opens="10:00:00")
    recorder = Recorder()
    recorder.take_in(N(first, first.at))
    few = list(first.volumes)[:1]
    assert recorder.told(unstamped(second, second.at + 5 * SECOND, few))[0] == "stored"
    assert recorder.told(N(third, third.at + 5 * SECOND))[0] == "stored"
    assert [header["legs_missing"] for header in recorder.headers()] == [None, None, None]


@given(st.data())
def test_what_is_stored_is_in_the_order_of_the_market_without_repeats(data: st.DataObject) -> None:
    """Any interleaving of two sources that each lag by up to two minutes."""
    states = session(FRIDAY, 40, seed=data.draw(st.integers(0, 99)), opens="10:00:00")
    recorder = Recorder(remembers=data.draw(st.booleans()))
    tick = ist(FRIDAY, "10:00:05")
    for _ in range(data.draw(st.integers(2, 12))):
        tick += data.draw(st.integers(1, 6)) * 5 * SECOND
        shown = [state for state in states if timedelta() <= tick - state.at <= 120 * SECOND]
        source, state = data.draw(st.sampled_from([N, U])), data.draw(st.sampled_from(shown))
        recorder.take_in(source(state, tick))
    numbers = [state_of(header, states) for header in recorder.headers()]
    assert numbers == sorted(set(numbers))


@given(st.data())
def test_nothing_of_the_day_before_is_stored_on_the_next(data: st.DataObject) -> None:
    """Nodes of the vendor serve it now and then, in the morning and later, with other quotes."""
    states = session(MONDAY, 12, seed=data.draw(st.integers(0, 99)), base=EVENING.interest)
    recorder = Recorder(remembers=data.draw(st.booleans()))
    recorder.take_in(data.draw(st.sampled_from([N, U]))(EVENING, EVENING.at))
    tick = ist(MONDAY, data.draw(st.sampled_from(["09:15:05", "09:21:00", "12:00:00"])))
    for _ in range(data.draw(st.integers(2, 8))):
        tick += data.draw(st.integers(1, 6)) * 5 * SECOND
        if data.draw(st.booleans()):
            recorder.take_in(U(replace(EVENING, bid=float(data.draw(st.integers(1, 9)))), tick))
            continue
        shown = [state for state in states if state.at <= tick][-9:]
        source = data.draw(st.sampled_from([N, U]))
        recorder.take_in(source(data.draw(st.sampled_from(shown)), tick))
    of_monday = [each for each in recorder.headers() if each["fetched_at"] > ist(MONDAY, "09:00")]
    numbers = [state_of(header, states) for header in of_monday]
    assert numbers == sorted(set(numbers))


@given(st.data())
def test_volumes_never_fall_and_no_content_comes_twice(data: st.DataObject) -> None:
    """The same where nothing is traded in most states."""
    states = session(FRIDAY, 20, seed=data.draw(st.integers(0, 99)), opens="10:00:00", quiet=0.7)
    recorder = Recorder()
    tick = ist(FRIDAY, "10:00:05")
    for _ in range(data.draw(st.integers(2, 12))):
        tick += data.draw(st.integers(1, 6)) * 5 * SECOND
        shown = [state for state in states if timedelta() <= tick - state.at <= 120 * SECOND]
        recorder.take_in(U(data.draw(st.sampled_from(shown or states[-1:])), tick))
    headers = recorder.headers()
    numbers = [state_of(header, states) for header in headers]
    assert numbers == sorted(numbers)
    assert len({header["content_hash"] for header in headers}) == len(headers)
