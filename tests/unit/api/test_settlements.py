"""What a user sees of a day's settled chains: in /gaps of that day, and in /health."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chain_api.calculations.settlement_notices import newest_proved_day
from optionchain.market import Market
from optionchain.mongo.settlement_register import LegDifference, Settlement, SettlementRegister
from optionchain.settings import Settings
from tests.support.api import NOW, client, database_with, read
from tests.support.bodies import EXPIRY
from tests.support.histories import ist
from tests.support.mongomock_database import AnyDatabase, uses_mongomock
from tests.support.snapshots import TICK, snapshot

pytestmark = uses_mongomock

NIFTY_ALONE = Settings(nse_symbols=("NIFTY",))
WEDNESDAY, THURSDAY, FRIDAY = date(2026, 6, 17), date(2026, 6, 18), date(2026, 6, 19)
JUNE, JULY = date(2026, 6, 30), date(2026, 7, 28)
MATCHED = Settlement("NIFTY", EXPIRY, THURSDAY, TICK, "matched", 206)
MISSING = Settlement("NIFTY", JUNE, THURSDAY, TICK, "missing")


def leg(strike: int, difference: float) -> LegDifference:
    return LegDifference(f"NIFTY_CE_{strike}_28-Jul-2026", 1000.0, 1000.0 + difference)


LEGS = tuple(leg(24_000 + 50 * number, -10.0 * number) for number in range(9, 4, -1))
DIFFERS = Settlement(
    "NIFTY", JULY, THURSDAY, TICK + timedelta(minutes=5), "differs", 90, 12, 450.5, LEGS
)
OTHERS = (
    Settlement("NIFTY", EXPIRY, WEDNESDAY, TICK, "missing"),
    Settlement("M&M", EXPIRY, THURSDAY, TICK, "differs", 80, 3, 3.0, (leg(1, 1.0),)),
)


def judged(*settlements: Settlement) -> AnyDatabase:
    """Return a database with a snapshot of today and these judgements."""
    database = database_with(snapshot(stamp=NOW))
    for each in settlements:
        SettlementRegister(database).judge(each)
    return database


def settlement(*settlements: Settlement, day: date = THURSDAY) -> dict[str, Any] | None:
    api = client(judged(*settlements, *OTHERS), NOW, NIFTY_ALONE)
    found: dict[str, Any] | None = read(api, "/option-chain/NIFTY/gaps", date=day)["settlement"]
    return found


def test_a_day_that_no_session_has_proved_is_not_known() -> None:
    assert settlement() is None
    assert settlement(MATCHED, day=FRIDAY) is None


@pytest.mark.parametrize(
    ("chains", "status"),
    [
        ((MATCHED,), "matched"),
        ((MATCHED, MISSING), "missing"),
        ((MATCHED, DIFFERS), "differs"),
        ((MATCHED, MISSING, DIFFERS), "differs"),
    ],
)
def test_a_day_is_matched_only_if_every_chain_is(
    chains: tuple[Settlement, ...], status: str
) -> None:
    found = settlement(*chains)
    assert found is not None
    assert found["status"] == status
    assert (found["expiries"], found["missing"]) == (
        len(chains),
        ["30-Jun-2026"] if MISSING in chains else [],
    )


def test_differences_are_counted_and_the_largest_named() -> None:
    near = Settlement("NIFTY", EXPIRY, THURSDAY, TICK, "differs", 206, 1, 85.0, (leg(1, 85.0),))
    assert settlement(near, DIFFERS) == {
        "status": "differs",
        "checked_at": "2026-06-19T09:37:25Z",
        "expiries": 2,
        "missing": [],
        "legs": 296,
        "legs_differing": 13,
        "contracts_differing": 535.5,
        "differing": [each._asdict() for each in (LEGS[0], leg(1, 85.0), *LEGS[1:4])],
    }


def notices(database: AnyDatabase, now: datetime = NOW) -> list[dict[str, Any]]:
    response = client(database, now, NIFTY_ALONE).get("/health")
    found: list[dict[str, Any]] = response.json()["notices"]
    return [each for each in found if each["code"].startswith("settlement")]


def test_what_is_missing_or_differs_is_a_notice_of_health() -> None:
    assert notices(judged(MATCHED, *OTHERS)) == []
    missing, differs = notices(judged(MATCHED, MISSING, DIFFERS, *OTHERS))
    assert missing == {
        "code": "settlement_missing",
        "symbol": "NIFTY",
        "detail": "NIFTY has no settled chain of 2026-06-18 of 30-Jun-2026",
        "date": "2026-06-18",
    }
    assert differs["code"] == "settlement_differs"
    told = "is not the exchange's in 12 of 90 contracts of 28-Jul-2026"
    assert differs["detail"] == f"the settled open interest of NIFTY of 2026-06-18 {told}"


@pytest.mark.parametrize(
    ("now", "proved"),
    [
        (ist(FRIDAY, "09:14"), WEDNESDAY),
        (ist(FRIDAY, "09:15"), THURSDAY),
        (ist(date(2026, 6, 21), "12:00"), THURSDAY),  # a Sunday
        (ist(date(2026, 6, 22), "09:15"), FRIDAY),
    ],
)
def test_a_notice_lasts_until_the_next_session(now: datetime, proved: date) -> None:
    assert newest_proved_day(Market(), now) == proved
    assert bool(notices(judged(MISSING), now)) is (proved <= THURSDAY)
