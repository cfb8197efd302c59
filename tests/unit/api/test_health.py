"""Can a user rely on the data? Judged by confirmations and the exchange's stamp."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chain_api.endpoints.health import halts, reasons
from optionchain.market import Market
from optionchain.mongo.documents import HeaderDocument, header_document
from optionchain.mongo.recorder_switch import RecorderSwitch, SwitchState
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.source_register import SourceRegister, SourceState
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.support.api import NOW, client
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import snapshot

MARKET = Market()
NIFTY_ALONE = Settings(nse_symbols=("NIFTY",))
OPENING = datetime.fromisoformat("2026-06-19T09:15:00+05:30")
CLOSE = datetime.fromisoformat("2026-06-19T15:30:00+05:30")
SUNDAY = datetime.fromisoformat("2026-06-21T11:00:00+05:30")
SECOND = timedelta(seconds=1)


def header(now: datetime, confirmed_ago: float, stamped_ago: float = 30) -> HeaderDocument:
    """Return a header last confirmed and last stamped so many seconds before now."""
    found = header_document(snapshot(stamp=now - stamped_ago * SECOND))
    found["last_seen_at"] = now - confirmed_ago * SECOND
    return found


def codes(newest: HeaderDocument | None, now: datetime = NOW) -> list[str]:
    return [reason["code"] for reason in reasons({"NIFTY": newest}, MARKET, now)]


@pytest.mark.parametrize(
    ("confirmed_ago", "stamped_ago", "expected"),
    [
        (0, 0, []),
        (60, 30, []),
        (60.001, 30, ["not_confirmed"]),
        (5, 300, []),
        (5, 300.001, ["exchange_stale"]),
        (61, 301, ["not_confirmed"]),
    ],
)
def test_in_session_data_must_be_confirmed_and_stamped_lately(
    confirmed_ago: float, stamped_ago: float, expected: list[str]
) -> None:
    assert codes(header(NOW, confirmed_ago, stamped_ago)) == expected


def test_symbol_without_a_snapshot_is_named_without_inventing_an_age() -> None:
    (reason,) = reasons({"NIFTY": None}, MARKET, NOW)
    assert reason == {
        "code": "no_data",
        "symbol": "NIFTY",
        "detail": "nothing of NIFTY is recorded",
    }


def test_reason_tells_the_true_age_of_what_was_last_confirmed() -> None:
    """What was confirmed yesterday is a day old, however short the session has lasted."""
    now = OPENING + 61 * SECOND
    (reason,) = reasons({"NIFTY": header(now, 86_400)}, MARKET, now)
    assert reason["age_seconds"] == 86_400
    assert reason["detail"] == "NIFTY was last confirmed 86400 s ago"


def test_each_symbol_has_its_own_reason() -> None:
    newest = {"NIFTY": header(NOW, 5), "BANKNIFTY": None, "M&M": header(NOW, 90)}
    found = [(row["symbol"], row["code"]) for row in reasons(newest, MARKET, NOW)]
    assert found == [("BANKNIFTY", "no_data"), ("M&M", "not_confirmed")]


@pytest.mark.parametrize("yesterday", [None, 63_000])
def test_first_minute_after_the_opening_has_nothing_to_prove(yesterday: float | None) -> None:
    for seconds in (0, 30, 60):
        now = OPENING + seconds * SECOND
        assert codes(header(now, yesterday, yesterday) if yesterday else None, now) == []
    late = OPENING + 61 * SECOND
    assert codes(header(late, yesterday, yesterday) if yesterday else None, late) != []


def test_stamp_of_yesterday_is_borne_for_five_minutes() -> None:
    for minutes, expected in ((5, []), (6, ["exchange_stale"])):
        now = OPENING + minutes * 60 * SECOND
        assert codes(header(now, 5, stamped_ago=63_000), now) == expected


@pytest.mark.parametrize("now", [OPENING - SECOND, CLOSE, SUNDAY])
def test_out_of_session_nothing_is_wrong(now: datetime) -> None:
    assert codes(None, now) == []
    assert codes(header(now, 500_000, 500_000), now) == []


def test_frozen_spot_is_no_reason() -> None:
    """The spot freezes at about 15:16 while options trade on: it is not even looked at."""
    quiet = header(NOW, 5)
    quiet["underlying_value"] = None
    assert codes(quiet) == []


@uses_mongomock
@pytest.mark.parametrize(
    ("now", "status", "market", "next_opening"),
    [
        (NOW, 503, "open", None),
        (CLOSE, 200, "closed", "2026-06-22T03:45:00Z"),
        (SUNDAY, 200, "closed", "2026-06-22T03:45:00Z"),
    ],
)
def test_empty_database_is_unhealthy_in_session_alone(
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


@pytest.mark.parametrize(
    ("switch", "source", "expected"),
    [
        (ON, ANSWERS, []),
        (OFF, ANSWERS, ["stopped"]),
        (ON, WAITS, ["source_waiting"]),
        (OFF, WAITS, ["stopped", "source_waiting"]),
        (ON, SourceState("timeout", "", OPENING, NOW, failures=1), []),  # it is asked again
    ],
)
def test_in_session_nothing_may_keep_the_recorder_from_asking(
    switch: SwitchState, source: SourceState, expected: list[str]
) -> None:
    assert [reason["code"] for reason in halts(switch, source, MARKET, NOW)] == expected
    for closed in (OPENING - SECOND, CLOSE, SUNDAY):
        assert halts(switch, source, MARKET, closed) == []


@uses_mongomock
def test_fresh_data_are_not_to_be_relied_on_while_nothing_is_read_any_more() -> None:
    database = memory_database()
    SnapshotWriter(database).commit(Commit(snapshot()))
    api = client(database, NOW, NIFTY_ALONE)
    assert api.get("/health").status_code == 200
    RecorderSwitch(database).switch(["NIFTY"], NOW, enabled=False)
    SourceRegister(database, NIFTY_ALONE.nse_base_url).write(WAITS)
    response = api.get("/health")
    assert response.status_code == 503
    assert response.json()["reasons"] == [
        {
            "code": "stopped",
            "detail": "recording is stopped; POST /pipeline/start starts it",
            "since": "2026-06-19T09:32:32Z",
        },
        {
            "code": "source_waiting",
            "detail": "the exchange is not asked for a while: blocked",
            "reason": "blocked",
            "until": "2026-06-19T09:33:32Z",
        },
    ]


@uses_mongomock
@pytest.mark.parametrize(("reason", "told"), [("blocked", True), ("database", False)])
def test_the_driver_s_words_name_hosts_and_are_not_told(reason: str, told: bool) -> None:
    database = memory_database()
    entry = {"outcome": "failed", "reason": reason, "detail": "10.0.0.7:27017 timed out"}
    TickLedger(database).record("NIFTY", NOW, entry)
    (outcome,) = client(database, NOW, NIFTY_ALONE).get("/health").json()["last_outcomes"].values()
    assert ("detail" in outcome) is told
    assert outcome["reason"] == reason


@uses_mongomock
@pytest.mark.parametrize(
    ("url", "simulated"),
    [
        ("https://www.nseindia.com", False),
        ("https://WWW.NSEIndia.com:443", False),
        ("http://127.0.0.1:8800", True),
        ("https://www.nseindia.com.example.com", True),
        ("https://nseindia.com", True),
    ],
)
@pytest.mark.parametrize("away", [False, True])
def test_data_of_any_other_host_than_the_exchange_s_are_said_to_be_simulated(
    url: str, simulated: bool, away: bool
) -> None:
    database = ShakyDatabase(memory_database())
    database.away = away
    settings = Settings(nse_symbols=("NIFTY",), nse_base_url=url)
    body = client(database, NOW, settings).get("/health").json()
    assert body["database_connected"] is not away
    assert body["simulated"] is simulated
