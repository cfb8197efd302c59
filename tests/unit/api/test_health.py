"""GET /health: whether a user can rely on the data, by confirmations and timestamps."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chain_api.aws.schedule import Schedule, State
from chain_api.calculations.calendar_notices import calendar_notices
from chain_api.calculations.health_reasons import (
    Nearest,
    Reason,
    halts,
    reasons,
    with_causes,
)
from optionchain.announced_days import HOLIDAYS_2026
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument, header_document
from optionchain.mongo.holiday_register import HolidayRegister, Rejected
from optionchain.mongo.listing_register import Listing, ListingRegister, SourceList
from optionchain.mongo.recorder_switch import RecorderSwitch, SwitchState
from optionchain.mongo.source_register import SourceRegister, SourceState, source_key
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.mongo.underlying_register import (
    Underlying,
    UnderlyingRegister,
    Underlyings,
)
from optionchain.settings import Settings
from tests.support.api import NOW, client, commit, database_with
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.settings import changed
from tests.support.snapshots import TICK, snapshot

pytestmark = uses_mongomock

MARKET = Market()
NIFTY_ALONE = Settings(nse_symbols=("NIFTY",))
OPENING = datetime.fromisoformat("2026-06-19T09:15:00+05:30")
CLOSE = datetime.fromisoformat("2026-06-19T15:30:00+05:30")
SUNDAY = datetime.fromisoformat("2026-06-21T11:00:00+05:30")
SECOND = timedelta(seconds=1)


EARLY, LATE = OPENING + 60 * SECOND, OPENING + 61 * SECOND
YESTERDAY = 63_000


def header(now: datetime, confirmed_ago: float, stamped_ago: float = 30) -> HeaderDocument:
    """Return a header that was confirmed and stamped so many seconds before now."""
    found = header_document(snapshot(stamp=now - stamped_ago * SECOND))
    found["last_seen_at"] = now - confirmed_ago * SECOND
    return found


def reasons_of(
    newest: Mapping[str, HeaderDocument | None], now: datetime = NOW, seconds: int = 5
) -> list[Reason]:
    nearest = {symbol: Nearest(header) for symbol, header in newest.items()}
    return reasons(nearest, MARKET, now, dict.fromkeys(nearest, seconds * SECOND))


def codes(newest: HeaderDocument | None, now: datetime = NOW, seconds: int = 5) -> list[str]:
    return [reason["code"] for reason in reasons_of({"NIFTY": newest}, now, seconds)]


@pytest.mark.parametrize(("now", "confirmed_ago", "stamped_ago", "expected"), [
    (NOW, 0, 0, []),
    (NOW, 60, 30, []),
    (NOW, 60.001, 30, ["not_confirmed"]),
    (NOW, 5, 300, []),
    (NOW, 5, 300.001, ["exchange_stale"]),
    (NOW, 61, 301, ["not_confirmed"]),
    # Within a minute of the opening nothing is expected, and no new stamp within five.
    (OPENING, YESTERDAY, YESTERDAY, []),
    (OPENING + 30 * SECOND, YESTERDAY, YESTERDAY, []),
    (EARLY, YESTERDAY, YESTERDAY, []),
    (LATE, YESTERDAY, YESTERDAY, ["not_confirmed"]),
    (OPENING + 300 * SECOND, 5, YESTERDAY, []),
    (OPENING + 360 * SECOND, 5, YESTERDAY, ["exchange_stale"]),
    (OPENING - SECOND, 500_000, 500_000, []),
    (CLOSE, 500_000, 500_000, []),
    (SUNDAY, 500_000, 500_000, []),
])  # fmt: skip
def test_data_must_be_confirmed_and_stamped_lately_during_a_session(
    now: datetime, confirmed_ago: float, stamped_ago: float, expected: list[str]
) -> None:
    assert codes(header(now, confirmed_ago, stamped_ago), now) == expected


@pytest.mark.parametrize(("seconds", "confirmed_ago", "expected"), [
    (5, 60, []),
    (5, 61, ["not_confirmed"]),
    (20, 60, []),
    (20, 61, ["not_confirmed"]),
    (30, 90, []),
    (60, 119, []),  # one tick failed
    (60, 180, []),
    (60, 181, ["not_confirmed"]),
    (75, 225, []),  # 213 symbols at 3 requests a second take turns
    (75, 226, ["not_confirmed"]),
])  # fmt: skip
def test_confirmation_is_judged_by_the_interval(
    seconds: int, confirmed_ago: int, expected: list[str]
) -> None:
    assert codes(header(NOW, confirmed_ago), seconds=seconds) == expected


@pytest.mark.parametrize("now", [OPENING, OPENING + 30 * SECOND, EARLY, LATE, CLOSE, SUNDAY])
def test_data_must_be_there_a_minute_after_the_opening(now: datetime) -> None:
    assert codes(None, now) == (["no_data"] if now == LATE else [])
    assert codes(None, OPENING - SECOND) == []


def test_each_symbol_has_its_own_reason() -> None:
    newest = {"NIFTY": header(NOW, 5), "BANKNIFTY": None, "M&M": header(NOW, 90)}
    missing, late = reasons_of(newest)
    detail = "nothing of BANKNIFTY is recorded"
    assert missing == {"code": "no_data", "symbol": "BANKNIFTY", "detail": detail}
    assert (late["symbol"], late["code"]) == ("M&M", "not_confirmed")


def test_reason_has_the_age_of_the_last_confirmation() -> None:
    """It does not begin with the session: data of yesterday are a day old."""
    now = OPENING + 61 * SECOND
    (reason,) = reasons_of({"NIFTY": header(now, 86_400)}, now)
    assert reason["age_seconds"] == 86_400
    assert reason["detail"] == "NIFTY was last confirmed 86400 s ago"


def test_a_stamp_of_the_future_does_not_hide_that_data_are_old() -> None:
    """A recorder of an older version stored it: it is taken for the tick at most."""
    found = header_document(snapshot(tick=NOW - 301 * SECOND, stamp=NOW + 86_400 * SECOND))
    found["last_seen_at"] = NOW
    (reason,) = reasons_of({"NIFTY": found})
    assert (reason["code"], reason["age_seconds"]) == ("exchange_stale", 301)


@pytest.mark.parametrize(
    ("reason", "unreliable", "expected"),
    [
        ("stale", ["NIFTY"], ["NIFTY"]),
        ("unknown_symbol", ["NIFTY"], ["NIFTY"]),
        ("stale", ["M&M"], []),  # one old body of several costs no health
        ("timeout", ["NIFTY"], []),
    ],
)
def test_an_unreliable_symbol_says_that_it_is_answered_with_old_bodies_or_not_listed(
    reason: str, unreliable: list[str], expected: list[str]
) -> None:
    outcomes = {"NIFTY": {"outcome": "failed", "reason": reason, "detail": "old"}}
    before: list[Reason] = [
        {"code": "no_data", "symbol": each, "detail": ""} for each in unreliable
    ]
    found = with_causes(before, outcomes)[len(before) :]
    assert [row["symbol"] for row in found] == expected
    assert all(row["code"] == reason and row["detail"] == "NIFTY: old" for row in found)


def test_a_reason_says_what_became_of_the_last_tick_if_that_brought_nothing() -> None:
    old: Reason = {"code": "not_confirmed", "symbol": "NIFTY", "detail": "NIFTY is old"}
    told = "timeout: no answer of www.nseindia.com:443 within 2.5 s"
    failed = {"outcome": "failed", "reason": "timeout", "detail": told}
    for entry, detail in [
        (failed, f"NIFTY is old; its last tick failed: {told}"),
        ({"outcome": "failed", "reason": "database"}, "NIFTY is old"),
        ({"outcome": "stored"}, "NIFTY is old"),
    ]:
        assert with_causes([old], {"NIFTY": entry}) == [old | {"detail": detail}]
    assert with_causes([old], {}) == [old]


def test_underlying_value_is_no_reason() -> None:
    """The exchange freezes it at about 15:16, while options trade on."""
    quiet = header(NOW, 5)
    quiet["underlying_value"] = None
    assert codes(quiet) == []


@pytest.mark.parametrize(("now", "status", "market", "next_opening"), [
    (NOW, 503, "open", None),
    (CLOSE, 200, "closed", "2026-06-22T03:45:00Z"),
    (SUNDAY, 200, "closed", "2026-06-22T03:45:00Z"),
])  # fmt: skip
def test_empty_database_is_unhealthy_during_a_session_only(
    now: datetime, status: int, market: str, next_opening: str | None
) -> None:
    response = client(memory_database(), now.astimezone(UTC), NIFTY_ALONE).get("/health")
    body: dict[str, Any] = response.json()
    assert response.status_code == status
    assert body["status"] == ("healthy" if status == 200 else "unhealthy")
    assert body["database_connected"] is True
    assert (body["market"], body["next_opening"]) == (market, next_opening)
    assert body["last_data_fetch"] is None
    assert [row["code"] for row in body["reasons"]] == ([] if status == 200 else ["no_data"])
    assert ("retry-after" in response.headers) == (status == 503)


ON, OFF = SwitchState(enabled=True, changed_at=None), SwitchState(enabled=False, changed_at=OPENING)
ANSWERS = SourceState()
WAITS = SourceState("blocked", "403 Access Denied", OPENING, NOW + 60 * SECOND, failures=3)


@pytest.mark.parametrize(("switch", "source", "expected"), [
    (ON, ANSWERS, []),
    (OFF, ANSWERS, ["stopped"]),
    (ON, WAITS, ["source_waiting"]),
    (OFF, WAITS, ["stopped", "source_waiting"]),
    (ON, SourceState("timeout", "", OPENING, NOW, failures=1), []),  # it is asked again
])  # fmt: skip
def test_during_a_session_the_recorder_must_be_on_and_must_not_wait(
    switch: SwitchState, source: SourceState, expected: list[str]
) -> None:
    assert [reason["code"] for reason in halts(switch, source, MARKET, NOW)] == expected
    for closed in (OPENING - SECOND, CLOSE, SUNDAY):
        assert halts(switch, source, MARKET, closed) == []


def test_fresh_data_are_unreliable_while_the_recorder_is_off_or_waits() -> None:
    database = database_with(snapshot())
    api = client(database, NOW, NIFTY_ALONE)
    assert api.get("/health").status_code == 200
    RecorderSwitch(database).switch(["NIFTY"], NOW, enabled=False)
    SourceRegister(database, NIFTY_ALONE.nse_base_url).write(WAITS)
    response = api.get("/health")
    assert response.status_code == 503
    stopped = "recording is stopped; POST /pipeline/start starts it"
    waiting = "the exchange is not asked for a while: blocked (403 Access Denied)"
    until = "2026-06-19T09:33:32Z"
    assert response.json()["reasons"] == [
        {"code": "stopped", "detail": stopped, "since": "2026-06-19T09:32:32Z"},
        {
            "code": "source_waiting",
            "detail": waiting,
            "source": "nse",
            "reason": "blocked",
            "until": until,
        },
    ]


@pytest.mark.parametrize(("reason", "shown"), [("blocked", True), ("database", False)])
def test_words_of_the_driver_are_not_shown(database: AnyDatabase, reason: str, shown: bool) -> None:
    """They name hosts."""
    entry = {"outcome": "failed", "reason": reason, "detail": "10.0.0.7:27017 timed out"}
    TickLedger(database).record("NIFTY", NOW, entry)
    (outcome,) = client(database, NOW, NIFTY_ALONE).get("/health").json()["last_outcomes"].values()
    assert ("detail" in outcome) is shown
    assert outcome["reason"] == reason


@pytest.mark.parametrize(("url", "simulated"), [
    ("https://www.nseindia.com", False),
    ("https://WWW.NSEIndia.com:443", False),
    ("http://127.0.0.1:8800", True),
    ("https://www.nseindia.com.example.com", True),
    ("https://nseindia.com", True),
])  # fmt: skip
@pytest.mark.parametrize("away", [False, True])
def test_data_of_any_other_host_are_simulated(
    database: AnyDatabase, url: str, simulated: bool, away: bool
) -> None:
    shaky = ShakyDatabase(database)
    shaky.away = away
    settings = Settings(nse_symbols=("NIFTY",), nse_base_url=url)
    body = client(shaky, NOW, settings).get("/health").json()
    assert body["database_connected"] is not away
    assert body["simulated"] is simulated


def listed_today(register: HolidayRegister) -> None:
    register.write(HOLIDAYS_2026 | {NOW.date()}, NOW)


def rejected(register: HolidayRegister) -> None:
    register.reject(Rejected(NOW, "it closes 44 weekday(s) of 2026"))


def contradicted(register: HolidayRegister) -> None:
    listed_today(register)
    register.contradict(NOW.date())


@pytest.mark.parametrize(("doubts", "market", "notices"), [
    ((), "open", []),
    ((listed_today,), "closed", ["closed_by_exchange_list"]),
    ((rejected,), "open", ["holiday_list_rejected"]),
    ((contradicted,), "open", ["holiday_list_contradicted"]),
    ((contradicted, rejected), "open", ["holiday_list_rejected", "holiday_list_contradicted"]),
])  # fmt: skip
def test_what_is_doubtful_about_the_calendar_is_said_and_is_no_reason(
    doubts: tuple[Callable[[HolidayRegister], None], ...], market: str, notices: list[str]
) -> None:
    database = database_with(snapshot(stamp=NOW))
    for doubt in doubts:
        doubt(HolidayRegister(database))
    response = client(database, settings=NIFTY_ALONE).get("/health")
    body = response.json()
    assert (response.status_code, body["status"], body["market"]) == (200, "healthy", market)
    assert [notice["code"] for notice in body["notices"]] == notices


@pytest.mark.parametrize(
    ("year", "expected"), [(2025, []), (2026, []), (2027, ["holidays_unknown"])]
)
def test_a_year_without_a_list_of_holidays_is_said(year: int, expected: list[str]) -> None:
    found = calendar_notices(MARKET, date(year, 1, 26), None, ())
    assert [notice["code"] for notice in found] == expected
    assert calendar_notices(Market("always"), date(2027, 1, 26), None, ()) == []


EARLIER, NEAREST, LATER = date(2026, 6, 22), date(2026, 6, 23), date(2026, 6, 30)


def told(*listings: Listing, now: datetime = NOW, seconds: int = 5) -> dict[str, Any]:
    """Return the health with snapshots of two expiries of NIFTY, by what is listed."""
    database = database_with(*(snapshot(expiry=day, tick=TICK) for day in (NEAREST, LATER)))
    for listing in listings:
        ListingRegister(database).write(listing)
    settings = Settings(nse_symbols=("NIFTY",), nse_fetch_interval=seconds)
    health: dict[str, Any] = client(database, now, settings).get("/health").json()
    return health


def listed(*days: date, since: datetime = TICK, **more: Any) -> Listing:  # noqa: ANN401
    return Listing("NIFTY", days, since, more.pop("read_at", since), **more)


def lists(*of_sources: tuple[date, ...]) -> dict[str, SourceList]:
    names = zip(("nse", "upstox"), of_sources, strict=True)
    return {name: SourceList(days, TICK) for name, days in names}


def test_health_is_of_the_nearest_expiry_that_is_listed() -> None:
    assert told(listed(NEAREST, LATER))["reasons"] == []
    moved = listed(EARLIER, LATER, since=TICK - 60 * SECOND)
    (reason,) = told(moved)["reasons"]
    detail = "nothing of NIFTY's nearest expiry 22-Jun-2026 is recorded"
    assert (reason["code"], reason["detail"]) == ("nearest_not_recorded", detail)
    assert reason["expiry_date"] == "22-Jun-2026"
    just_now = listed(EARLIER, LATER, since=NOW - 60 * SECOND)
    assert told(just_now)["reasons"] == [], "it has a minute to be recorded"


def test_a_withdrawn_expiry_that_goes_on_to_be_confirmed_is_not_looked_at() -> None:
    database = database_with(snapshot(expiry=LATER, tick=TICK - 300 * SECOND))
    commit(database, snapshot(expiry=NEAREST, tick=TICK))
    ListingRegister(database).write(listed(LATER))
    (reason,) = client(database, NOW, NIFTY_ALONE).get("/health").json()["reasons"]
    assert (reason["code"], reason["age_seconds"]) == ("not_confirmed", 307)


@pytest.mark.parametrize(("listing", "expected"), [
    (listed(NEAREST, LATER, since=TICK - timedelta(days=3), read_at=TICK), []),
    (listed(NEAREST, LATER, since=TICK - timedelta(days=3)), ["list_not_read"]),
    (listed(NEAREST, LATER, unlisted=(LATER,)), ["expiries_unlisted"]),
    (listed(NEAREST, LATER, unlisted=(date(2026, 6, 16),)), []),
    (listed(NEAREST, LATER, by_source=lists((NEAREST, LATER), (NEAREST, LATER))), []),
    (listed(NEAREST, LATER, by_source=lists((NEAREST, LATER), (NEAREST,))), ["lists_differ"]),
])  # fmt: skip
def test_doubts_about_the_lists_are_notices(listing: Listing, expected: list[str]) -> None:
    health = told(listing)
    assert (health["status"], health["reasons"]) == ("healthy", [])
    assert [notice["code"] for notice in health["notices"]] == expected
    assert all(notice["symbol"] == "NIFTY" for notice in health["notices"])


def test_a_symbol_that_the_exchange_lost_is_named() -> None:
    database = database_with(snapshot())
    known = {
        "NIFTY": Underlying("Indices", TICK - timedelta(hours=20)),
        "IDEA": Underlying("Equity", TICK),
    }
    UnderlyingRegister(database, NIFTY_ALONE.nse_base_url).write(Underlyings(TICK, known))
    (notice,) = client(database, NOW, NIFTY_ALONE).get("/health").json()["notices"]
    assert (notice["code"], notice["symbol"]) == ("symbol_unlisted", "NIFTY")


def test_reasons_come_in_the_order_of_the_symbols() -> None:
    settings = Settings(nse_symbols=("M&M", "NIFTY", "IDEA"))
    api = client(database_with(snapshot()), NOW + 300 * SECOND, settings)
    found = api.get("/health").json()["reasons"]
    assert [reason["symbol"] for reason in found] == ["M&M", "NIFTY", "IDEA"]


@pytest.mark.parametrize(("symbols", "seconds", "period"), [(2, 5, 5), (2, 60, 60), (213, 5, 75)])
def test_health_names_the_period_in_which_a_symbol_is_read(
    database: AnyDatabase, symbols: int, seconds: int, period: int
) -> None:
    names = tuple(f"S{number}" for number in range(symbols))
    settings = Settings(nse_symbols=names, nse_fetch_interval=seconds)
    assert client(database, SUNDAY, settings).get("/health").json()["interval_seconds"] == period


class FixedSchedule(Schedule):
    """A schedule in one state; it counts how often it is asked."""

    def __init__(self, state: State) -> None:
        super().__init__("fixed")
        self._state, self.asked = state, 0

    def state(self) -> State:
        self.asked += 1
        return self._state


@pytest.mark.parametrize(
    ("state", "enabled", "now", "said"),
    [
        ("DISABLED", True, NOW, True),
        ("ENABLED", True, NOW, False),
        ("DISABLED", False, NOW, False),  # stopped on purpose, which is said instead
        ("DISABLED", True, SUNDAY, False),
    ],
)
def test_disabled_schedule_is_a_reason_while_the_switch_is_on(
    state: State, enabled: bool, now: datetime, said: bool
) -> None:
    database = memory_database()
    RecorderSwitch(database).switch([], NOW, enabled=enabled)
    api = client(database, now.astimezone(UTC), NIFTY_ALONE, schedule=FixedSchedule(state))
    reasons = [each["code"] for each in api.get("/health").json()["reasons"]]
    assert ("schedule_disabled" in reasons) is said
    assert ("stopped" in reasons) is (not enabled)
    assert api.get("/pipeline/status").json()["schedule"] == state


def test_aws_is_not_asked_for_its_schedule_while_all_is_well() -> None:
    schedule = FixedSchedule("DISABLED")
    database = database_with(snapshot(tick=NOW, stamp=NOW))
    assert client(database, NOW, NIFTY_ALONE, schedule=schedule).get("/health").status_code == 200
    assert schedule.asked == 0


@pytest.mark.parametrize(("waiting", "codes"), [
    (["upstox"], []),
    (["upstox", "nse"], ["source_waiting"]),
])  # fmt: skip
def test_a_source_that_waits_is_no_reason_while_another_one_is_asked(
    waiting: list[str], codes: list[str]
) -> None:
    database = database_with(snapshot(expiry=NEAREST))
    settings = changed(NIFTY_ALONE, source=("upstox", "nse"))
    for name in waiting:
        state = SourceState("blocked", "HTTP 403", TICK, NOW + timedelta(hours=1), 1)
        SourceRegister(database, source_key(name, settings)).write(state)
    health = client(database, NOW, settings).get("/health").json()
    assert [reason["code"] for reason in health["reasons"]] == codes
    # The preferred source is named, in words without the exchange.
    told = "upstox is not asked for a while: blocked (HTTP 403)"
    assert all((each["source"], each["detail"]) == ("upstox", told) for each in health["reasons"])
