"""The evening's read, by the real recorder in simulated time."""

import json
from collections.abc import Callable
from datetime import date, datetime

import pytest

from chain_fetch.refused import Refused
from tests.support.bodies import chain_body
from tests.support.evening import ALL, DAY, LISTED, REFUSED, Evening, Fault, clock_text, evening
from tests.support.histories import ist
from tests.support.mongomock_database import memory_database, uses_mongomock

pytestmark = uses_mongomock
FAR = ("NIFTY", LISTED["NIFTY"][-1])
TODAY = ("NIFTY", DAY)


def told(here: Evening) -> list[str]:
    """Return the ledger of an evening: `19:45 NIFTY stored 3`, the last is what is unsettled."""
    return [
        f"{clock_text(row['tick'])} {row['symbol']} {row.get('outcome')} {row.get('unsettled')}"
        for row in here.entries()
    ]


def rounds(here: Evening) -> dict[str, int]:
    """Return how many final chains each minute brought."""
    found: dict[str, int] = {}
    for tick in here.settled().values():
        found[clock_text(tick)] = found.get(clock_text(tick), 0) + 1
    return found


@pytest.mark.parametrize(
    ("rewritten_at", "ledger", "final", "revised"),
    [
        # Of BANKNIFTY everything was read after the close. Three expiries of NIFTY were not, so
        # nobody can tell a rewrite of theirs from the trades of the last minute.
        (
            "18:30",
            ["19:45 BANKNIFTY stored 0", "19:45 NIFTY stored 3", "21:00 NIFTY unchanged 0"],
            {"19:45": ALL},
            6,  # the other three had no snapshot under the stamp of the close
        ),
        (
            "20:30",
            [
                "19:45 BANKNIFTY stored 3",
                "19:45 NIFTY stored 6",
                "21:00 BANKNIFTY stored 0",
                "21:00 NIFTY stored 0",
            ],
            {"21:00": ALL},
            ALL,
        ),
        (
            None,
            [
                "19:45 BANKNIFTY stored 3",  # volatilities moved, and that is no rewrite
                "19:45 NIFTY stored 6",
                "21:00 BANKNIFTY unchanged 0",
                "21:00 NIFTY unchanged 0",
            ],
            {"19:45": ALL},
            6,
        ),
    ],
)
def test_a_day_is_final_once_the_exchange_has_rewritten_it_or_at_nine(
    rewritten_at: str | None, ledger: list[str], final: dict[str, int], revised: int
) -> None:
    here = evening(memory_database(), rewritten_at)
    assert told(here) == ledger
    assert rounds(here) == final
    assert {row["read"] for row in here.entries()} == {"settled"}
    assert here.counted("ExpiriesUnsettled") == []
    found = here.database["snapshots"].count_documents({"settled": True, "revised": True})
    assert found == revised


@pytest.mark.parametrize("offset", [1.0, 20.0, 59.0])
def test_an_evening_costs_few_seconds_of_lambda(offset: float) -> None:
    """A day's session is 23,100 s. What an evening costs is two starts that wait for their tick."""
    here = evening(memory_database(), offset=offset)
    assert here.paid_seconds() < 400
    assert here.asked("19:40", "20:05").total() == ALL
    assert here.asked("20:55", "21:20").total() == 3


def failing(times: int, *keys: tuple[str, date | None]) -> Fault:
    """Have each of these answers fail so many times, or all of them."""
    left = dict.fromkeys(keys, times)

    def fault(symbol: str, expiry: date | None, at: datetime) -> Exception | None:
        key = (symbol, expiry)
        if at < ist(DAY, "19:00") or (keys and key not in left):
            return None
        left.setdefault(key, times)
        left[key] -= 1
        return REFUSED if left[key] >= 0 else None

    return fault


def test_what_fails_is_read_again_at_the_next_minutes_and_nothing_else() -> None:
    def fail(here: Evening) -> None:
        here.exchange.fault = failing(2, TODAY, FAR)

    here = evening(memory_database(), prepare=fail)
    asked = here.asked("19:40", "20:05")
    assert {key for key, times in asked.items() if times > 1} == {TODAY, FAR}
    assert asked[TODAY] == asked[FAR] == 3
    assert [line for line in told(here) if "NIFTY" in line and "BANK" not in line] == [
        "19:45 NIFTY failed 5",
        "19:46 NIFTY failed 5",
        "19:47 NIFTY stored 3",
        "21:00 NIFTY unchanged 0",
    ]
    assert rounds(here) == {"19:45": ALL - 2, "19:47": 2}


