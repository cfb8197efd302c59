"""What becomes of a body that was received: lies are refused, old bodies are told from news."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from chain_fetch.recording.bodies.deduplication import Verdict
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.reports.ledger_entry import LedgerEntry as Entry
from chain_fetch.recording.reports.ledger_entry import completed_entry
from chain_fetch.recording.ticks.plan import PlannedRequest
from optionchain.errors import PayloadInvalid
from optionchain.exchange_time import ist_text
from optionchain.market import Market
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.snapshot import Leg, Snapshot
from tests.support import ingesting
from tests.support.api import commit
from tests.support.bodies import EXPIRY, STAMP
from tests.support.histories import ist
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import INTERVAL, TICK, snapshot

pytestmark = uses_mongomock

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
FRIDAY, MONDAY = date(2026, 6, 19), date(2026, 6, 22)
# As late as a stamp of India can be.
LAST_STAMP = datetime.fromisoformat("9999-12-31T18:29:59+00:00")


def take_in(database: AnyDatabase, body: Snapshot, market: Market | None = None) -> RequestResult:
    """Take in a body as a tick does."""
    result = RequestResult(PlannedRequest("NIFTY", EXPIRY, required=True))
    store = SnapshotWriter(database)
    ingestion = Ingestion(store, TickLedger(database), 5.5, lambda: market or Market())
    ingesting.take_in(ingestion, body, result)
    return result


def verdicts(database: AnyDatabase, *bodies: Snapshot) -> list[str]:
    """Take in bodies one after another, at one tick each."""
    found = (take_in(database, body).verdict for body in bodies)
    return [verdict.value for verdict in found if verdict]


@pytest.mark.parametrize("lead", [121 * SECOND, DAY, 365 * DAY, LAST_STAMP - TICK])
def test_a_stamp_of_the_future_is_refused_and_orders_nothing(lead: timedelta) -> None:
    database = memory_database()
    with pytest.raises(PayloadInvalid) as refused:
        take_in(database, snapshot(stamp=TICK + lead))
    assert refused.value.reason == "invalid_payload"
    stamp = ist_text(TICK + lead)
    text = f"records.timestamp: {stamp} is more than 120 s after the tick 2026-06-19 15:02:25 IST"
    assert str(refused.value) == text
    assert database["snapshots"].count_documents({}) == 0
    assert verdicts(database, snapshot(tick=TICK + INTERVAL)) == ["new"]


def test_clocks_may_differ_by_two_minutes() -> None:
    assert verdicts(memory_database(), snapshot(stamp=TICK + 120 * SECOND)) == ["new"]


@pytest.mark.parametrize("lies", [1, 3])
@pytest.mark.parametrize(
    ("after", "stored"),
    [
        (snapshot(tick=TICK + 9 * INTERVAL), True),  # the content before the lie is news again
        (snapshot(tick=TICK + 9 * INTERVAL, stamp=STAMP + 30 * SECOND), True),
        (snapshot(tick=TICK + 9 * INTERVAL, last_price=7.0), True),
        (snapshot(tick=TICK + 9 * INTERVAL, stamp=STAMP - 30 * SECOND), False),
    ],
)
def test_a_stored_stamp_of_the_future_orders_nothing(
    after: Snapshot, stored: bool, lies: int
) -> None:
    """A recorder of an older version stored it; the newest header before it counts."""
    database = memory_database()
    commit(database, snapshot())
    for number in range(1, lies + 1):
        tick = TICK + number * INTERVAL
        commit(database, snapshot(tick=tick, stamp=tick + 365 * DAY, underlying=float(number)))
    result = take_in(database, after)
    assert (result.outcome, result.reason) == (("stored", None) if stored else ("failed", "stale"))
    # From then on there is nothing special about the expiry.
    again = take_in(database, snapshot(tick=TICK + 10 * INTERVAL, stamp=STAMP + 60 * SECOND))
    assert again.verdict is Verdict.NEW


def test_a_lie_without_anything_before_it_orders_nothing() -> None:
    database = memory_database()
    commit(database, snapshot(stamp=TICK + DAY))
    news, same = snapshot(tick=TICK + INTERVAL), snapshot(tick=TICK + 2 * INTERVAL)
    assert verdicts(database, news, same) == ["new", "unchanged"]


CLOSE_OF_FRIDAY = ist(FRIDAY, "15:30:00")


@pytest.mark.parametrize(
    ("tick", "stamp", "reason"),
    [
        (ist(MONDAY, "09:15:00"), CLOSE_OF_FRIDAY, None),
        (ist(MONDAY, "09:19:55"), CLOSE_OF_FRIDAY, None),
        (ist(MONDAY, "09:20:00"), CLOSE_OF_FRIDAY, "stale"),
        (ist(MONDAY, "15:29:55"), CLOSE_OF_FRIDAY, "stale"),
        (ist(MONDAY, "15:35:00"), CLOSE_OF_FRIDAY, None),  # the read after the close
        (ist(MONDAY, "09:19:55"), ist(MONDAY, "09:15:00"), None),
        (ist(MONDAY, "09:20:00"), ist(MONDAY, "09:15:00"), "stale"),
        (ist(MONDAY, "15:35:00"), ist(MONDAY, "09:15:00"), None),
    ],
)
def test_five_minutes_after_the_opening_an_old_body_confirms_nothing(
    tick: datetime, stamp: datetime, reason: str | None
) -> None:
    """Of an earlier session, or older than what is stored of this one."""
    database = memory_database()
    newest = ist(MONDAY, "09:15:01") if stamp.date() == tick.date() else CLOSE_OF_FRIDAY
    commit(database, snapshot(tick=newest, stamp=newest))
    before = database["snapshots"].find_one()
    result = take_in(database, snapshot(tick=tick, stamp=stamp))
    assert (result.outcome, result.reason) == ("failed" if reason else "unchanged", reason)
    assert result.verdict in (Verdict.EARLIER_SESSION, Verdict.OUT_OF_ORDER)
    assert bool(result.detail) is bool(reason)
    assert database["snapshots"].find_one() == before


@pytest.mark.parametrize(
    ("tick", "stamp", "verdict", "reason"),
    [
        ("18:30:00", "15:30:00", Verdict.EARLIER_SESSION, None),
        ("18:35:00", "15:30:00", Verdict.EARLIER_SESSION, "stale"),
        ("18:35:00", "18:34:50", Verdict.NEW, None),
        ("19:35:00", "19:30:00", Verdict.NEW, None),
    ],
)
def test_the_afternoon_is_an_earlier_session_than_the_evening(
    tick: str, stamp: str, verdict: Verdict, reason: str | None
) -> None:
    evening = Market(special={MONDAY: ((time(18, 30), time(19, 30)),)})
    body = snapshot(tick=ist(MONDAY, tick), stamp=ist(MONDAY, stamp))
    result = take_in(memory_database(), body, evening)
    assert (result.verdict, result.reason) == (verdict, reason)


def test_two_nodes_that_disagree_about_one_moment_are_both_good() -> None:
    """A replaced content under the newest stamp is dropped, but the exchange answered for now."""
    database = memory_database()
    bodies = [
        snapshot(tick=TICK + number * INTERVAL, underlying=float(1 + number % 2))
        for number in range(5)
    ]
    results = [take_in(database, body) for body in bodies]
    assert [result.outcome for result in results] == ["stored", "stored", *["unchanged"] * 3]
    assert results[2].verdict is Verdict.OUT_OF_ORDER


def test_a_stale_body_says_both_stamps() -> None:
    database = memory_database()
    commit(database, snapshot())
    old = take_in(database, snapshot(tick=TICK + INTERVAL, stamp=STAMP - 30 * SECOND))
    stored = "the body is older than the stored one: stamped 2026-06-19 15:01:50 IST"
    assert old.detail == f"{stored}, not 2026-06-19 15:02:20 IST"
    friday = take_in(database, snapshot(tick=ist(MONDAY, "11:00")))
    assert friday.detail == "the body is of an earlier session: stamped 2026-06-19 15:02:20 IST"


STRIKES = tuple(24000.0 + 50 * number for number in range(85))
FEW = STRIKES[:20]


def body_at(number: int, strikes: tuple[float, ...] = STRIKES, day: date = FRIDAY) -> Snapshot:
    """The n-th body of a morning, every one with a newer stamp."""
    tick = ist(day, "10:00:00") + number * INTERVAL
    return snapshot(strikes, tick=tick, stamp=tick, underlying=1.0 + number)


def without(body: Snapshot, *legs: Leg) -> Snapshot:
    quotes = (quote for quote in body.quotes if (quote.strike_price, quote.side) not in legs)
    return replace(body, quotes=tuple(quotes))


def missing(database: AnyDatabase) -> list[int | None]:
    """What the headers say of the legs that they lack, in order of time."""
    return [row["legs_missing"] for row in database["snapshots"].find(sort=[("fetched_at", 1)])]


def record(database: AnyDatabase, body: Snapshot) -> Entry:
    """Take in a body and write the ledger's entry of its tick, as a shift does."""
    result = RequestResult(PlannedRequest("NIFTY", EXPIRY, required=True))
    store, ledger = SnapshotWriter(database), TickLedger(database)
    try:
        ingesting.take_in(Ingestion(store, ledger, 5.5, Market), body, result)
    except PayloadInvalid as error:
        result.fail(error.reason, error)
    result.received_at = body.fetched_at
    entry = completed_entry(body.fetched_at, body.fetched_at, [result])
    ledger.record("NIFTY", body.fetched_at, entry)
    return entry


