"""The indexes: their keys are promises, and the TTL is what empties the database."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure

from optionchain.errors import StoreUnavailable
from optionchain.mongo.housekeeping_register import HousekeepingRegister
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
    "settlements": [
        ([("symbol", 1), ("day", 1), ("expiry", 1)], True, None),
        ([("day", 1)], False, 31 * DAY),
    ],
    "disagreements": [
        ([("symbol", 1), ("at", -1)], True, None),
        ([("at", 1)], False, 30 * DAY),
    ],
    "contract_terms": [
        ([("symbol", 1), ("day", 1), ("source", 1), ("content_hash", 1)], True, None),
        ([("day", 1)], False, 38 * DAY),
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


@pytest.mark.parametrize(
    ("minutes", "other", "kept"), [(59, 7, 7), (61, 7, 30), (61, 90, 90), (61, 30, 30)]
)
def test_a_warm_environment_mends_within_an_hour_what_lets_documents_expire_sooner(
    minutes: int, other: int, kept: int, real_database: AnyDatabase
) -> None:
    now = datetime.now(UTC)
    warm = Indexes(real_database, 30, now=lambda: now)
    warm.ensure()
    Indexes(real_database, other).ensure()
    now += timedelta(minutes=minutes)
    warm.ensure()
    assert time_to_live(real_database, "snapshots") == kept * DAY
    assert time_to_live(real_database, "ticks") == kept * DAY
    assert time_to_live(real_database, "option_chain") == kept * DAY + HOUR


def test_a_contract_has_one_document_at_an_instant(database: AnyDatabase) -> None:
    key = {"identifier": "NIFTY_CE_24000_23-Jun-2026", "fetched_at": "an instant"}
    database["option_chain"].insert_one(dict(key))
    with pytest.raises(DuplicateKeyError):
        database["option_chain"].insert_one(dict(key))


def keep(database: AnyDatabase, days: int, refused: Sequence[str] = ()) -> list[str]:
    """Set another retention, while changes of some collections are refused; return what is sent."""
    sent: list[str] = []
    recording = RecordingDatabase(database, sent, refused)
    Indexes(cast("AnyDatabase", recording), days).ensure()
    return [name for name in sent if name in ("option_chain", "snapshots", "ticks")]


class RecordingDatabase:
    """Passes everything on, and notes the collections whose time to live is changed."""

    def __init__(self, database: AnyDatabase, sent: list[str], refused: Sequence[str]) -> None:
        self._database, self._sent, self._refused = database, sent, refused

    def __getitem__(self, name: str) -> object:
        return self._database[name]

    def command(self, command: str, collection: str, **options: object) -> object:
        if collection in self._refused:
            raise OperationFailure("not authorized", 13, {"errmsg": "not authorized"})
        self._sent.append(collection)
        return self._database.command(command, collection, **options)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("days", "refused", "order"),
    [
        (7, (), ["ticks", "snapshots", "option_chain"]),
        (90, (), ["ticks", "option_chain", "snapshots"]),
        (7, ("snapshots",), ["ticks"]),
        (90, ("option_chain",), ["ticks"]),
        (90, ("snapshots",), ["ticks", "option_chain"]),
        (7, ("option_chain", "ticks"), ["snapshots"]),
    ],
)
def test_headers_never_outlive_their_contracts(
    days: int, refused: tuple[str, ...], order: list[str], real_database: AnyDatabase
) -> None:
    """Whatever is changed first, and whatever is refused."""
    Indexes(real_database, 30).ensure()
    assert keep(real_database, days, refused) == order
    headers = time_to_live(real_database, "snapshots")
    assert time_to_live(real_database, "option_chain") >= headers + HOUR
    told = HousekeepingRegister(real_database).read()
    assert [text.partition(" ")[0] for text in told] == sorted(refused, reverse=True)[: len(told)]
    assert len(told) == len(refused)


def test_contracts_wait_until_the_headers_of_their_age_are_deleted(
    real_database: AnyDatabase,
) -> None:
    """A large deletion takes minutes, and MongoDB begins with any collection."""
    Indexes(real_database, 90).ensure()
    old = datetime.now(UTC) - timedelta(days=60)
    real_database["snapshots"].insert_one({"symbol": "NIFTY", "fetched_at": old})
    admin = real_database.client.admin
    admin.command({"setParameter": 1, "ttlMonitorEnabled": False})
    try:
        indexes = Indexes(real_database, 7)
        indexes.ensure()
        assert time_to_live(real_database, "snapshots") == 7 * DAY
        assert time_to_live(real_database, "option_chain") == 90 * DAY + HOUR
        real_database["snapshots"].delete_many({})
        indexes.ensure()
        assert time_to_live(real_database, "option_chain") == 7 * DAY + HOUR
    finally:
        admin.command({"setParameter": 1, "ttlMonitorEnabled": True})


KEY = [("symbol", 1), ("tick", -1)]


@pytest.mark.parametrize(
    ("existing", "options", "good"),
    [
        (KEY, {"name": "mine"}, True),
        (KEY, {"name": "symbol_1_tick_-1"}, False),
        (KEY, {"name": "mine", "unique": True}, True),
        (list(reversed(KEY)), {"unique": True}, True),
        (KEY, {"unique": True, "partialFilterExpression": {"owner": "x"}}, False),
    ],
)
def test_an_index_that_is_there_serves_if_it_keeps_the_promise(
    existing: list[tuple[str, int]],
    options: dict[str, Any],
    good: bool,
    real_database: AnyDatabase,
) -> None:
    real_database["ticks"].create_index(existing, **options)
    if good:
        Indexes(real_database, 30).ensure()
        return
    with pytest.raises(
        StoreUnavailable, match=r"the unique index \(symbol, tick\) of ticks, which"
    ):
        Indexes(real_database, 30).ensure()


@pytest.mark.parametrize(("further", "serves"), [("expiry", True), ("type", False)])
def test_a_unique_index_serves_with_fields_that_follow_from_its_keys_alone(
    further: str, serves: bool, real_database: AnyDatabase
) -> None:
    """The name of a contract says its expiry; its side is not known to follow."""
    wider = [("symbol", 1), (further, 1), ("identifier", 1), ("fetched_at", 1)]
    real_database["option_chain"].create_index(wider, unique=True)
    Indexes(real_database, 30).ensure()
    promise = ([("identifier", 1), ("fetched_at", 1)], True, None)
    assert (promise in indexes_of(real_database, "option_chain")) is not serves


def test_a_unique_index_over_documents_that_break_it_is_refused(
    real_database: AnyDatabase,
) -> None:
    real_database["ticks"].insert_many([{"symbol": "NIFTY", "tick": 1} for _ in range(2)])
    with pytest.raises(StoreUnavailable, match=r"unique index \(symbol, tick\) .* DuplicateKey"):
        Indexes(real_database, 30).ensure()


def test_what_is_refused_is_said_once_and_taken_back_when_it_is_done(
    real_database: AnyDatabase,
) -> None:
    Indexes(real_database, 30).ensure()
    keep(real_database, 90, ["ticks"])
    assert len(HousekeepingRegister(real_database).read()) == 1
    keep(real_database, 90)
    assert HousekeepingRegister(real_database).read() == []
