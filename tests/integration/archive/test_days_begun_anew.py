"""Days that RETENTION_DAYS promises and MongoDB does not have are read from the archive.

The retention was raised since, or the database is new. Answers about ticks, shifts, settlements and
comparisons follow the rule of chains and series.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from local.mongod import Mongod
from optionchain.mongo.indexes import Indexes
from tests.support.api import CHAIN, read
from tests.support.archived_week import DAYS, evict
from tests.support.sealed_week import NOW, SealedWeek, sealed_week

RAISED = 30
WEEK = {"from_": "2026-06-15", "to": "2026-06-19"}
# Of days in the database it is what the database has.
_OF_THE_DATABASE = ("recorded_since",)


@pytest.fixture(scope="module")
def week(mongod: Mongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SealedWeek]:
    """The week; all of it is in the database at first."""
    with sealed_week(mongod, tmp_path_factory.mktemp("archive")) as found:
        yield found


def answers(api: TestClient) -> dict[str, Any]:
    """Return what is told about each day, and about the week."""
    found: dict[str, Any] = {
        f"gaps of {day}": read(api, f"{CHAIN}/gaps", date=day.isoformat()) for day in DAYS
    }
    for each in found.values():
        for name in _OF_THE_DATABASE:
            del each[name]
    found["disagreements"] = read(api, f"{CHAIN}/disagreements", **WEEK)
    for day in DAYS:
        moment = f"{day}T11:02:00"
        found[f"chain at {moment}"] = read(api, CHAIN, as_of=moment, expiry="23-Jun-2026")
    return found


def test_days_that_the_database_does_not_have_are_told_from_the_archive(
    week: SealedWeek,
) -> None:
    expected = answers(week.api(RAISED))
    assert expected["gaps of 2026-06-16"]["expected_ticks"] > 4_000
    assert len(expected["disagreements"]["records"]) > 4
    # A shorter retention took these, one day at noon; then it was raised.
    evict(week.database, NOW - timedelta(days=2))
    assert answers(week.api(RAISED)) == expected
    # A database that is begun anew has nothing, and no seals either.
    week.database.client.drop_database(week.database.name)
    Indexes(week.database, RAISED).ensure()
    assert answers(week.api(RAISED)) == expected
