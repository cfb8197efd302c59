"""A stand-in for mongos: MongoDB's own router, as each shard server of 6.0 has it.

A shard server routes what it is asked under the names `clusterFind`, `clusterInsert` and so on, by
the code of mongos: it reads the chunks from the config server, targets shards, merges, explains.
This process only speaks to clients, renames their commands, and does by hand what those names do
not cover: indexes and options of collections, `distinct`, `count`, and what an operator types.
It does not pass transaction numbers on, so a write is not retried.
"""

import socket
import struct
from contextlib import suppress
from threading import Thread

import bson

from local.mongod import Mongod, MongodUnavailable
from tests.support.router_commands import CommandsByHand, routed
from tests.support.wire_messages import MESSAGE, QUERY, REPLY, message, receive

_HELLOS = ("hello", "ismaster")
_HELLO = {
    "ok": 1.0,
    "isWritablePrimary": True,
    "ismaster": True,
    "msg": "isdbgrid",
    "maxBsonObjectSize": 16_777_216,
    "maxMessageSizeBytes": 48_000_000,
    "maxWriteBatchSize": 100_000,
    "logicalSessionTimeoutMinutes": 30,
    "minWireVersion": 0,
    "maxWireVersion": 17,
}


class StandInRouter:
    """Listens on 127.0.0.1; collections that are not sharded are on the first of the shards."""

    def __init__(self, config: Mongod, shards: list[Mongod]) -> None:
        self._port = shards[0].port
        self._by_hand = CommandsByHand(config, shards)
        self._listener = socket.create_server(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        """The port that clients connect to."""
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        """Listen until `stop`; raise MongodUnavailable unless the servers are of MongoDB 6.0."""
        version = self._by_hand.version()
        if not version.startswith("6.0."):
            raise MongodUnavailable(
                f"no mongos on PATH, and the stand-in routes 6.0, not {version}"
            )
        Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """End all connections to servers."""
        self._listener.close()
        self._by_hand.close()

    def _accept(self) -> None:
        with suppress(OSError):  # the listener was closed
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with (
            suppress(OSError, EOFError),
            client,
            socket.create_connection(("127.0.0.1", self._port)) as server,
        ):
            while True:
                client.sendall(self._answer(*receive(client), server))

    def _answer(self, request: int, opcode: int, body: bytes, server: socket.socket) -> bytes:
        if opcode == QUERY:  # a driver's first hello
            head = struct.pack("<iqii", 8, 0, 0, 1)
            return message(request, REPLY, head + bson.encode(_HELLO))
        (size,) = struct.unpack_from("<i", body, 5)
        command, rest = bson.decode(body[5 : 5 + size]), body[5 + size :]
        name = next(iter(command))
        if name in _HELLOS or name in self._by_hand:
            answer = _HELLO if name in _HELLOS else self._by_hand.run(command)
            return message(request, MESSAGE, bytes(5) + bson.encode(answer))
        renamed = body[:5] + bson.encode(routed(command)) + rest
        server.sendall(message(request, MESSAGE, renamed, answers=0))
        answered, _, reply_body = receive(server)
        return message(answered, MESSAGE, reply_body)
