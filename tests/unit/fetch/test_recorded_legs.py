"""What the record knows of contracts: which are new, and how old the exchange's volatility is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.recorded_facts import RecordedFacts
from chain_fetch.recording.bodies.recorded_legs import RecordedLegs
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.ticks.plan import PlannedRequest
from optionchain.market import Market
from optionchain.mongo.listing_register import Listing, ListingRegister
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.snapshot import Leg, Snapshot
from tests.support import ingesting
from tests.support.bodies import EXPIRY
from tests.support.histories import ist
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import quote, snapshot
from tests.support.two_sources import DERIVED, VENDOR

pytestmark = uses_mongomock

THURSDAY, FRIDAY, MONDAY = date(2026, 6, 18), date(2026, 6, 19), date(2026, 6, 22)
MINUTE = timedelta(minutes=1)
OLD: tuple[Leg, ...] = ((24000.0, "CE"), (24000.0, "PE"), (24050.0, "CE"), (24050.0, "PE"))
NEW: Leg = (24100.0, "CE")
# Open interest, its change, volume.
type Reading = tuple[float | None, float | None, float | None]
SETTLED = ist(FRIDAY, "15:35")
OPENING = ist(MONDAY, "09:16")


def environment(database: AnyDatabase, market: Market | None = None) -> Ingestion:
    """An execution environment that has nothing in memory yet."""
    store = SnapshotWriter(database)
    facts = RecordedFacts(RecordedLegs(database))
    return Ingestion(store, TickLedger(database), 5.5, lambda: market or Market(), facts)


def take_in(ingestion: Ingestion, *bodies: Snapshot) -> None:
    for body in bodies:
        result = RequestResult(PlannedRequest("NIFTY", EXPIRY, required=True))
        ingesting.take_in(ingestion, body, result)


def body(at: datetime, more: Mapping[Leg, Reading] | None = None, **numbers: Any) -> Snapshot:  # noqa: ANN401
    """A body with the old contracts, and more of them."""
    quotes = [quote(side, strike, **numbers) for strike, side in OLD]
    for (strike, side), (interest, change, volume) in (more or {}).items():
        sent = {"open_interest": interest, "change_in_oi": change, "total_traded_volume": volume}
        quotes.append(quote(side, strike, **sent, pchange_in_oi=change and 1.5 * change))
    quotes.sort(key=lambda each: (each.strike_price, each.side))
    # Another underlying at each instant: every body is news.
    moving = 24_000.0 + at.timestamp() % 1_000
    return replace(snapshot(tick=at, stamp=at, underlying=moving), quotes=tuple(quotes))


def told(database: AnyDatabase, leg: Leg = NEW) -> tuple[str | None, bool | None]:
    """What the newest document of a contract says of its listing."""
    wanted = {"strike_price": leg[0], "type": leg[1]}
    document = database["option_chain"].find_one(wanted, sort=[("fetched_at", -1)])
    assert document
    return document["listed_on"], document["newly_listed"]


def test_a_contract_that_the_day_before_lacks_is_listed_today_and_known_from_then_on() -> None:
    database = memory_database()
    take_in(environment(database), body(SETTLED))
    take_in(environment(database), body(OPENING, {NEW: (7.0, 0.0, 9.0)}))
    assert told(database) == ("22-Jun-2026", True)
    assert told(database, OLD[0]) == (None, False)
    take_in(environment(database), body(ist(MONDAY, "15:35"), {NEW: (50.0, 0.0, 80.0)}))
    assert told(database) == ("22-Jun-2026", True)
    tuesday = ist(date(2026, 6, 23), "09:16")
    take_in(environment(database), body(tuesday, {NEW: (50.0, 0.0, 0.0)}))
    assert told(database) == ("22-Jun-2026", False)


@pytest.mark.parametrize(
    ("before", "reading", "new"),
    [
        ([], (7.0, 0.0, 9.0), None),  # the recorder began today
        ([], (0.0, 0.0, 0.0), None),
        ([], (7.0, 0.0, 6.0), False),  # that open interest is not of today
        ([], (7.0, 0.0, 0.0), False),
        ([], (7.0, 2.0, 9.0), False),  # counted from a day before
        ([ist(THURSDAY, "15:35")], (7.0, 0.0, 9.0), None),  # Friday is a gap
        ([ist(FRIDAY, "15:28:59")], (7.0, 0.0, 9.0), None),  # a strike may have come after that
        ([SETTLED], (7.0, 0.0, 6.0), False),  # it was not quoted
        ([SETTLED], (7.0, 0.0, 0.0), False),
        ([SETTLED], (7.0, 2.0, 9.0), False),
        ([SETTLED], (7.0, -1.0, 9.0), False),
        ([SETTLED], (None, 0.0, 9.0), None),
        ([SETTLED], (7.0, None, 9.0), None),
        ([SETTLED], (7.0, 0.0, None), None),
    ],
)
def test_what_the_record_does_not_show_is_not_listed_today(
    before: Sequence[datetime], reading: Reading, new: bool | None
) -> None:
    """Whether it is new is not known either, if its own numbers do not show that it is not."""
    database = memory_database()
    take_in(environment(database), *map(body, before), body(OPENING, {NEW: reading}))
    assert told(database) == (None, new)


@pytest.mark.parametrize("day", [FRIDAY, THURSDAY])
def test_what_was_recorded_on_any_day_before_has_a_change_of_0(day: date) -> None:
    database = memory_database()
    take_in(environment(database), body(ist(day, "11:00"), {NEW: (7.0, 0.0, 9.0)}))
    assert told(database) == (None, None)
    take_in(environment(database), body(OPENING, {NEW: (7.0, 0.0, 9.0)}))
    assert told(database) == (None, False)


def test_a_chain_seen_in_the_last_minute_shows_what_was_listed_on_its_day() -> None:
    database = memory_database()
    take_in(environment(database), body(ist(FRIDAY, "12:00")))
    end = {"$set": {"last_seen_at": ist(FRIDAY, "15:29")}}
    database["snapshots"].update_one({}, end)
    take_in(environment(database), body(OPENING, {NEW: (7.0, 0.0, 9.0)}))
    assert told(database) == ("22-Jun-2026", True)


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize(
    ("earlier", "found"),
    [
        ([body(SETTLED), body(OPENING)], ("22-Jun-2026", True)),
        ([body(OPENING)], (None, None)),
        # Contracts that nobody quotes are not sent, and come back.
        ([body(SETTLED, {NEW: (9.0, 1.0, 4.0)}), body(OPENING)], (None, False)),
        ([body(ist(THURSDAY, "11:00"), {NEW: (9.0, 0.0, 9.0)}), body(SETTLED)], (None, False)),
        ([body(SETTLED), body(OPENING, {NEW: (0.0, 0.0, 0.0)}), body(OPENING + MINUTE)],
         ("22-Jun-2026", True)),
    ],
)  # fmt: skip
def test_a_contract_that_comes_within_the_day_is_new_if_it_never_was_there(
    earlier: Sequence[Snapshot], found: tuple[str | None, bool | None], fresh: bool
) -> None:
    database = memory_database()
    one = environment(database)
    take_in(one, *earlier)
    take_in(environment(database) if fresh else one, body(OPENING + 2 * MINUTE, {NEW: (9, 0, 9)}))
    assert told(database) == found


def test_open_interest_that_moves_under_a_change_of_0_contradicts_it() -> None:
    """Without the day before: the contract is new, and since when is not known."""
    database = memory_database()
    interests = [(90.0, 0.0), (90.0, 0.0), (91.0, 0.0), (91.0, 0.0), (95.0, 4.0)]
    found = []
    for number, (interest, change) in enumerate(interests):
        later = body(OPENING + number * MINUTE, {NEW: (interest, change, 900.0)})
        take_in(environment(database), later)
        found.append(told(database))
    assert found == [(None, None), (None, None), (None, True), (None, True), (None, False)]


def test_a_vendor_s_change_of_a_contract_that_vanished_tells_what_the_exchange_s_0_is() -> None:
    """All of its open interest was new by the vendor's own difference."""
    database = memory_database()
    chains = [{NEW: (90.0, 90.0, 200.0)}, {}, {NEW: (90.0, 0.0, 200.0)}]
    for number, more in enumerate(chains):
        each = body(OPENING + number * MINUTE, more, total_traded_volume=9_000.0 + number)
        if number < 2:
            each = replace(each, source=VENDOR, derived=DERIVED, exchange_timestamp=None)
        take_in(environment(database), each)
    assert database["snapshots"].count_documents({}) == 3
    assert told(database) == (None, True)


