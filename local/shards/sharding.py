"""Shards contracts and headers, whatever they hold; recording may go on meanwhile."""

from collections.abc import Callable

from pymongo import ASCENDING, timeout
from pymongo.database import Database
from pymongo.errors import OperationFailure

from local.shards.refused import ShardsRefused
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.compressed_collections import make_compressed
from optionchain.mongo.index_changes import Index, existing_indexes, make_index, refusal_text
from optionchain.mongo.indexes import CONTRACTS, SHARD_KEY, SNAPSHOTS, indexes

_ROUTER = "isdbgrid"
# An index of a large collection takes minutes, and the recorder's operations 2.4 s at most.
_LONGEST = 86_400


def shard(database: Database[Document], print_line: Callable[[str], None]) -> None:
    """Shard both collections by symbol and expiry; what is done already is left as it is.

    Raises ShardsRefused, and StoreUnavailable if the server does not answer. After either, the next
    call goes on. At each moment a unique index refuses what was stored before.
    """
    with timeout(_LONGEST), database_errors():
        if not _is_router(database):
            raise ShardsRefused("this server is not the router of a sharded cluster")
        for name in (SNAPSHOTS, CONTRACTS):
            if not existing_indexes(database, name):
                _accept(make_compressed(database, name))
            _make_indexes(database, name)
            _shard(database, name)
            print_line(f"{name} is sharded by {' and '.join(SHARD_KEY)}")


def is_prepared(database: Database[Document]) -> bool | None:
    """Tell whether contracts have the index that sharding takes; None without shards."""
    if not _is_router(database):
        return None
    return any(
        each.unique and [name for name, _ in each.keys][: len(SHARD_KEY)] == [*SHARD_KEY]
        for each in existing_indexes(database, CONTRACTS)
    )


def _is_router(database: Database[Document]) -> bool:
    return database.client.admin.command("hello").get("msg") == _ROUTER


def _shard(database: Database[Document], name: str) -> None:
    key = {"shardCollection": f"{database.name}.{name}", "key": SHARD_KEY}
    try:
        database.client.admin.command(key)
    except OperationFailure as error:
        _accept(refusal_text(error))


def _make_indexes(database: Database[Document], name: str) -> None:
    """Let the unique index of a collection begin with the shard key, as MongoDB demands."""
    (unique,) = (each for each in indexes(1) if each.collection == name and each.unique)
    fields = [field for field, _ in unique.keys]
    wider = [*dict.fromkeys([*SHARD_KEY, *fields])]
    if wider == fields:
        _make(database, unique)
        return
    _make(database, Index(name, [(field, ASCENDING) for field in wider], unique=True))
    for each in existing_indexes(database, name):
        if each.unique and list(each.keys) == list(unique.keys):
            database[name].drop_index(each.name)
    _make(database, unique._replace(unique=False))


def _make(database: Database[Document], index: Index) -> None:
    known = existing_indexes(database, index.collection)
    if not any(
        list(each.keys) == list(index.keys) and each.unique == index.unique for each in known
    ):
        options = {"unique": True} if index.unique else {}
        _accept(make_index(database, index.collection, index.keys, **options))


def _accept(refusal: str | None) -> None:
    if refusal:
        raise ShardsRefused(refusal)
