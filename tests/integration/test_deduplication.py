"""What is stored of a source that repeats and contradicts itself, through the real handler."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from local.nse_simulator.faults import CHAIN
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS
from optionchain.settings import Settings
from tests.integration.conftest import Play
from tests.support.bodies import STAMP, Json, chain_body, exchange_timestamp_text
from tests.support.captured import as_v3
from tests.support.histories import ist
from tests.support.mongomock_database import AnyDatabase
from tests.support.naive_reader import check_stored_as_sent

type Captured = Callable[[str], dict[str, Any]]

STEP = timedelta(seconds=30)  # of the exchange's stamps
DIWALI = date(2025, 10, 21)
MUHURAT = date(2026, 11, 8)  # a Sunday


def node(name: str, stamp_number: int = 0) -> Json:
    """What a node of the exchange says under the n-th timestamp."""
    return chain_body(stamp=STAMP + stamp_number * STEP, last_price=float(ord(name)))


def verdicts(entries: Sequence[Document]) -> list[str]:
    """What became of each tick's only expiry."""
    assert all(len(entry["expiries"]) == 1 for entry in entries)
    return [entry["expiries"][0]["verdict"] for entry in entries]


def check_stored(database: AnyDatabase, bodies: Sequence[Json]) -> None:
    """The snapshots are these bodies in this order, whole, and there is nothing else."""
    headers = list(database[SNAPSHOTS].find(sort=[("fetched_at", 1)]))
    stored = 0
    for header, body in zip(headers, bodies, strict=True):
        documents = list(database[CONTRACTS].find({"fetched_at": header["fetched_at"]}))
        check_stored_as_sent(documents, body)
        text = exchange_timestamp_text(header["exchange_timestamp"])
        assert text == body["records"]["timestamp"]
        stored += len(documents)
    assert database[CONTRACTS].count_documents({}) == stored


def test_two_nodes_that_alternate_are_stored_once_each(play: Play) -> None:
    with play([node("A"), node("B")] * 4) as (here, recorder):
        entries = recorder.work(8)
    assert verdicts(entries) == ["new", "revised", *["out_of_order", "unchanged"] * 3]
    assert [entry["outcome"] for entry in entries] == ["stored", "stored", *["unchanged"] * 6]
    assert [entry["revised"] for entry in entries] == [0, 1, *[0] * 6]
    assert [entry["out_of_order"] for entry in entries] == [0, 0, *[1, 0] * 3]
    check_stored(here.database, [node("A"), node("B")])
    first, second = here.database[SNAPSHOTS].find(sort=[("fetched_at", 1)])
    assert (first["revised"], second["revised"]) == (False, True)
    # Only the newer one is confirmed by what is read of it again.
    assert first["last_seen_at"] == first["fetched_at"]
    assert second["last_seen_at"] == entries[-1]["tick"]


def test_a_node_that_lags_behind_never_follows_a_newer_timestamp(play: Play) -> None:
    script = [node("A"), node("A", 1), node("A"), node("B"), node("B", 1), node("A", 2), node("B")]
    with play(script) as (here, recorder):
        entries = recorder.work(len(script))
    assert verdicts(entries) == [
        *("new", "new", "out_of_order", "out_of_order"),
        *("revised", "new", "out_of_order"),
    ]
    check_stored(here.database, [node("A"), node("A", 1), node("B", 1), node("A", 2)])


