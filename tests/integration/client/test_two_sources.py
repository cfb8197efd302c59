"""The client reads the same snapshots from the API and from the archive."""

from dataclasses import replace

import httpx
import pytest

from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS
from optionchain_client import (
    Archive,
    ArchiveError,
    BadRequest,
    Client,
    NotFound,
    Unavailable,
    frame,
)
from tests.support.archived_week import DAYS, FRIDAY, MONDAY, SYMBOLS
from tests.support.recorded_week import NOW, RecordedWeek

SATURDAY = NOW.date()


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("expiry", ["nearest", "next", "all", "30-Jun-2026"])
def test_api_and_archive_yield_the_same(recorded: RecordedWeek, symbol: str, expiry: str) -> None:
    with recorded.source() as api, Archive(recorded.folder) as archive:
        of_api = list(api.chains(symbol, MONDAY, SATURDAY, expiry=expiry))
        assert of_api == list(archive.chains(symbol, MONDAY, SATURDAY, expiry=expiry))
    assert len(of_api) == len({(each.at, each.expiry) for each in of_api})
    assert {each.ist.date() for each in of_api} <= set(DAYS)
    if expiry in ("nearest", "all"):
        assert {each.ist.date() for each in of_api} == set(DAYS)


def test_all_expiries_are_all_that_is_stored(recorded: RecordedWeek) -> None:
    with recorded.source() as api:
        found = list(api.chains("NIFTY", "2026-06-15", "2026-06-19", expiry="all"))
    query = {"symbol": "NIFTY"}
    assert len(found) == recorded.database[SNAPSHOTS].count_documents(query)
    assert sum(len(each.contracts) for each in found) == recorded.database[
        CONTRACTS
    ].count_documents(query)
    assert [(each.at, each.expiry) for each in found] == sorted(
        (each.at, each.expiry) for each in found
    )


def test_days_are_those_with_snapshots(recorded: RecordedWeek) -> None:
    with recorded.source() as api, Archive(recorded.folder) as archive:
        for each in (api, archive):
            assert each.days("NIFTY", "2026-06-10", SATURDAY) == list(DAYS)
            assert each.days("IDEA", "2026-06-10", SATURDAY) == [MONDAY]
            assert each.days("IDEA", FRIDAY, MONDAY) == []


def test_symbol_that_nobody_recorded_is_an_error_of_both(recorded: RecordedWeek) -> None:
    with recorded.source() as api, Archive(recorded.folder) as archive:
        with pytest.raises(NotFound):
            list(api.chains("NIFTTY", MONDAY, FRIDAY))
        with pytest.raises(ArchiveError, match="no sealed day of NIFTTY"):
            list(archive.chains("niftty", MONDAY, FRIDAY))


def test_days_without_a_snapshot_cost_no_request_each(recorded: RecordedWeek) -> None:
    transport = recorded.transport()
    api = Client("http://api.example", transport=transport)
    assert api.days("NIFTY", "2026-01-01", SATURDAY) == list(DAYS)
    assert len(transport.asked) <= 166 // 31 + len(DAYS) + 1


@pytest.mark.parametrize("expiry", ["nearest", "all"])
def test_small_portions_are_put_together(
    recorded: RecordedWeek, monkeypatch: pytest.MonkeyPatch, expiry: str
) -> None:
    with recorded.source() as api, Archive(recorded.folder) as archive:
        whole = list(archive.chains("NIFTY", MONDAY, FRIDAY, expiry=expiry))
        # A snapshot has 10 contracts or 11 each.
        for most in (1, 25):
            monkeypatch.setattr("optionchain_client.portions.MOST_CONTRACTS", most)
            for each in (api, archive):
                assert list(each.chains("NIFTY", MONDAY, FRIDAY, expiry=expiry)) == whole


def test_symbol_is_written_in_any_case(recorded: RecordedWeek) -> None:
    with recorded.source() as api, Archive(recorded.folder) as archive:
        for each in (api, archive):
            found = list(each.chains("m&m", MONDAY, MONDAY))
            assert {snapshot.symbol for snapshot in found} == {"M&M"}
            assert found == list(each.chains("M&M", MONDAY, MONDAY))
        assert api.latest("m&m").symbol == "M&M"


def test_one_moment_is_the_snapshot_of_its_tick(recorded: RecordedWeek) -> None:
    with recorded.source() as api:
        listed = list(api.chains("M&M", FRIDAY, FRIDAY))
        assert api.as_of("M&M", listed[2].at).contracts == listed[2].contracts
        latest = api.latest("M&M")
        assert latest == replace(listed[-1], revised=None, legs_missing=None)
        contract = latest.contracts[0]
        assert latest.contract(contract.strike_price, contract.type) == contract
        assert latest.contract(1.0, "CE") is None


def test_table_has_a_row_for_each_contract(recorded: RecordedWeek) -> None:
    with Archive(recorded.folder) as archive:
        found = list(archive.chains("NIFTY", MONDAY, FRIDAY))
    table = frame(found)
    assert len(table) == sum(len(each.contracts) for each in found)
    assert table["last_price"].dtype == float
    assert str(table["at"].dt.tz) == "UTC"
    assert frame([]).columns.tolist() == table.columns.tolist()


def test_failing_api_is_asked_again(recorded: RecordedWeek) -> None:
    faults = (503, 429, httpx.ReadError("cut off"), 502)
    transport, pauses = recorded.transport(*faults), list[float]()
    api = Client("http://api.example", transport=transport, sleep=pauses.append)
    assert api.latest("NIFTY").contracts
    assert pauses == [7.0, 7.0, 2.0, 7.0]
    away = Client(
        "http://api.example", transport=recorded.transport(*[503] * 9), sleep=pauses.append
    )
    with pytest.raises(Unavailable, match="503 busy"):
        away.latest("NIFTY")


def test_wrong_request_is_asked_once_and_names_its_field(recorded: RecordedWeek) -> None:
    transport = recorded.transport()
    api = Client("http://api.example", transport=transport)
    with pytest.raises(BadRequest) as caught:
        list(api.candles("NIFTY", 24_000, "CE", "10:00", "11:00", interval="often"))
    assert "interval" in caught.value.fields
    with pytest.raises(NotFound, match="unknown-symbol"):
        api.latest("NOBODY")
    assert len(transport.asked) == 2


def test_follower_sees_each_snapshot_once(recorded: RecordedWeek) -> None:
    transport, polls = recorded.transport(), list[float]()

    def sleep(seconds: float) -> None:
        polls.append(seconds)
        if len(polls) == 3:
            raise TimeoutError

    api = Client("http://api.example", transport=transport, sleep=sleep)
    following = api.follow("NIFTY")
    assert next(following).contracts
    with pytest.raises(TimeoutError):
        next(following)
    assert transport.answered == [200, 304, 304]
