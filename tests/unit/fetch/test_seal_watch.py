"""Once an evening the recorder counts the sessions that the archive lacks."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

import pytest

from chain_fetch.recording.evening.seal_watch import SealWatch, last_closed_day
from chain_fetch.recording.reports.telemetry import Telemetry
from optionchain.market import Market
from optionchain.mongo.indexes import SEALS, Indexes
from optionchain.mongo.seal_register import SealRegister
from optionchain.mongo.unsealed_days import UnsealedDay, UnsealedDays
from optionchain.mongo.wait_register import WaitRegister
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import (
    RETENTION_DAYS,
    AnyDatabase,
    memory_database,
    uses_mongomock,
)
from tests.support.seals import india, record, seal

pytestmark = uses_mongomock
FRIDAY, SATURDAY, MONDAY = date(2026, 6, 19), date(2026, 6, 20), date(2026, 6, 22)
NINE = india(FRIDAY, "21:00")


@dataclass
class Evening:
    """A recorder in the evening, whose environments share a database, and what they report."""

    database: AnyDatabase = field(default_factory=memory_database)
    now: datetime = NINE
    reported: list[tuple[date | None, list[str]]] = field(default_factory=list)
    warned: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        Indexes(self.database, RETENTION_DAYS).ensure()
        self.shaky = ShakyDatabase(self.database)
        self.environment = self.new_environment()

    def new_environment(self) -> SealWatch:
        return SealWatch(
            UnsealedDays(self.shaky),
            SealRegister(self.shaky),
            WaitRegister(self.shaky),
            self,
            lambda: self.now,
        )

    def report_unsealed(self, day: date | None, symbols: Sequence[str]) -> None:
        self.reported.append((day, list(symbols)))

    def warn_of_seals(self, detail: str) -> None:
        self.warned.append(detail)

    def look(self, at: datetime, environment: SealWatch | None = None) -> None:
        self.now = at
        (environment or self.environment)(Market())


@pytest.fixture
def evening() -> Evening:
    return Evening()


def test_sessions_without_a_seal_are_counted_once_an_evening(evening: Evening) -> None:
    record(evening.database, "NIFTY", FRIDAY, MONDAY)
    record(evening.database, "M&M", FRIDAY)
    SealRegister(evening.database).write(seal("NIFTY", FRIDAY, clock="16:15"))
    for minute in range(58, 63):
        evening.look(india(FRIDAY, "20:00") + timedelta(minutes=minute))
    evening.look(india(FRIDAY, "21:30"), evening.new_environment())
    assert evening.reported == [(FRIDAY, ["M&M"])]
    evening.look(india(MONDAY, "21:00"))
    assert evening.reported[1:] == [(MONDAY, ["NIFTY"])]


def test_none_is_reported_as_well(evening: Evening) -> None:
    record(evening.database, "NIFTY", FRIDAY)
    SealRegister(evening.database).write(seal("NIFTY", FRIDAY, clock="16:15"))
    evening.look(india(SATURDAY, "21:05"))
    assert evening.reported == [(FRIDAY, [])]


def test_while_the_database_is_away_the_next_invocation_tries_again(evening: Evening) -> None:
    record(evening.database, "NIFTY", FRIDAY)
    evening.shaky.away = True
    evening.look(india(FRIDAY, "21:00"))
    assert (evening.reported, len(evening.warned)) == ([], 1)
    evening.shaky.away = False
    evening.look(india(FRIDAY, "21:01"))
    assert evening.reported == [(FRIDAY, ["NIFTY"])]


@pytest.mark.parametrize(
    ("at", "hours", "day"),
    [
        (india(FRIDAY, "15:29"), "exchange", FRIDAY - timedelta(days=1)),
        (india(FRIDAY, "15:30"), "exchange", FRIDAY),
        (india(MONDAY, "09:00"), "exchange", FRIDAY),
        (india(MONDAY, "21:00"), "always", date(2026, 6, 21)),
    ],
)
def test_the_last_session_is_the_newest_that_has_closed(
    at: datetime, hours: Literal["exchange", "always"], day: date
) -> None:
    assert last_closed_day(Market(hours), at) == day


def test_nothing_is_looked_up_before_nine_in_the_evening(evening: Evening) -> None:
    evening.shaky.away = True
    evening.look(india(FRIDAY, "20:59:59"))
    assert evening.warned == []
    assert evening.database[SEALS].count_documents({}) == 0


def test_what_is_reported_is_logged_and_counted(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    unsealed = UnsealedDay("M&M", FRIDAY, india(FRIDAY))
    telemetry.report_unsealed(FRIDAY, ["M&M"])
    telemetry.report_unsealed(FRIDAY, [])
    telemetry.report_lost(unsealed)
    telemetry.report_cut(unsealed)
    telemetry.report_wait(3, unsealed)
    telemetry.report_wait(0, None)
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = "UnsealedSessions", "DaysLostUnsealed"
    counts = [(name, row[name][0]) for row in written for name in names if name in row]
    assert counts == [("UnsealedSessions", 1), ("UnsealedSessions", 0), ("DaysLostUnsealed", 1)]
    logged = [row for row in written if "_aws" not in row]
    assert [(row["level"], row["message"], row.get("day")) for row in logged] == [
        ("WARNING", "unsealed_sessions", "2026-06-19"),
        ("ERROR", "day_lost_unsealed", "2026-06-19"),
        ("WARNING", "day_cut_before_archive", "2026-06-19"),
        ("WARNING", "retention_waits", "2026-06-19"),
        ("INFO", "retention_waits", None),
    ]
    assert logged[3]["extra_days"] == 3
