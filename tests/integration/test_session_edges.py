"""Where sessions begin and end, holidays, and clocks that jump, through the real handler."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from local.nse_simulator.faults import CHAIN
from optionchain.announced_days import HOLIDAYS_2026
from optionchain.mongo.holiday_register import HolidayRegister
from optionchain.mongo.indexes import SNAPSHOTS, TICKS
from tests.integration.conftest import Play, SceneAt
from tests.support.bodies import Json, chain_body
from tests.support.histories import ist
from tests.support.patience import ends_soon
from tests.support.scripted_nse import GOOD, STEP, Scene

HOLIDAYS = "/api/holiday-master"
WEDNESDAY = date(2026, 9, 16)
MORNING = ist(WEDNESDAY, "11:00")
EXPIRY = date(2026, 9, 22)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def here(scene_at: SceneAt) -> Iterator[Scene]:
    """A Wednesday's morning, by the exchange's hours."""
    with scene_at(MORNING, market_hours="exchange") as here:
        yield here


def remember(here: Scene, *more: date, age: timedelta = HOUR) -> HolidayRegister:
    """Have a list remembered that was read some time ago: the shipped days and some more."""
    register = HolidayRegister(here.database)
    register.write(HOLIDAYS_2026 | set(more), here.clock.now() - age)
    return register


def test_the_list_is_asked_for_once_a_day_by_all_environments_together(here: Scene) -> None:
    with here.recorder() as first, here.recorder() as second:
        for day in (1, 2):
            for _ in range(2):
                assert first.tick()["outcome"] == "stored"
                assert second.tick()["outcome"] == "stored"
            assert here.asked(HOLIDAYS) == day
            here.clock.go_to(ist(WEDNESDAY + DAY, "11:01"))


def test_a_holiday_that_the_exchange_lists_is_kept_though_not_shipped(scene_at: SceneAt) -> None:
    """Of 2027 nothing is shipped. The first invocation learns of Republic Day, and all others."""
    morning = ist(date(2027, 1, 26), "09:05")
    with scene_at(morning, market_hours="exchange") as here, here.recorder() as first:
        assert first.work() == []
        asked = here.asked()
        with here.recorder() as second:
            assert first.work() == second.work() == []
            assert second.deps.calendar.market().origin(2027) == "exchange"
            here.clock.go_to(ist(date(2027, 1, 26), "09:14:30"))
            assert second.work(12) == []
        assert here.asked() == asked


def test_the_exchange_s_list_goes_before_the_shipped_one(scene_at: SceneAt) -> None:
    monday = date(2026, 9, 14)
    moved = HOLIDAYS_2026 - {monday} | {WEDNESDAY}
    with scene_at(ist(monday, "11:00"), market_hours="exchange") as here:
        register = HolidayRegister(here.database)
        register.write(moved, here.clock.now())
        with here.recorder() as recorder:
            assert recorder.tick()["outcome"] == "stored"
            asked = here.asked()
            here.clock.go_to(ist(WEDNESDAY, "09:14"))
            register.write(moved, here.clock.now())
            assert recorder.work(12) == []
            assert here.asked() == asked


@pytest.mark.time_limits
@pytest.mark.parametrize(
    ("kind", "details"),
    [
        *((kind, {}) for kind in ("empty", "html_200", "truncated", "undecodable")),
        *((kind, {}) for kind in ("server_error", "unauthorised", "tarpit")),
        ("huge", {"size": 20_000_000}),
    ],
)
def test_unreadable_list_costs_no_tick_and_old_stays(here: Scene, kind: str, details: Json) -> None:
    register = remember(here, WEDNESDAY + DAY, age=2 * DAY)
    known = register.read()
    here.exchange.faults.add(kind, path=HOLIDAYS, **details)
    with here.recorder() as recorder:
        assert recorder.tick()["outcome"] == "stored"
        tried = register.read()
        assert tried is not None
        assert tried._replace(tried_at=None) == known
        assert here.source() == {}
        if kind == "tarpit":
            return  # each try takes its two seconds

        here.exchange.faults.clear()
        here.clock.sleep((5 * MINUTE).total_seconds())
        assert recorder.tick()["outcome"] == "stored"
        fresh = register.read()
        assert fresh is not None
        assert fresh.days == HOLIDAYS_2026


def test_a_list_that_was_never_read_leaves_the_shipped_one_which_says_so(here: Scene) -> None:
    here.exchange.faults.add("server_error", path=HOLIDAYS)
    with here.recorder() as recorder:
        assert recorder.tick()["outcome"] == "stored"
        assert recorder.deps.calendar.market().origin(2026) == "shipped"
        here.clock.go_to(ist(date(2026, 10, 2), "09:05"))
        assert recorder.work() == []
        assert here.asked(HOLIDAYS) > 1


@pytest.mark.parametrize("kind", ["access_denied", "rate_limited", "http_421", "too_many"])
def test_a_block_that_meets_the_list_keeps_the_ticks_from_asking(here: Scene, kind: str) -> None:
    here.exchange.faults.add(kind, path=HOLIDAYS)
    with here.recorder() as recorder:
        assert recorder.tick()["outcome"] == "skipped"
    assert [row.path for row in here.exchange.requests] == ["/option-chain", HOLIDAYS]


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (WEDNESDAY, "07:59:30"),
        (WEDNESDAY, "15:40:01.6"),
        (WEDNESDAY, "15:45:01.6"),
        (WEDNESDAY, "23:59:59"),
        (date(2026, 7, 31), "15:35:05"),  # before August the close was at 15:30
        (date(2026, 9, 19), "11:00"),  # a Saturday
        (date(2026, 9, 20), "11:00"),
        (date(2026, 11, 8), "18:30"),  # a special session that was not configured
    ],
)
def test_outside_of_a_session_nothing_is_asked(scene_at: SceneAt, day: date, text: str) -> None:
    with scene_at(ist(day, text), market_hours="exchange") as here:
        with here.recorder() as recorder:
            before = here.clock.monotonic()
            assert recorder.work(12) == []
            assert here.clock.monotonic() - before == STEP.total_seconds()  # of `work` itself
        assert here.asked() == 0
        assert here.database[TICKS].count_documents({}) == 0


@pytest.mark.parametrize(
    ("day", "close"),
    [(date(2026, 7, 31), "15:30"), (date(2026, 8, 3), "15:40"), (WEDNESDAY, "15:40")],
)
def test_one_tick_comes_after_the_close(scene_at: SceneAt, day: date, close: str) -> None:
    closes = ist(day, close)
    with scene_at(closes - MINUTE, market_hours="exchange") as here, here.recorder() as recorder:
        ticks = []
        for minute in range(-1, 8):  # as the schedule fires
            here.clock.go_to(max(closes + minute * MINUTE, here.clock.now()))
            ticks += [entry["tick"] for entry in recorder.work(12)]
    assert ticks == [closes + number * STEP for number in range(-12, 0)] + [closes + 5 * MINUTE]


def test_what_the_close_settles_to_is_kept_as_a_revision(play: Play) -> None:
    close = ist(WEDNESDAY, "15:39:50")
    bodies = [
        chain_body(stamp=close, expiry=EXPIRY, last_price=price) for price in (101.0, 101.0, 99.5)
    ]
    with play(bodies, start=close, expiry=EXPIRY, market_hours="exchange") as (here, recorder):
        assert [entry["outcome"] for entry in recorder.work(2)] == ["stored", "unchanged"]
        here.clock.go_to(ist(WEDNESDAY, "15:44:00"))
        (settled,) = recorder.work(24)
    assert settled["tick"] == ist(WEDNESDAY, "15:45:00")
    assert (settled["outcome"], settled["revised"]) == ("stored", 1)
    first, last = here.database[SNAPSHOTS].find(sort=[("fetched_at", 1)])
    assert (first["revised"], last["revised"]) == (False, True)
    assert last["exchange_timestamp"] == first["exchange_timestamp"] == close


def test_a_close_that_settled_to_nothing_new_is_confirmed(play: Play) -> None:
    """The last header is then known to have held for five minutes longer."""
    body = chain_body(stamp=ist(WEDNESDAY, "15:39:50"), expiry=EXPIRY)
    start = ist(WEDNESDAY, "15:39:55")
    with play([body], start=start, expiry=EXPIRY, market_hours="exchange") as (here, recorder):
        assert recorder.tick()["outcome"] == "stored"
        here.clock.go_to(ist(WEDNESDAY, "15:44:30"))
        (settled,) = recorder.work(12)
    assert settled["outcome"] == "unchanged"
    (header,) = here.database[SNAPSHOTS].find()
    assert header["last_seen_at"] == settled["tick"] == ist(WEDNESDAY, "15:45:00")


@pytest.fixture
def always(scene_at: SceneAt) -> Iterator[Scene]:
    """The same morning, for a recorder of all hours."""
    with scene_at(MORNING) as here:
        yield here


def check_claims(here: Scene) -> None:
    """Nothing that was claimed is without its outcome."""
    assert here.database[TICKS].count_documents({"outcome": {"$exists": False}}) == 0


def check_next_tick(here: Scene) -> None:
    """The next invocation, in an environment of its own, is as good as any."""
    here.clock.go_to(here.clock.now().replace(microsecond=0, second=0) + MINUTE)
    with here.recorder() as another:
        entries = another.work(3)
    assert [entry["outcome"] for entry in entries] == ["stored"] * 3


@pytest.mark.parametrize("seconds", [3_600, 7, 90])
def test_a_clock_put_forward_costs_the_ticks_it_leapt_over(always: Scene, seconds: int) -> None:
    always.clock.after(20, lambda: always.clock.jump(timedelta(seconds=seconds)))
    began, passed = always.clock.now(), always.clock.monotonic()
    with always.recorder() as recorder:
        entries = recorder.work(12)
    assert always.clock.monotonic() - passed <= 65
    assert [entry["tick"] for entry in entries] == [began + place * STEP for place in range(12)]
    outcomes = [(entry["outcome"], entry.get("reason")) for entry in entries]
    leapt = sum(outcome == ("skipped", "busy") for outcome in outcomes)
    assert outcomes[:4] == [("stored", None)] * 4
    assert set(outcomes) <= {("stored", None), ("unchanged", None), ("skipped", "busy")}
    assert leapt == min(seconds // 5, 8)
    check_claims(always)
    check_next_tick(always)


@pytest.mark.parametrize("seconds", [3_600, 7])
def test_a_clock_put_back_is_waited_for_no_longer_than_a_shift(always: Scene, seconds: int) -> None:
    always.clock.after(20, lambda: always.clock.jump(timedelta(seconds=-seconds)))
    passed = always.clock.monotonic()
    with always.recorder() as recorder:
        entries = recorder.work(12)
    assert always.clock.monotonic() - passed <= 65
    assert {entry["outcome"] for entry in entries} <= set(GOOD)
    assert len(entries) == (4 if seconds == 3_600 else len(entries)) >= 4
    check_claims(always)
    if seconds == 3_600:  # by such a clock every body is of the future
        with always.recorder() as another:
            assert {row["reason"] for row in another.work(3)} == {"invalid_payload"}
        always.clock.jump(HOUR)
    check_next_tick(always)


def test_a_clock_that_jumps_back_and_forth_all_the_time_ends_in_time(always: Scene) -> None:
    for place in range(12):
        by = HOUR if place % 2 else -HOUR
        always.clock.after(7 * (place + 1), lambda by=by: always.clock.jump(by))  # type: ignore[misc]
    passed = always.clock.monotonic()
    with always.recorder() as recorder:
        entries = recorder.work(24)
        assert always.clock.monotonic() - passed <= 125
        assert {entry["outcome"] for entry in entries} <= {*GOOD, "skipped"}
        assert len(always.exchange.requests.to(CHAIN)) <= 2 * len(entries)
    check_claims(always)
    check_next_tick(always)


def test_a_clock_put_back_during_a_read_does_not_lengthen_its_deadline(always: Scene) -> None:
    """An answer that drips in would otherwise be read for an hour."""
    with always.recorder(nse_fetch_interval=2) as recorder:
        recorder.work()
        always.exchange.faults.add("slow_drip", seconds=0.05)
        tick = always.clock.now()
        always.clock.jump(-HOUR)
        with ends_soon():
            results = recorder.deps.sources.readers[0].read(["IDEA"], tick)
        assert {result.reason for result in results["IDEA"]} == {"timeout"}
        always.clock.jump(HOUR)
        always.exchange.faults.clear()
        assert recorder.tick()["outcome"] == "stored"