def test_a_header_counts_the_legs_that_its_snapshot_lacks() -> None:
    """Against the snapshot before in the session; strikes that were added are no loss."""
    database = memory_database()
    lost: tuple[Leg, ...] = ((24100.0, "PE"), (24150.0, "CE"))
    more = body_at(5, (*STRIKES, 30000.0))
    bodies = [
        body_at(0),
        body_at(1),
        without(body_at(2), *lost),
        without(body_at(3), *lost),  # said once: the numbers do not jump again
        body_at(4),
        more,
        without(more, *lost, (24000.0, "CE")),  # a revision
        body_at(7, STRIKES[1:], day=MONDAY),  # strikes go overnight
        body_at(8, STRIKES[2:], day=MONDAY),
    ]
    for body in bodies[:6]:
        take_in(database, body)
    revised = replace(bodies[6], fetched_at=bodies[6].fetched_at + INTERVAL)
    assert take_in(database, revised).verdict is Verdict.REVISED
    for body in bodies[7:]:
        take_in(database, body)
    assert missing(database) == [None, 0, 2, 0, 0, 0, 3, None, 2]


def test_a_header_of_an_older_version_is_compared_by_its_contracts() -> None:
    database = memory_database()
    take_in(database, body_at(0))
    database["snapshots"].update_many({}, {"$unset": {"legs_hash": 1, "legs_missing": 1}})
    take_in(database, without(body_at(1), (24000.0, "CE")))
    assert database["snapshots"].find_one({"legs_missing": 1})


