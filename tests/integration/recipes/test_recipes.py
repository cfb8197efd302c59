"""The recipes of docs/recipes.md run over an archive, and give what the database has."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from local.mongod import Mongod
from optionchain.archive.folder_store import FolderStore
from optionchain.exchange_time import exchange_date
from optionchain.mongo.client import open_database
from optionchain.mongo.documents import HeaderDocument
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, Indexes
from optionchain.mongo.unsealed_days import start_of
from optionchain.settings import SecretStr, Settings
from tests.support.archived_week import DAYS, Week, seal_week
from tests.support.mongomock_database import AnyDatabase
from tests.support.notebook import cells, run
from tests.support.recipes import all_headings, code

OF_DUCKDB = ("PCR through a month", "The decay of a straddle", "IV percentile")


@pytest.fixture(scope="module")
def database(mongod: Mongod) -> Iterator[AnyDatabase]:
    settings = Settings(
        mongodb_uri=SecretStr(mongod.uri), mongodb_database="recipes", retention_days=3_650
    )
    found = open_database(settings)
    Indexes(found, settings.retention_days).ensure()
    Week(found).record()
    yield found
    found.client.drop_database(found.name)
    found.client.close()


@pytest.fixture(scope="module")
def archive(database: AnyDatabase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    seal_week(database, FolderStore(folder))
    return folder


@pytest.fixture(scope="module")
def headers(database: AnyDatabase) -> list[HeaderDocument]:
    found: Any = database[SNAPSHOTS].find({"symbol": "NIFTY"}, sort=[("fetched_at", 1)])
    return list(found)


def asked(archive: Path, heading: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query of the page."""
    connection = duckdb.connect()
    connection.execute(code("sql", "DuckDB", archive))
    return connection.execute(code("sql", heading, archive)).fetchall()


def closing(headers: list[HeaderDocument], *, after_today: bool) -> dict[date, HeaderDocument]:
    """Return the last header of each day, of its nearest expiry."""
    last: dict[tuple[date, date], HeaderDocument] = {}
    for header in headers:
        day, expiry = exchange_date(header["fetched_at"]), header["expiry"].date()
        if expiry > day or (expiry == day and not after_today):
            last[day, expiry] = header
    return {day: last[min(key for key in last if key[0] == day)] for day in DAYS}


def test_every_recipe_is_tried() -> None:
    others = {"DuckDB", "polars", "pandas", "Python, snapshot by snapshot"}
    assert set(all_headings()) == {*OF_DUCKDB, *others}


def test_pcr_is_that_of_each_day_s_last_snapshot(
    archive: Path, headers: list[HeaderDocument]
) -> None:
    expected = closing(headers, after_today=False)
    assert asked(archive, OF_DUCKDB[0]) == [
        (day, expected[day]["analytics"]["pcr_oi"]) for day in DAYS
    ]


def test_straddle_is_the_sum_of_both_sides(archive: Path, database: AnyDatabase) -> None:
    rows = asked(archive, OF_DUCKDB[1])
    assert {row[0] for row in rows} >= {date(2026, 6, 16), date(2026, 6, 23)}
    expiry, strike, ist, straddle = rows[-1]
    sides = list(
        database[CONTRACTS].find(
            {
                "symbol": "NIFTY",
                "expiry": datetime(expiry.year, expiry.month, expiry.day),  # noqa: DTZ001
                "strike_price": strike,
            },
            sort=[("fetched_at", -1)],
            limit=2,
        )
    )
    assert straddle == sum(side["last_price"] for side in sides)
    assert exchange_date(sides[0]["fetched_at"]) == ist.date()


def test_percentile_counts_the_days_before(archive: Path, headers: list[HeaderDocument]) -> None:
    daily = closing(headers, after_today=True)
    known = {day: daily[day]["analytics"]["atm_iv"] for day in DAYS}
    *before, last = [(day, iv) for day, iv in known.items() if iv is not None]
    ((day, iv, percentile, days),) = asked(archive, OF_DUCKDB[2])
    assert (day, iv, days) == (*last, len(before))
    assert percentile == pytest.approx(100 * sum(each < iv for _, each in before) / days)


def test_polars_sums_what_the_header_has(archive: Path, headers: list[HeaderDocument]) -> None:
    found: dict[str, Any] = {}
    exec(code("python", "polars", archive), found)
    sums: dict[tuple[date, date, str], float] = {}
    for header in headers:
        key = exchange_date(header["fetched_at"]), header["expiry"].date()
        sums[*key, "CE"] = header["call_open_interest"] or 0
        sums[*key, "PE"] = header["put_open_interest"] or 0
    rows = {(day, expiry.date(), side): total for day, expiry, side, total in found["last"].rows()}
    assert rows == sums


def test_pandas_has_every_price_of_a_contract(archive: Path, database: AnyDatabase) -> None:
    name = database[CONTRACTS].find_one({"symbol": "NIFTY", "last_price": {"$ne": None}})
    assert name
    found: dict[str, Any] = {}
    identifier = {"NIFTY_CE_26000_24-Nov-2026": name["identifier"]}
    exec(code("python", "pandas", archive, **identifier), found)
    of_contract = database[CONTRACTS].find({"identifier": name["identifier"]})
    expected = {each["fetched_at"]: each["last_price"] for each in of_contract}
    prices = found["prices"].sort_index()
    assert str(prices.index.tz) == "Asia/Kolkata"
    assert (
        dict(zip(prices.index.tz_convert("UTC").to_pydatetime(), prices, strict=True)) == expected
    )


def test_backtest_trades_on_every_day_with_prices(archive: Path) -> None:
    found: dict[str, Any] = {}
    exec(code("python", "Python, snapshot by snapshot", archive), found)
    profits = defaultdict(float, found["profits"])
    assert set(profits) <= set(DAYS)
    assert len(profits) >= 3
    assert all(abs(profit) < 10_000 for profit in profits.values())


def test_notebook_draws_four_pictures(archive: Path, tmp_path: Path) -> None:
    pictures = run(tmp_path, archive, "2026-06")
    assert [each.name for each in pictures] == ["1.png", "2.png", "3.png", "4.png"]
    assert all(len(each.read_bytes()) > 10_000 for each in pictures)


def test_notebook_is_stored_without_what_it_printed() -> None:
    for cell in cells():
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


@pytest.mark.parametrize(
    ("heading", "name", "day"),
    [(OF_DUCKDB[0], "pcr_oi", DAYS[3]), (OF_DUCKDB[2], "atm_iv", DAYS[4])],
)
def test_last_value_that_is_not_known_is_no_earlier_one(
    database: AnyDatabase, tmp_path: Path, heading: str, name: str, day: date
) -> None:
    """DuckDB's arg_max leaves out rows whose value is null."""
    query = {"symbol": "NIFTY", "fetched_at": {"$gte": start_of(day)}}
    kept: Any = list(database[SNAPSHOTS].find(query, sort=[("fetched_at", 1)]))
    of_day = [each for each in kept if exchange_date(each["fetched_at"]) == day]
    database[SNAPSHOTS].update_many(
        {"symbol": "NIFTY", "fetched_at": of_day[-1]["fetched_at"]},
        {"$set": {f"analytics.{name}": None}},
    )
    try:
        seal_week(database, FolderStore(tmp_path))
        rows = {row[0]: row[1] for row in asked(tmp_path, heading)}
    finally:
        for each in kept:
            database[SNAPSHOTS].replace_one({"_id": each["_id"]}, each)
    assert rows
    assert rows.get(day) is None
