"""A sharded cluster on this machine: a config server, two shards, and a router."""

import os
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from pymongo import MongoClient

from local.mongod import Mongod, free_port
from local.processes import start_process, stop_process, wait_for_port
from tests.support.router import StandInRouter

SHARDS = ("first", "second")


class ShardedCluster:
    """Starts the servers in `folder`; `uri` is that of the router.

    The router is the mongos at `MONGOS` or on PATH; without one, a stand-in that leaves the routing
    to a shard server.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._closing = ExitStack()
        self.uri = ""

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            config = starting.enter_context(self._server("config", "--configsvr"))
            shards = [starting.enter_context(self._server(name, "--shardsvr")) for name in SHARDS]
            mongos = os.environ.get("MONGOS") or shutil.which("mongos")
            port = (
                _mongos(mongos, config, starting) if mongos else _stand_in(config, shards, starting)
            )
            self.uri = f"mongodb://127.0.0.1:{port}/"
            with MongoClient[dict[str, Any]](self.uri) as client:
                for shard in shards:
                    client.admin.command("addShard", f"{shard.replica_set}/127.0.0.1:{shard.port}")
            self._closing = starting.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        self._closing.close()

    def _server(self, name: str, role: str) -> Mongod:
        return Mongod(self._folder / name, options=(role,), replica_set=name)


def _stand_in(config: Mongod, shards: list[Mongod], starting: ExitStack) -> int:
    router = StandInRouter(config, shards)
    starting.callback(router.stop)
    router.start()
    return router.port


def _mongos(binary: str, config: Mongod, starting: ExitStack) -> int:
    port, servers = free_port(), f"{config.replica_set}/127.0.0.1:{config.port}"
    process = start_process(
        [binary, "--configdb", servers, "--port", str(port), "--bind_ip", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
    )
    starting.callback(stop_process, process)
    wait_for_port(port, 30, lambda: None)
    return port