def test_a_stored_snapshot_that_was_damaged_costs_no_tick() -> None:
    """What it had is not known any more, so nothing is said of what is missing since."""
    database = memory_database()
    take_in(database, body_at(0))
    database["option_chain"].delete_many({"strike_price": {"$gte": 24_100.0}})
    assert record(database, without(body_at(1), (24000.0, "CE")))["outcome"] == "stored"
    assert missing(database) == [None, None]


def test_the_evening_does_not_miss_what_the_afternoon_had() -> None:
    database = memory_database()
    evening = Market(special={FRIDAY: ((time(18, 30), time(19, 30)),)})
    take_in(database, body_at(0), evening)
    tick = ist(FRIDAY, "18:40")
    take_in(database, snapshot(FEW, tick=tick, stamp=tick), evening)
    assert missing(database) == [None, None]


def test_a_far_smaller_body_is_refused_with_its_counts() -> None:
    database = memory_database()
    record(database, body_at(0))
    entry = record(database, body_at(1, FEW))
    assert (entry["outcome"], entry["reason"]) == ("failed", "invalid_payload")
    counts = "20 of 85 rows, 40 of 170 contracts of 2026-06-19 10:00:00 IST"
    assert entry["detail"] == f"records.data: {counts}"
    assert entry["expiries"][0]["verdict"] == "shrunken"
    assert record(database, body_at(2))["outcome"] == "stored"
    assert missing(database) == [None, 0]


