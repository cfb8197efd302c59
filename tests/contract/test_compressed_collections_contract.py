"""How collections are made: with zstd for data and every index, and plain where it is refused."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pymongo.errors import ExecutionTimeout, OperationFailure, WriteConcernError

from optionchain.errors import StoreUnavailable
from optionchain.mongo.compressed_collections import Compression, compression_of
from optionchain.mongo.housekeeping_register import HousekeepingRegister
from optionchain.mongo.indexes import RECORDED, Indexes
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import AnyDatabase

ZSTD = Compression("zstd", "zstd")
PLAIN = Compression("snappy", "none")


class RefusingDatabase(ShakyDatabase):
    """A database that refuses to make collections with options."""

    def __init__(self, database: AnyDatabase, error: OperationFailure) -> None:
        super().__init__(database)
        self.error: OperationFailure | None = error

    def create_collection(self, name: str, **options: Any) -> Any:  # type: ignore[override]  # noqa: ANN401
        if self.error:
            raise self.error
        return super().create_collection(name, **options)


def failure(code: int, name: str, message: str) -> OperationFailure:
    return OperationFailure(message, code, {"codeName": name, "errmsg": message})


REFUSALS = [
    failure(72, "InvalidOptions", "storageEngine is not allowed"),
    failure(8_000, "AtlasError", "storageEngine is not allowed in this atlas tier"),
    failure(13, "Unauthorized", "not authorized on option_chain to execute command"),
    failure(2, "BadValue", "22: Invalid argument"),
    failure(59, "CommandNotFound", "no such command: 'create'"),
]
PASSING = [
    ExecutionTimeout("operation exceeded time limit", 50),
    WriteConcernError("waiting for replication timed out", 64),
    OperationFailure("interrupted", 11_602, {"errorLabels": ["RetryableWriteError"]}),
]


def stored(database: AnyDatabase) -> list[Compression | None]:
    return [compression_of(database, name) for name in RECORDED]


def compressors(database: AnyDatabase, name: str) -> dict[str, str]:
    """Return the block compressor of each index of a collection, as collStats has it."""
    details = database.command("collStats", name)["indexDetails"]
    return {
        index: row["creationString"].partition("block_compressor=")[2].partition(",")[0]
        for index, row in details.items()
    }


def test_data_and_every_index_are_compressed_with_zstd(real_database: AnyDatabase) -> None:
    """`_id_` too, and an index that somebody adds."""
    Indexes(real_database, 30).ensure()
    real_database["ticks"].create_index("outcome")
    assert stored(real_database) == [ZSTD] * 3
    for name in RECORDED:
        found = compressors(real_database, name)
        assert set(found.values()) == {"zstd"}
        assert "_id_" in found
        assert len(found) == 4


def test_a_collection_that_exists_stays_as_it_is(real_database: AnyDatabase) -> None:
    real_database["snapshots"].insert_one({"symbol": "NIFTY"})
    Indexes(real_database, 30).ensure()
    assert stored(real_database) == [ZSTD, PLAIN, ZSTD]
    assert HousekeepingRegister(real_database).read() == []


def test_a_collection_that_does_not_exist_is_not_stored(real_database: AnyDatabase) -> None:
    assert stored(real_database) == [None] * 3


def test_indexes_that_differ_are_mixed(real_database: AnyDatabase) -> None:
    Indexes(real_database, 30).ensure()
    plain = {"wiredTiger": {"configString": "block_compressor=none"}}
    real_database["ticks"].create_index("outcome", storageEngine=plain)
    assert compression_of(real_database, "ticks") == Compression("zstd", "mixed")


def test_a_server_that_knows_no_such_question_tells_nothing(real_database: AnyDatabase) -> None:
    """`$collStats` of a view is refused, as is any of it by other servers than MongoDB's."""
    real_database.command("create", "ticks", viewOn="others", pipeline=[])
    assert compression_of(real_database, "ticks") == Compression(None, None)


def test_recorders_that_start_together_make_each_collection_once(
    real_database: AnyDatabase,
) -> None:
    with ThreadPoolExecutor(8) as pool:
        starts = [pool.submit(Indexes(real_database, 30).ensure) for _ in range(8)]
        for start in starts:
            start.result()
    assert stored(real_database) == [ZSTD] * 3
    assert HousekeepingRegister(real_database).read() == []


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: str(error.code))
def test_where_zstd_is_refused_the_plain_collection_is_made_and_said(
    error: OperationFailure, empty_database: AnyDatabase
) -> None:
    told: list[str] = []
    Indexes(RefusingDatabase(empty_database, error), 30, told.append).ensure()
    assert [text.partition(" cannot be compressed with zstd")[0] for text in told] == [*RECORDED]
    assert all(str((error.details or {})["errmsg"])[:30] in text for text in told)
    assert HousekeepingRegister(empty_database).read() == told
    assert set(RECORDED) <= set(empty_database.list_collection_names())


def test_a_plain_collection_is_known_as_one(real_database: AnyDatabase) -> None:
    Indexes(RefusingDatabase(real_database, REFUSALS[0]), 30).ensure()
    assert stored(real_database) == [PLAIN] * 3


@pytest.mark.parametrize("error", PASSING, ids=lambda error: type(error).__name__)
def test_an_error_that_passes_leaves_no_plain_collection_behind(
    error: OperationFailure, real_database: AnyDatabase
) -> None:
    """A collection is never made anew, so the next tick tries again."""
    database = RefusingDatabase(real_database, error)
    indexes = Indexes(database, 30)
    with pytest.raises(StoreUnavailable):
        indexes.ensure()
    assert real_database.list_collection_names() == []
    database.error = None
    indexes.ensure()
    assert stored(real_database) == [ZSTD] * 3