def test_in_whatever_order_nodes_answer_nothing_is_stored_twice_or_late(play: Play) -> None:
    chance = random.Random(1)
    order = [(chance.choice("ABC"), max(read // 8 - chance.randrange(3), 0)) for read in range(48)]
    with play([node(*each) for each in order]) as (here, recorder):
        entries = recorder.work(24) + recorder.work(24)
    stored = [
        each for each, entry in zip(order, entries, strict=True) if entry["outcome"] == "stored"
    ]
    check_stored(here.database, [node(*each) for each in stored])
    assert len(set(stored)) == len(stored) > 6
    stamps = [number for _, number in stored]
    assert stamps == sorted(stamps)
    # Nothing that was still news was left out either: the first body of each newest stamp is there.
    newest = [
        each
        for place, each in enumerate(order)
        if each[1] > max((number for _, number in order[:place]), default=-1)
    ]
    assert set(newest) <= set(stored)


def test_captured_rewrite_after_close_is_a_revision(play: Play, captured_body: Captured) -> None:
    day = date(2025, 10, 14)
    before, after = (
        as_v3(captured_body(f"legacy/edge/post-close-rewrite-{name}.json.gz"))[day]
        for name in ("before", "after")
    )
    start = datetime(2025, 10, 14, 10, 15, tzinfo=UTC)
    with play([before, after] * 2, start=start, expiry=day) as (here, recorder):
        entries = recorder.work(4)
    assert verdicts(entries) == ["new", "revised", "out_of_order", "unchanged"]
    check_stored(here.database, [before, after])
    assert [row["revised"] for row in here.database[SNAPSHOTS].find()] == [False, True]


def test_captured_holiday_body_is_not_taken_as_today_s(play: Play, captured_body: Captured) -> None:
    """A holiday that no list knew of: the exchange serves its last session all day."""
    expiry = date(2025, 10, 28)
    body = as_v3(captured_body("legacy/edge/holiday-serves-last-session.json.gz"))[expiry]
    start = ist(DIWALI + timedelta(days=2), "10:00")
    with play([body], start=start, expiry=expiry, market_hours="exchange") as (here, recorder):
        entries = recorder.work(3)
        assert here.asked(CHAIN) == 3
    assert verdicts(entries) == ["earlier_session"] * 3
    assert [(entry["outcome"], entry["reason"]) for entry in entries] == [("failed", "stale")] * 3
    assert [entry["legs"] > 0 for entry in entries] == [True] * 3
    check_stored(here.database, [])


def test_before_the_first_deal_yesterday_s_close_is_not_stored_as_today_s(play: Play) -> None:
    day = date(2026, 6, 19)
    close = chain_body(stamp=ist(date(2026, 6, 18), "15:30:00"))
    first = chain_body(stamp=ist(day, "09:15:04"))
    start = ist(day, "09:15")
    with play([close, close, first], start=start, market_hours="exchange") as (here, recorder):
        entries = recorder.work(3)
    assert verdicts(entries) == ["earlier_session", "earlier_session", "new"]
    check_stored(here.database, [first])


def test_an_older_body_does_not_follow_yesterday_s_close(play: Play) -> None:
    """What was stored yesterday is there; the morning's old bodies change nothing about it."""
    day = date(2026, 6, 19)
    close = chain_body(stamp=ist(date(2026, 6, 18), "15:30:00"))
    rewritten = chain_body(stamp=ist(date(2026, 6, 18), "15:30:00"), last_price=7.0)
    start = ist(date(2026, 6, 18), "15:29:55")
    with play([close, rewritten], start=start, market_hours="exchange") as (here, recorder):
        assert recorder.tick()["outcome"] == "stored"
        here.clock.go_to(ist(day, "09:15"))
        assert verdicts([recorder.tick()]) == ["earlier_session"]
    check_stored(here.database, [close])


def test_captured_muhurat_session_is_read_in_its_hour(play: Play, captured_body: Captured) -> None:
    expiry = date(2025, 10, 28)
    body = as_v3(captured_body("legacy/edge/muhurat-session-live.json.gz"))[expiry]
    special = {DIWALI: ((time(13, 45), time(14, 45)),)}
    with play(
        [body],
        start=ist(DIWALI, "14:25:50"),
        expiry=expiry,
        market_hours="exchange",
        market_special_sessions=special,
    ) as (here, recorder):
        assert verdicts(recorder.work(2)) == ["new", "unchanged"]
        here.clock.go_to(ist(DIWALI, "15:00"))
        assert recorder.work(2) == []
    check_stored(here.database, [body])


def test_a_muhurat_session_on_a_sunday_takes_a_setting(play: Play) -> None:
    expiry = date(2026, 11, 9)
    body = chain_body(stamp=ist(MUHURAT, "18:30:00"), expiry=expiry)
    given = Settings.from_env({"MARKET_SPECIAL_SESSIONS": "2026-11-08 18:15-19:15"})
    start = ist(MUHURAT, "18:30:05")
    with play([body], start=start, expiry=expiry, market_hours="exchange") as (here, recorder):
        assert recorder.work(2) == []
        assert here.asked() == 0
        with here.recorder(market_special_sessions=given.market_special_sessions) as configured:
            assert verdicts(configured.work(2)) == ["new", "unchanged"]
    check_stored(here.database, [body])