def test_a_contract_of_an_older_version_is_doubted_until_its_numbers_tell() -> None:
    database = memory_database()
    take_in(environment(database), body(OPENING, {NEW: (90.0, 0.0, 900.0)}))
    database["option_chain"].update_many({}, {"$unset": {"newly_listed": 1}})
    later = body(OPENING + MINUTE, {NEW: (90.0, 0.0, 900.0)})
    take_in(environment(database), later)
    assert [told(database, leg) for leg in (NEW, OLD[0])] == [(None, None), (None, False)]


def test_a_change_from_the_day_before_ends_a_listing_of_today() -> None:
    """The exchange has not sent the contract, as nobody quoted it, but knows it."""
    database = memory_database()
    opening, later = body(OPENING, {NEW: (0, 0, 0)}), body(OPENING + MINUTE, {NEW: (8, 8, 14)})
    take_in(environment(database), body(SETTLED), opening, later)
    assert told(database) == (None, False)


def test_a_chain_whose_strikes_were_adjusted_is_not_taken_for_new() -> None:
    """The same contracts go on; whether a 0 counts from their day before is not known."""
    database = memory_database()
    take_in(environment(database), body(SETTLED))
    halves = [
        quote("CE", strike / 2, change_in_oi=0.0, pchange_in_oi=0.0) for strike, _ in OLD[::2]
    ]
    take_in(environment(database), replace(body(OPENING), quotes=tuple(halves)))
    assert told(database, (12000.0, "CE")) == (None, None)


