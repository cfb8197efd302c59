"""The client reads the same snapshots from the API and from the archive."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from local.mongod import Mongod
from optionchain.archive.folder_store import FolderStore
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, Indexes
from optionchain.settings import SecretStr, Settings
from optionchain_client import (
    Archive,
    ArchiveError,
    BadRequest,
    Client,
    NotFound,
    Unavailable,
    frame,
)
from tests.support.api import client
from tests.support.api_transport import ApiTransport
from tests.support.archived_week import DAYS, FRIDAY, MONDAY, SYMBOLS, Week, at, seal_week
from tests.support.mongomock_database import AnyDatabase

NOW = at(FRIDAY, "12:00:00").replace(day=20)
SATURDAY = NOW.date()


@dataclass
class Recorded:
    """The week in a database, and in an archive beside it."""

    settings: Settings
    database: AnyDatabase
    folder: Path

    def transport(self, *faults: int | Exception) -> ApiTransport:
        """Return the way to the API, with these faults first."""
        return ApiTransport(client(self.database, NOW, self.settings), faults)


@pytest.fixture(scope="module")
def recorded(mongod: Mongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    settings = Settings(
        mongodb_uri=SecretStr(mongod.uri), mongodb_database=f"t{uuid4().hex}", retention_days=3_650
    )
    database = open_database(settings)
    Indexes(database, settings.retention_days).ensure()
    Week(database).record()
    folder = tmp_path_factory.mktemp("archive")
    seal_week(database, FolderStore(folder))
    yield Recorded(settings, database, folder)
    database.client.drop_database(database.name)
    database.client.close()


def source(recorded: Recorded, *faults: int | Exception) -> Client:
    pauses: list[float] = []
    return Client(
        "http://api.example/dev",
        transport=recorded.transport(*faults),
        sleep=pauses.append,
    )


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("expiry", ["nearest", "next", "all", "30-Jun-2026"])
def test_api_and_archive_yield_the_same(recorded: Recorded, symbol: str, expiry: str) -> None:
    with source(recorded) as api, Archive(recorded.folder) as archive:
        of_api = list(api.chains(symbol, MONDAY, SATURDAY, expiry=expiry))
        assert of_api == list(archive.chains(symbol, MONDAY, SATURDAY, expiry=expiry))
    assert len(of_api) == len({(each.at, each.expiry) for each in of_api})
    assert {each.ist.date() for each in of_api} <= set(DAYS)
    if expiry in ("nearest", "all"):
        assert {each.ist.date() for each in of_api} == set(DAYS)


def test_all_expiries_are_all_that_is_stored(recorded: Recorded) -> None:
    with source(recorded) as api:
        found = list(api.chains("NIFTY", "2026-06-15", "2026-06-19", expiry="all"))
    query = {"symbol": "NIFTY"}
    assert len(found) == recorded.database[SNAPSHOTS].count_documents(query)
    assert sum(len(each.contracts) for each in found) == recorded.database[
        CONTRACTS
    ].count_documents(query)
    assert [(each.at, each.expiry) for each in found] == sorted(
        (each.at, each.expiry) for each in found
    )


def test_days_are_those_with_snapshots(recorded: Recorded) -> None:
    with source(recorded) as api, Archive(recorded.folder) as archive:
        for each in (api, archive):
            assert each.days("NIFTY", "2026-06-10", SATURDAY) == list(DAYS)
            assert each.days("IDEA", "2026-06-10", SATURDAY) == [MONDAY]


def test_one_moment_is_the_snapshot_of_its_tick(recorded: Recorded) -> None:
    with source(recorded) as api:
        listed = list(api.chains("M&M", FRIDAY, FRIDAY))
        assert api.as_of("M&M", listed[2].at).contracts == listed[2].contracts
        latest = api.latest("M&M")
        assert (latest.at, latest.contracts) == (listed[-1].at, listed[-1].contracts)
        contract = latest.contracts[0]
        assert latest.contract(contract.strike_price, contract.type) == contract
        assert latest.contract(1.0, "CE") is None


def test_table_has_a_row_for_each_contract(recorded: Recorded) -> None:
    with Archive(recorded.folder) as archive:
        found = list(archive.chains("NIFTY", MONDAY, FRIDAY))
    table = frame(found)
    assert len(table) == sum(len(each.contracts) for each in found)
    assert table["last_price"].dtype == float
    assert str(table["at"].dt.tz) == "UTC"
    assert frame([]).columns.tolist() == table.columns.tolist()


def test_failing_api_is_asked_again(recorded: Recorded) -> None:
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


def test_wrong_request_is_asked_once_and_names_its_field(recorded: Recorded) -> None:
    transport = recorded.transport()
    api = Client("http://api.example", transport=transport)
    with pytest.raises(BadRequest) as caught:
        list(api.candles("NIFTY", 24_000, "CE", "10:00", "11:00", interval="often"))
    assert "interval" in caught.value.fields
    with pytest.raises(NotFound, match="unknown-symbol"):
        api.latest("NOBODY")
    assert len(transport.asked) == 2


def test_follower_sees_each_snapshot_once(recorded: Recorded) -> None:
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


def test_file_that_is_not_the_manifest_s_is_refused(recorded: Recorded) -> None:
    with Archive(recorded.folder) as archive:
        (file,) = archive.files("IDEA", MONDAY, MONDAY)
        file.write_bytes(b"")
    path = next((recorded.folder / "files" / "IDEA").rglob("contracts-*.parquet"))
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"!")
    try:
        with Archive(recorded.folder) as archive, pytest.raises(ArchiveError, match="manifest"):
            list(archive.chains("IDEA", MONDAY, MONDAY))
    finally:
        path.write_bytes(content)
