"""Open interest by strike through time: whole chains, the last of each interval."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from io import StringIO
from itertools import groupby
from typing import Any
from urllib.parse import urljoin

import pytest

from chain_api import schemas
from chain_api.endpoints.open_interest_history import fitting
from chain_api.queries.interval_headers import IntervalHeader
from optionchain.snapshot import Snapshot
from tests.integration.conftest import EVENING, Stored
from tests.support.api import answered, problem, read
from tests.support.bodies import Json
from tests.support.histories import DAYS, EXPIRY, LATER, as_json, iso, ist, traded_at

PATH = "/option-chain/M%26M/analytics/open-interest/history"
WHOLE: Mapping[str, Any] = {"from": DAYS[0], "to": DAYS[2]}
LENGTHS = {"5m": 300, "47s": 47, "1h": 3_600}
SIDES = {"CE": "call_open_interest", "PE": "put_open_interest"}


def beginning(tick: datetime, seconds: int) -> datetime:
    """Return where the interval begins that holds what was traded by a tick."""
    traded = traded_at(tick)
    day = next(day for day in DAYS if ist(day, "00:00") <= traded < ist(day, "23:59"))
    opens = ist(day, "09:15")
    return opens + (traded - opens) // timedelta(seconds=seconds) * timedelta(seconds=seconds)


def last_of_each(found: Sequence[Snapshot], seconds: int) -> dict[str, Snapshot]:
    """Return the last snapshot of each interval, by where that begins."""
    groups = groupby(found, lambda each: beginning(each.fetched_at, seconds))
    return {iso(begins): list(group)[-1] for begins, group in groups}


def array(snapshot: Snapshot, side: str, strikes: Sequence[float]) -> list[float | None]:
    known = {leg.strike_price: leg.open_interest for leg in snapshot.quotes if leg.side == side}
    told: list[float | None] = as_json([known.get(strike) for strike in strikes])
    return told


@pytest.mark.parametrize("expiry", [EXPIRY, LATER])
@pytest.mark.parametrize("interval", LENGTHS)
def test_each_record_is_the_last_whole_chain_of_its_interval(
    stored: Stored, interval: str, expiry: date
) -> None:
    found = read(stored.api, PATH, interval=interval, expiry=expiry.isoformat(), **WHOLE)
    played = stored.sessions.of(expiry, ist(DAYS[0], "00:00"), EVENING)
    expected = last_of_each(played, LENGTHS[interval])
    assert [row["timestamp"] for row in found["records"]] == list(expected)
    strikes = found["strike_prices"]
    listed = {leg.strike_price for each in expected.values() for leg in each.quotes}
    assert strikes == sorted(listed)
    for row in found["records"]:
        snapshot = expected[row["timestamp"]]
        assert row["snapshot_timestamp"] == iso(snapshot.fetched_at)
        assert row["underlying_value"] == snapshot.underlying_value
        for side, name in SIDES.items():
            assert row[name] == array(snapshot, side, strikes)


def test_a_day_has_the_last_chain_of_the_day(stored: Stored) -> None:
    found = read(stored.api, PATH, interval="1d", **WHOLE)
    last = [stored.sessions.of(EXPIRY, ist(day, "00:00"), ist(day, "23:59"))[-1] for day in DAYS]
    assert [row["snapshot_timestamp"] for row in found["records"]] == [
        iso(each.fetched_at) for each in last
    ]


@pytest.mark.parametrize("limit", [1, 4, 50])
def test_pages_make_up_the_whole(stored: Stored, limit: int) -> None:
    asked = {"interval": "5m", **WHOLE}
    whole = read(stored.api, PATH, **asked)
    strikes = whole["strike_prices"]
    records: list[Json] = []
    page = read(stored.api, PATH, limit=limit, **asked)
    while True:
        assert 0 < len(page["records"]) <= limit
        for row in page["records"]:
            for name in SIDES.values():
                known = dict(zip(page["strike_prices"], row[name], strict=True))
                row[name] = [known.get(strike) for strike in strikes]
            records.append(row)
        if page["next"] is None:
            break
        page = read(stored.api, urljoin(PATH, page["next"]))
    assert records == whole["records"]


def test_a_page_has_no_more_contracts_than_fit() -> None:
    def of_size(legs: int, number: int) -> list[IntervalHeader]:
        return [IntervalHeader(EVENING, EVENING, {"calls": legs, "puts": legs})] * number

    assert fitting(of_size(100, 375)) == 375
    assert fitting(of_size(100, 1_000)) == 400
    assert fitting(of_size(50_000, 2)) == 1


def test_a_window_is_that_of_the_newest_snapshot(stored: Stored) -> None:
    whole = read(stored.api, PATH, **WHOLE)
    money = read(stored.api, "/option-chain/M%26M/analytics")["atm_strike"]
    around = read(stored.api, PATH, strikes_around_atm=1, **WHOLE)
    rank = whole["strike_prices"].index(money)
    kept = whole["strike_prices"][rank - 1 : rank + 2]
    assert around["strike_prices"] == kept
    named = read(stored.api, PATH, strike_min=kept[0], strike_max=kept[-1], **WHOLE)
    assert named["records"] == around["records"]
    for one, other in zip(around["records"], whole["records"], strict=True):
        assert one["call_open_interest"] == other["call_open_interest"][rank - 1 : rank + 2]


def test_lines_are_those_of_each_interval_and_strike(stored: Stored) -> None:
    whole = read(stored.api, PATH, **WHOLE)
    rows = list(csv.DictReader(StringIO(answered(stored.api, PATH, format="csv", **WHOLE).text)))
    expected = [
        (record["timestamp"], strike, *(record[name][rank] for name in SIDES.values()))
        for record in whole["records"]
        for rank, strike in enumerate(whole["strike_prices"])
    ]
    assert [
        (
            row["timestamp"],
            float(row["strike_price"]),
            *(float(row[name]) if row[name] else None for name in SIDES.values()),
        )
        for row in rows
    ] == expected


def test_an_answer_is_as_it_is_documented_also_without_a_snapshot(stored: Stored) -> None:
    model = schemas.OpenInterestHistory
    for asked in ({}, {"from": "2026-06-22T17:00", "to": "2026-06-22T17:30"}):
        answer = read(stored.api, PATH, **asked)
        model.model_validate(answer)
        names = [field.alias or name for name, field in model.model_fields.items()]
        assert list(answer) == names
    assert (answer["records"], answer["strike_prices"], answer["next"]) == ([], [], None)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"interval": "2d"}, "interval"),
        ({"interval": "1s"}, "interval"),
        ({"from": "2026-05-01"}, "from"),
        ({"strike_min": "30", "strike_max": "20"}, "strike_min"),
        ({"strikes_around_atm": "-1"}, "strikes_around_atm"),
        ({"option_type": "CE"}, "option_type"),
    ],
)
def test_a_bad_parameter_is_named(stored: Stored, asked: dict[str, str], field: str) -> None:
    told = problem(stored.api.get(PATH, params=asked), 422, "invalid-request")
    assert field in str(told["detail"]) + str(told.get("field")) + str(told.get("errors"))
