"""What came of comparing two sources: claimed once, found by time."""

from datetime import date, timedelta

import pytest

from optionchain.mongo.disagreement_register import Checks, DisagreementRegister
from tests.support.bodies import EXPIRY
from tests.support.comparisons import CHECK, FIRST_CHECK, comparison
from tests.support.mongomock_database import AnyDatabase

AGREES, DIFFERS = comparison(0), comparison(1, open_interest=7)
LATER, OTHER = comparison(2, last_price=1), comparison(1, symbol="M&M", last_price=2)
HOUR = timedelta(hours=1)


@pytest.fixture
def checks(database: AnyDatabase) -> DisagreementRegister:
    writer = DisagreementRegister(database)
    for each in (LATER, AGREES, OTHER, DIFFERS):
        assert writer.claim(each.symbol, each.at, each.expiry)
        writer.complete(each)
    assert writer.claim("NIFTY", FIRST_CHECK + 3 * CHECK, EXPIRY)
    assert writer.claim("NIFTY", FIRST_CHECK + 4 * CHECK, EXPIRY)
    writer.fail("NIFTY", FIRST_CHECK + 4 * CHECK, "nse", "blocked")
    return DisagreementRegister(database)


def test_a_check_is_claimed_once(checks: DisagreementRegister) -> None:
    for number in range(5):
        assert not checks.claim("NIFTY", FIRST_CHECK + number * CHECK, EXPIRY)
    assert checks.claim("M&M", FIRST_CHECK, EXPIRY)


def test_checks_with_a_difference_are_read_as_they_were_stored(
    checks: DisagreementRegister,
) -> None:
    whole = Checks("NIFTY", FIRST_CHECK, FIRST_CHECK + HOUR)
    assert checks.differing(whole, 10) == [DIFFERS, LATER]
    assert checks.differing(whole, 1) == [DIFFERS]
    assert checks.differing(Checks("NIFTY", DIFFERS.at, DIFFERS.at), 10) == [DIFFERS]
    assert checks.differing(whole._replace(symbol="IDEA"), 10) == []
    assert checks.differing(whole._replace(expiry=EXPIRY), 10) == [DIFFERS, LATER]
    assert checks.differing(whole._replace(expiry=date(2026, 7, 28)), 10) == []


def test_what_compared_nothing_is_no_check(checks: DisagreementRegister) -> None:
    whole = Checks("NIFTY", FIRST_CHECK, FIRST_CHECK + HOUR)
    assert checks.outcomes(whole) == (3, {"blocked": 1, "unfinished": 1})
    assert checks.outcomes(whole._replace(start=LATER.at)).compared == 1
    found = checks.newest(["NIFTY", "M&M", "IDEA"], 2)
    assert found == {"NIFTY": [LATER, DIFFERS], "M&M": [OTHER]}
