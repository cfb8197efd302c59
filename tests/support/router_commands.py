"""The commands of a router: those that a shard server routes, under its names, and the others."""

from collections.abc import Callable, Mapping
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure

from local.mongod import Mongod

type Message = dict[str, Any]

_ROUTED = ("find", "aggregate", "insert", "update", "delete", "getMore")
_MAJORITY = {"writeConcern": {"w": "majority"}}
_SESSION = ("lsid", "txnNumber", "$clusterTime", "$readPreference")


class CommandsByHand:
    """The commands that a shard server does not route: they are made of those between servers.

    Collections that are not sharded are on the first of the shards.
    """

    def __init__(self, config: Mongod, shards: list[Mongod]) -> None:
        self._first = shards[0].replica_set
        self._config, *self._shards = [
            MongoClient[Message](f"mongodb://127.0.0.1:{each.port}/?directConnection=true")
            for each in (config, *shards)
        ]
        self._commands: dict[str, Callable[[str, Message], Message]] = {
            "addShard": self._add_shard,
            "create": self._create,
            "shardCollection": self._shard_collection,
            "moveRange": self._move_range,
            "createIndexes": self._on_each,
            "dropIndexes": self._on_each,
            "collMod": self._on_each,
            "distinct": self._distinct,
            "count": self._count,
        }

    def __contains__(self, name: str) -> bool:
        return name in self._commands

    def close(self) -> None:
        """End the connections to the servers."""
        for client in (self._config, *self._shards):
            client.close()

    def version(self) -> str:
        """Return the version of the servers."""
        return str(self._config.server_info()["version"])

    def run(self, command: Message) -> Message:
        """Return the answer of a command, also where a server refuses it."""
        database = command.pop("$db")
        for name in _SESSION:
            command.pop(name, None)
        try:
            return {"ok": 1.0} | self._commands[next(iter(command))](database, command)
        except OperationFailure as error:
            return {"ok": 0.0} | _told(error.details or {})

    def _on_each(self, database: str, command: Message) -> Message:
        """Run a command on each shard that has the collection; the first always takes it."""
        name = next(iter(command.values()))
        first, *others = self._shards
        reply = first[database].command(command)
        for shard in others:
            if shard[database].list_collection_names(filter={"name": name}):
                shard[database].command(command)
        return _told(reply)

    def _create(self, database: str, command: Message) -> Message:
        self._own(database)
        return _told(self._shards[0][database].command(command))

    def _own(self, database: str) -> Message:
        """Make the first shard the one of a database; return the version of that."""
        made = {
            "_configsvrCreateDatabase": database,
            "primaryShardId": self._first,
            **_MAJORITY,
        }
        version: Message = self._config.admin.command(made)["databaseVersion"]
        return version

    def _add_shard(self, _database: str, command: Message) -> Message:
        host = command["addShard"]
        made = {"_configsvrAddShard": host, "name": host.partition("/")[0], **_MAJORITY}
        return _told(self._config.admin.command(made))

    def _shard_collection(self, _database: str, command: Message) -> Message:
        database, _, collection = command["shardCollection"].partition(".")
        made = {
            "_shardsvrCreateCollection": collection,
            "shardKey": command["key"],
            "unique": command.get("unique", False),
            "databaseVersion": self._own(database),
            **_MAJORITY,
        }
        return _told(self._shards[0][database].command(made))

    def _move_range(self, _database: str, command: Message) -> Message:
        moved = {"_configsvrMoveRange": command.pop("moveRange"), **command, **_MAJORITY}
        return _told(self._config.admin.command(moved))

    def _distinct(self, database: str, command: Message) -> Message:
        rows = self._rows(database, _as_aggregate(command))
        return {"values": [row["_id"] for row in rows]}

    def _count(self, database: str, command: Message) -> Message:
        stages = [{"$match": command.get("query", {})}, {"$count": "n"}]
        rows = self._rows(database, _aggregate(command["count"], stages))
        return {"n": rows[0]["n"] if rows else 0}

    def _rows(self, database: str, command: Message) -> list[Message]:
        answer = self._shards[0][database].command(routed(command))
        rows: list[Message] = answer["cursor"]["firstBatch"]
        return rows


def routed(command: Message) -> Message:
    """Return a command under its name in a shard server."""
    name, value = next(iter(command.items()))
    command.pop("txnNumber", None)
    if name == "explain":
        inner = _as_aggregate(value) if "distinct" in value else value
        return command | {"explain": routed(inner)}
    if name not in _ROUTED:
        return command
    rest = {key: each for key, each in command.items() if key != name}
    return {f"cluster{name[0].upper()}{name[1:]}": value, **rest}


def _as_aggregate(distinct: Message) -> Message:
    """Return the aggregation that finds the distinct values of a field."""
    group = {"$group": {"_id": f"${distinct['key']}"}}
    return _aggregate(distinct["distinct"], [{"$match": distinct.get("query", {})}, group])


def _aggregate(name: str, stages: list[Message]) -> Message:
    return {"aggregate": name, "pipeline": stages, "cursor": {"batchSize": 100_000}}


def _told(reply: Mapping[str, Any]) -> Message:
    """Return what a server answers, without the clocks of its own cluster."""
    return {
        key: value for key, value in reply.items() if key not in ("$clusterTime", "operationTime")
    }
