"""The commands that the driver sends to a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from local.mongod import Mongod
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import Indexes
from tests.support.mongomock_database import RETENTION_DAYS, AnyDatabase

_SESSION = ("lsid", "$clusterTime", "$db", "$readPreference", "txnNumber", "readConcern")


type Watched = tuple[AnyDatabase, Commands]


class Commands(CommandListener):
    """Keeps the commands that are sent, without what belongs to the connection."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        command = dict(event.command)
        self.sent.append({key: command[key] for key in command if key not in _SESSION})

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Do nothing: only what is sent matters."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Do nothing: only what is sent matters."""

    @contextmanager
    def kept(self) -> Iterator[list[dict[str, Any]]]:
        """Yield a list of the commands that are sent within the block."""
        sent: list[dict[str, Any]] = []
        self.sent = sent
        yield sent


@contextmanager
def watched(mongod: Mongod, name: str) -> Iterator[Watched]:
    """A database with its indexes, and the commands sent to it; dropped afterwards."""
    commands = Commands()
    options: dict[str, Any] = {"event_listeners": [commands], "timeoutMS": 20_000, "tz_aware": True}
    with MongoClient[Document](mongod.uri, **options) as client:
        Indexes(client[name], RETENTION_DAYS).ensure()
        yield client[name], commands
        client.drop_database(name)


def examined(database: AnyDatabase, command: dict[str, object]) -> int:
    """Return how many documents a command looks at, by the plan that it runs by."""
    plan = database.command("explain", command, verbosity="executionStats")
    if "stages" in plan and "$collStats" in plan["stages"][0]:
        return 0  # it is about the collection, not about a document
    if "stages" in plan:
        plan = plan["stages"][0]["$cursor"]
    number: int = plan["executionStats"]["totalDocsExamined"]
    return number
