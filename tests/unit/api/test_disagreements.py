"""GET /option-chain/{symbol}/disagreements, and the notice in /health."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from chain_api import schemas
from chain_api.schemas.disagreements import Disagreement
from optionchain.mongo.disagreement_register import CrossComparison, DisagreementRegister
from tests.support.api import CHAIN, NOW, client, commit, database_with
from tests.support.comparisons import comparison
from tests.support.mongomock_database import AnyDatabase, uses_mongomock
from tests.support.snapshots import INTERVAL, TICK, snapshot

pytestmark = uses_mongomock

PATH = f"{CHAIN}/disagreements"


def compared(*checks: CrossComparison) -> AnyDatabase:
    """A database with a snapshot and these checks."""
    database = database_with(snapshot())
    for each in checks:
        DisagreementRegister(database).complete(each)
    return database


def answered(database: AnyDatabase, **query: str) -> Any:  # noqa: ANN401
    found = client(database).get(PATH, params=query)
    assert found.status_code == 200, found.text
    schemas.Disagreements.model_validate(found.json())
    return found.json()


def test_each_named_contract_is_a_row_with_the_counts_of_its_field() -> None:
    body = answered(compared(comparison(0), comparison(1, open_interest=7, last_price=2)))
    assert body["checks"] == 2
    fields = [row["field"] for row in body["records"]]
    assert fields == ["last_price"] * 2 + ["open_interest"] * 5
    assert tuple(body["records"][0]) == tuple(Disagreement.model_fields)
    assert body["records"][2] == {
        "timestamp": "2026-06-19T09:15:07Z",
        "expiry_date": "23-Jun-2026",
        "identifier": "NIFTY_CE_24000_23-Jun-2026",
        "field": "open_interest",
        "source": "upstox",
        "other_source": "nse",
        "recorded": 101.3,
        "other": 101.45,
        "difference": 0.15,
        "tolerance": 1e-6,
        "compared": 200,
        "differing": 7,
        "moved": 6,
        "before": "2026-06-19T09:14:45Z",
        "after": "2026-06-19T09:15:25Z",
    }


def test_sources_that_agree_have_checks_and_no_row() -> None:
    body = answered(compared(comparison(0), comparison(1)))
    assert (body["checks"], body["records"]) == (2, [])
    nothing = answered(compared())
    assert (nothing["checks"], nothing["records"]) == (0, [])
    assert (nothing["attempted_checks"], nothing["failed_checks"]) == (0, {})


def test_checks_that_compared_nothing_are_told_with_their_reasons() -> None:
    database = compared(comparison(0))
    register, before = DisagreementRegister(database), answered(database)
    for number, reason in enumerate(["blocked", "not_recorded", "blocked", ""], 1):
        check = comparison(-number)
        register.claim(check.symbol, check.at, check.expiry)
        if reason:
            register.fail(check.symbol, check.at, "nse", reason)
    body = answered(database, expiry="nearest")
    assert (before["attempted_checks"], body["attempted_checks"], body["checks"]) == (1, 5, 1)
    assert body["failed_checks"] == {"blocked": 2, "not_recorded": 1, "unfinished": 1}


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_pages_make_up_the_whole(limit: int) -> None:
    """Also where a page ends within a check, and checks without a difference lie between."""
    database = compared(*(comparison(number, open_interest=number % 4) for number in range(5)))
    api, rows, address = client(database), [], f"{PATH}?limit={limit}"
    while address:
        body = api.get(address).json()
        assert len(body["records"]) <= limit
        rows += body["records"]
        address = body["next"] and f"{CHAIN}/{body['next']}"
    assert rows == answered(database)["records"]
    assert len(rows) == 0 + 1 + 2 + 3 + 0


def test_a_range_has_the_checks_that_began_in_it() -> None:
    """Also where nothing new was recorded: the sources were compared all the same."""
    database = compared(*(comparison(number, last_price=1) for number in range(4)))
    commit(database, snapshot(tick=TICK - timedelta(hours=1)))
    queries: list[tuple[dict[str, str], int]] = [
        ({"to": "14:52"}, 2),
        ({}, 3),
        ({"expiry": "nearest"}, 3),
    ]
    for query, checks in queries:
        body = answered(database, **{"from": "14:45", **query})
        assert (body["checks"], len(body["records"])) == (checks, checks)


def test_a_check_that_is_stored_later_changes_the_tag() -> None:
    database = compared(comparison(0, last_price=1))
    before = client(database).get(PATH)
    again = client(database).get(PATH, headers={"if-none-match": before.headers["etag"]})
    assert again.status_code == 304
    DisagreementRegister(database).complete(comparison(1, last_price=1))
    after = client(database).get(PATH, headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200


OFTEN = [comparison(number, open_interest=2) for number in range(3)]


@pytest.mark.parametrize(("checks", "fields"), [
    (OFTEN, ["open_interest"]),
    (OFTEN[:2], []),
    ([*OFTEN, comparison(3)], []),
    ([comparison(number, last_price=1, open_interest=1) for number in range(5)],
     ["last_price", "open_interest"]),
    # Each source computes its own volatilities.
    ([comparison(number, implied_volatility=190) for number in range(5)], []),
    ([comparison(number, symbol="M&M", open_interest=1) for number in range(3)], []),
])  # fmt: skip
def test_what_differs_three_times_in_a_row_is_a_notice(
    checks: Sequence[CrossComparison], fields: list[str]
) -> None:
    database = compared(*checks)
    commit(database, snapshot(tick=TICK + INTERVAL))
    notices = client(database, NOW).get("/health").json()["notices"]
    found = [notice for notice in notices if notice["code"] == "sources_differ"]
    assert [notice["field"] for notice in found] == fields
    assert all(notice["symbol"] == "NIFTY" for notice in found)
    if fields == ["open_interest"]:
        told = "upstox and nse differ in the open_interest of 2 of 200 contracts of NIFTY"
        assert found[0]["detail"].startswith(told)
        assert found[0]["since"] == "2026-06-19T09:10:07Z"


def test_checks_that_compared_no_field_are_no_notice() -> None:
    checks = [comparison(number)._replace(fields=()) for number in range(3)]
    database = compared(*checks)
    commit(database, snapshot(tick=TICK + INTERVAL))
    answer = client(database, NOW).get("/health")
    assert answer.status_code in {200, 503}
    assert "sources_differ" not in {notice["code"] for notice in answer.json()["notices"]}