def test_an_expiry_that_never_comes_is_reported_as_missing_once() -> None:
    def fail(here: Evening) -> None:
        here.exchange.fault = failing(100, FAR)

    here = evening(memory_database(), prepare=fail)
    assert len(here.settled()) == ALL - 1
    assert FAR not in here.settled()
    last = [line for line in told(here) if line.startswith("21:14")]
    assert last == ["21:14 NIFTY skipped 1"]  # it waits longer after each refusal
    assert here.counted("ExpiriesUnsettled") == [1]
    assert here.asked("19:46", "20:05").keys() == {FAR}  # what was read is not read again
    assert 5 <= here.asked("19:46", "20:05")[FAR] <= 14


def test_a_block_is_waited_for_and_the_second_round_reads_all() -> None:
    def block(here: Evening) -> None:
        until = ist(DAY, "19:50")
        blocked = Refused("blocked", "HTTP 403", None)
        here.exchange.fault = lambda symbol, expiry, at: blocked if at < until else None  # noqa: ARG005

    here = evening(memory_database(), prepare=block)
    assert len(here.settled()) == ALL
    assert {row.get("reason") for row in here.entries() if row["outcome"] == "skipped"} == {
        "blocked"
    }
    # One tick of nine requests was refused, and after it nothing is asked for five minutes.
    assert here.asked("19:45", "19:50").total() <= ALL


def test_a_body_of_the_day_before_or_of_an_older_stamp_is_stale_and_tried_again() -> None:
    def age(here: Evening) -> None:
        old = {TODAY: ist(DAY, "15:30"), FAR: ist(date(2026, 9, 21), "15:40")}

        def fault(symbol: str, expiry: date | None, at: datetime) -> bytes | None:
            key = (symbol, expiry)
            if expiry is None or key not in old or at > ist(DAY, "19:47"):
                return None
            body = chain_body(symbol=symbol, expiry=expiry, stamp=old[key])
            return json.dumps(body).encode()

        here.exchange.fault = fault

    here = evening(memory_database(), prepare=age)
    nifty = here.entries("NIFTY")
    reasons = [[each.get("reason") for each in row["expiries"]] for row in nifty[:3]]
    assert [sorted(filter(None, each)) for each in reasons] == [["stale"] * 2, ["stale"] * 2, []]
    assert rounds(here) == {"19:45": ALL - 2, "19:47": 2}


def test_a_feed_that_stood_still_before_the_close_has_no_final_chain() -> None:
    def stand(here: Evening) -> None:
        stamp = ist(DAY, "15:39:30")

        def fault(symbol: str, expiry: date | None, at: datetime) -> bytes | None:  # noqa: ARG001
            if expiry is None:
                return None
            body = chain_body(symbol=symbol, expiry=expiry, stamp=stamp.replace(hour=8))
            return json.dumps(body).encode()

        here.database["snapshots"].delete_many({})
        here.exchange.fault = fault

    here = evening(memory_database(), prepare=stand)
    assert here.settled() == {}
    assert here.counted("ExpiriesUnsettled") == [6, 3]


def test_a_kill_in_the_middle_leaves_the_rest_to_the_next_minute() -> None:
    here = evening(memory_database(), prepare=lambda here: here.at("19:45:05", here.kill))
    assert len(here.settled()) == ALL
    first = [row for row in here.entries() if clock_text(row["tick"]) == "19:45"]
    assert [row.get("outcome") for row in first] == [None, None]  # claimed by the one that died
    asked = here.asked("19:40", "20:05")
    assert len(asked) == ALL
    assert asked.total() <= ALL + 1  # the answer that was on its way is asked for again


def test_invocations_that_are_delivered_twice_read_once() -> None:
    here = evening(memory_database(), times=2)
    assert here.asked("19:40", "20:05").total() == ALL
    assert rounds(here) == {"19:45": ALL}


@pytest.mark.parametrize(
    ("away", "back", "missing"), [("19:44:30", "19:52", []), ("19:44:30", "22:00", [1, 1])]
)
def test_a_database_that_is_away_costs_its_minutes(
    away: str, back: str, missing: list[int]
) -> None:
    def go(is_away: bool) -> Callable[[Evening], Callable[[], None]]:
        return lambda here: lambda: setattr(here.database, "away", is_away)

    def prepare(here: Evening) -> None:
        here.at(away, go(True)(here))
        here.at(back, go(False)(here))

    here = evening(memory_database(), prepare=prepare)
    here.database.away = False
    assert set(here.counted("ExpiriesUnsettled")) == set(missing)
    assert len(here.settled()) == (0 if missing else ALL)


def test_no_invocation_outside_of_the_rounds_asks_or_waits() -> None:
    here = Evening(memory_database(), ist(DAY, "15:46"), None)
    here.database.away = True
    here.run("19:43")
    here.pass_idle("20:00")
    here.run("20:58")
    here.pass_idle("21:15")
    here.run("22:00")
    assert here.exchange.asked == []
    assert here.paid_seconds() == 0