def test_a_damaged_day_before_shows_nothing() -> None:
    database = memory_database()
    take_in(environment(database), body(SETTLED))
    database["option_chain"].delete_one({})
    take_in(environment(database), body(OPENING, {NEW: (7.0, 0.0, 9.0)}))
    assert told(database) == (None, None)


@pytest.mark.parametrize(
    ("expiries", "unlisted", "read_at", "listed"),
    [
        ([date(2026, 6, 30)], [], ist(FRIDAY, "12:00"), True),
        ([EXPIRY, date(2026, 6, 30)], [], ist(FRIDAY, "12:00"), False),
        ([date(2026, 6, 30)], [EXPIRY], ist(FRIDAY, "12:00"), False),
        ([date(2026, 6, 30)], [], ist(THURSDAY, "12:00"), False),
        (None, [], None, False),
    ],
)
def test_a_whole_series_is_new_if_it_was_not_listed_the_day_before(
    expiries: Sequence[date] | None,
    unlisted: Sequence[date],
    read_at: datetime | None,
    listed: bool,
) -> None:
    database = memory_database()
    if expiries and read_at:
        register = ListingRegister(database)
        since = ist(THURSDAY, "09:15")
        register.write(Listing("NIFTY", tuple(expiries), since, read_at, tuple(unlisted)))
        register.write(Listing("NIFTY", (EXPIRY, *expiries), OPENING, OPENING))
    take_in(environment(database), body(OPENING, change_in_oi=0.0, pchange_in_oi=0.0))
    assert told(database, OLD[0]) == (("22-Jun-2026", True) if listed else (None, None))