def test_a_chain_that_stays_smaller_is_believed_and_told() -> None:
    """It is judged, not vetoed: who knows the exchange's reasons."""
    database = memory_database()
    record(database, body_at(0))
    entries = [record(database, body_at(number, FEW)) for number in range(1, 15)]
    assert [entry["outcome"] for entry in entries] == ["failed"] * 12 + ["stored"] * 2
    counts = "20 of 85 rows, 40 of 170 contracts of 2026-06-19 10:00:00 IST"
    told = entries[12]["expiries"][0]["detail"]
    assert told == f"believed after 12 such bodies: {counts}"
    assert missing(database) == [None, 130, 0]


@pytest.mark.parametrize(("interval", "refused"), [(1, 60), (5, 12), (15, 4), (60, 3)])
def test_a_smaller_chain_is_doubted_for_a_minute_and_three_bodies(
    interval: int, refused: int
) -> None:
    """For a minute the exchange may send one content: at 1 s that is no more evidence than at 5."""
    database = memory_database()
    record(database, body_at(0))
    few = [
        replace(body_at(0, FEW), fetched_at=tick, exchange_timestamp=tick)
        for tick in (body_at(0).fetched_at + number * interval * SECOND for number in range(1, 63))
    ]
    outcomes = [record(database, body)["outcome"] for body in few]
    assert outcomes[: refused + 2] == ["failed"] * refused + ["stored"] * 2


def test_bodies_that_are_smaller_now_and_then_are_never_believed() -> None:
    database = memory_database()
    record(database, body_at(0))
    outcomes = [
        record(database, body_at(number, STRIKES if number % 6 == 0 else FEW))["outcome"]
        for number in range(1, 37)
    ]
    assert outcomes == [*["failed"] * 5, "stored"] * 6


def test_what_was_asked_of_another_expiry_is_no_evidence() -> None:
    database = memory_database()
    record(database, body_at(0))
    for number in range(1, 30):
        expiry = {"expiry_date": "30-Jun-2026", "verdict": "shrunken", "outcome": "failed"}
        tick = body_at(number).fetched_at
        TickLedger(database).record("NIFTY", tick, {"outcome": "stored", "expiries": [expiry]})
    assert record(database, body_at(30, FEW))["outcome"] == "failed"


def test_a_new_session_may_begin_with_any_size() -> None:
    database = memory_database()
    record(database, body_at(0))
    assert record(database, body_at(1, FEW, day=MONDAY))["outcome"] == "stored"
    assert record(database, body_at(2, day=MONDAY))["outcome"] == "stored"


@pytest.mark.parametrize(
    ("ahead", "body", "found"),
    [
        (30 * SECOND, snapshot(), ("unchanged", None, None)),
        (30 * SECOND, snapshot(stamp=STAMP + 30 * SECOND), ("failed", Verdict.NEW, "relieved")),
        (30 * SECOND, snapshot(last_price=7.0), ("failed", Verdict.REVISED, "relieved")),
        # No clock is so far ahead that what it has stored orders anything.
        (DAY, snapshot(stamp=STAMP + 30 * SECOND), ("stored", Verdict.NEW, None)),
    ],
)
def test_nothing_is_stored_before_what_a_clock_ahead_has_stored(
    ahead: timedelta, body: Snapshot, found: tuple[str, Verdict | None, str | None]
) -> None:
    """Readers would take the later tick for the newest, and the same content would stand twice."""
    database = memory_database()
    commit(database, snapshot(tick=TICK + ahead))
    result = take_in(database, body)
    assert (result.outcome, result.verdict, result.reason) == found


@pytest.mark.parametrize("ahead", [timedelta(minutes=3), timedelta(hours=1)])
def test_what_a_clock_far_ahead_has_stored_makes_nothing_news_twice(ahead: timedelta) -> None:
    """Its recorder has the right time again; what it stored lies in the future for an hour."""
    database = memory_database()
    commit(database, snapshot(tick=TICK + ahead, stamp=STAMP - 60 * SECOND))
    bodies = [snapshot(tick=TICK + number * INTERVAL) for number in range(3)]
    assert verdicts(database, *bodies) == ["new", "unchanged", "unchanged"]
    found = database["snapshots"].find_one({"fetched_at": TICK})
    assert found
    assert found["last_seen_at"] == TICK + 2 * INTERVAL
