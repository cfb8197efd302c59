"""The indexes: their keys are promises, and the TTL is what empties the database."""

from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from optionchain.mongo.indexes import Indexes
from tests.support.fakes import ShakyDatabase
from tests.support.mongomock_database import AnyDatabase

DAY = 86_400
HOUR = 3_600
# By collection: keys, unique, seconds to live for a retention of 30 days.
EXPECTED = {
    "option_chain": [
        ([("identifier", 1), ("fetched_at", 1)], True, None),
        ([("symbol", 1), ("expiry", 1), ("fetched_at", 1)], False, None),
        ([("fetched_at", 1)], False, 30 * DAY + HOUR),
    ],
    "snapshots": [
        ([("symbol", 1), ("expiry", 1), ("fetched_at", -1)], True, None),
        ([("symbol", 1), ("fetched_at", -1)], False, None),
        ([("fetched_at", 1)], False, 30 * DAY),
    ],
    "ticks": [([("symbol", 1), ("tick", -1)], True, None), ([("tick", 1)], False, 30 * DAY)],
    "duties": [([("symbols", 1), ("since", -1)], False, None), ([("since", 1)], False, 31 * DAY)],
    "listings": [
        ([("symbol", 1), ("since", -1)], True, None),
        ([("read_at", 1)], False, 45 * DAY),
    ],
}


def indexes_of(database: AnyDatabase, collection: str) -> list[Any]:
    """Return what `EXPECTED` says of a collection, as the database has it."""
    found = database[collection].index_information()
    return [
        (list(index["key"]), index.get("unique", False), index.get("expireAfterSeconds"))
        for name, index in found.items()
        if name != "_id_"
    ]


def time_to_live(database: AnyDatabase, collection: str) -> int:
    (seconds,) = [ttl for _, _, ttl in indexes_of(database, collection) if ttl is not None]
    assert isinstance(seconds, int)
    return seconds


def test_indexes_are_as_designed_however_often_ensured(empty_database: AnyDatabase) -> None:
    """Headers expire before their contracts and before the lists that say which of them counted."""
    for _ in range(2):
        Indexes(empty_database, 30).ensure()
        assert {name: indexes_of(empty_database, name) for name in EXPECTED} == EXPECTED


def test_ensuring_again_in_the_same_environment_asks_nothing(empty_database: AnyDatabase) -> None:
    shaky = ShakyDatabase(empty_database)
    indexes = Indexes(shaky, 30)
    indexes.ensure()
    shaky.away = True
    indexes.ensure()
    assert indexes_of(empty_database, "ticks") == EXPECTED["ticks"]


@pytest.mark.parametrize("days", [7, 90])
def test_another_retention_moves_the_time_to_live(days: int, real_database: AnyDatabase) -> None:
    """On the real server alone: mongomock knows no collMod."""
    Indexes(real_database, 30).ensure()
    Indexes(real_database, days).ensure()
    assert time_to_live(real_database, "option_chain") == days * DAY + HOUR
    assert time_to_live(real_database, "snapshots") == days * DAY
    assert time_to_live(real_database, "ticks") == days * DAY
    assert len(indexes_of(real_database, "option_chain")) == 3


def test_a_contract_has_one_document_at_an_instant(database: AnyDatabase) -> None:
    key = {"identifier": "NIFTY_CE_24000_23-Jun-2026", "fetched_at": "an instant"}
    database["option_chain"].insert_one(dict(key))
    with pytest.raises(DuplicateKeyError):
        database["option_chain"].insert_one(dict(key))