def test_a_volatility_is_as_old_as_the_first_snapshot_that_has_it() -> None:
    database = memory_database()
    sent = [12.5, 12.5, 13.0, 13.0, None, 13.0, 13.0]
    bodies = [
        body(OPENING + number * MINUTE, implied_volatility=volatility)
        for number, volatility in enumerate(sent)
    ]
    take_in(environment(database), *bodies)
    rows = database["option_chain"].find({"strike_price": 24000.0, "type": "CE"})
    found = [row["iv_as_of"] and (row["iv_as_of"] - OPENING) // MINUTE for row in rows]
    # Since when the first one was sent is not known.
    assert found == [None, None, 2, 2, None, 5, 5]


def test_after_a_night_a_volatility_that_is_sent_again_keeps_its_age() -> None:
    database = memory_database()
    noon = ist(FRIDAY, "12:00")
    bodies = [body(noon), body(SETTLED, implied_volatility=14.0)]
    for each in (*bodies, body(OPENING, implied_volatility=14.0)):
        take_in(environment(database), each)
    newest = database["option_chain"].find_one(sort=[("fetched_at", -1)])
    assert newest
    assert newest["iv_as_of"] == SETTLED


def random_bodies(random: Random) -> list[Snapshot]:
    """Bodies of two days: contracts come, vanish and come back, and volatilities move at times."""
    late: Sequence[Leg] = [NEW, (24100.0, "PE")]
    ticks = [SETTLED, *(OPENING + number * MINUTE for number in range(12))]
    found = []
    for tick in ticks:
        more: dict[Leg, Reading] = {
            leg: (random.randrange(9), random.choice((0, 0, 0, 2)), random.randrange(4, 20))
            for leg in random.sample(late, random.randrange(3))
        }
        found.append(body(tick, more, implied_volatility=random.choice((11.0, 12.0))))
    return found


@pytest.mark.parametrize("seed", range(12))
def test_environments_that_take_turns_know_what_one_alone_knows(seed: int) -> None:
    """A third of the ticks each, in any order: memory and database tell the same."""
    bodies, stored = random_bodies(Random(seed)), []
    for number in (1, 3):
        database = memory_database()
        environments = [environment(database) for _ in range(number)]
        random = Random(seed)
        for each in bodies:
            take_in(random.choice(environments), each)
        rows: list[dict[str, Any]] = list(database["option_chain"].find({}, {"_id": False}))
        stored.append(rows)
    assert stored[0] == stored[1]
    assert any(row["newly_listed"] for row in stored[0])


def test_a_tick_without_news_reads_what_the_next_news_needs() -> None:
    """Nothing of the day before is read any more when the tick with news has no time."""
    database = memory_database()
    take_in(environment(database), body(SETTLED), body(OPENING, {NEW: (7.0, 0.0, 9.0)}))
    later = environment(database)
    take_in(later, replace(body(OPENING, {NEW: (7.0, 0.0, 9.0)}), fetched_at=OPENING + MINUTE))
    database["option_chain"].delete_many({})
    take_in(later, body(OPENING + 2 * MINUTE, {NEW: (8.0, 0.0, 9.0)}))
    assert told(database) == ("22-Jun-2026", True)


def test_what_has_expired_is_forgotten() -> None:
    database = memory_database()
    legs = RecordedLegs(database)
    for day, expiry in ((FRIDAY, EXPIRY), (MONDAY, date(2026, 6, 30)), (date(2026, 6, 24), None)):
        each = replace(body(ist(day, "10:00")), expiry=expiry or date(2026, 7, 7))
        legs.of(each, None, Market())
    assert {key[1] for key in legs._remembered} == {date(2026, 6, 30), date(2026, 7, 7)}
