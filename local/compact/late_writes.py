"""What is written to a collection while its copy takes its place. Nothing of it is lost.

Nobody should write then. If somebody does all the same, MongoDB's change stream tells. What came
before the replacement is in the next comparison; what comes at its very moment is written again.
"""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, NamedTuple, Self

from bson import ObjectId, Timestamp
from pymongo.change_stream import DatabaseChangeStream
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from optionchain.mongo.client import Document
from optionchain.mongo.housekeeping_register import CONTROL

_NOTE = {"_id": "compact"}
_WRITES = ("insert", "update", "replace", "delete")
# It only grows, and a later write may have moved it on.
_GROWS = "last_seen_at"


class Replacement(NamedTuple):
    """The collection `name` that `copy` replaces, and the cluster's time before it."""

    name: str
    copy: str
    since: Timestamp


class LateWrites:
    """The writes to a collection since a time of the cluster."""

    def __init__(self, database: Database[Document], replacement: Replacement) -> None:
        self._control: Collection[Any] = database[CONTROL]
        self._collection: Collection[Any] = database[replacement.name]
        self._replacement = replacement
        shown: list[Document] = [
            {"ns.coll": replacement.name, "operationType": {"$in": _WRITES}},
            {"ns.coll": replacement.copy, "operationType": "rename"},
            {"ns.coll": CONTROL, "documentKey": _NOTE},
        ]
        # What a majority has is what no fail-over takes back; a change stream shows nothing else.
        lasting = database.with_options(read_concern=ReadConcern("majority"))
        self._stream: DatabaseChangeStream[Any] = lasting.watch(
            [{"$match": {"$or": shown}}], start_at_operation_time=replacement.since
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()

    def before(self) -> int:
        """Note what is about to be replaced; return the number of writes until now."""
        return sum(1 for _ in self._until_now())

    def write_again(self) -> int:
        """Write to the new collection what came before the replacement; return how much it was."""
        events = list(self._until_now())
        for event in events:
            self._apply(event)
        self._control.delete_one(_NOTE)
        return len(events)

    def _until_now(self) -> Iterator[Document]:
        """Yield the writes up to the replacement, or to this moment if there was none."""
        mark = ObjectId()
        self._control.replace_one(_NOTE, {**self._replacement._asdict(), "mark": mark}, upsert=True)
        for event in self._stream:
            if event["operationType"] == "rename" or _mark_of(event) == mark:
                return
            if event["ns"]["coll"] == self._collection.name:
                yield event

    def _apply(self, event: Document) -> None:
        key = event["documentKey"]
        if event["operationType"] == "delete":
            self._collection.delete_one(key)
        elif event["operationType"] == "update":
            for change in _changes(event["updateDescription"]):
                self._collection.update_one(key, change)
        else:
            self._collection.replace_one(key, event["fullDocument"], upsert=True)


def unfinished(database: Database[Document]) -> Replacement | None:
    """Return the replacement that a run noted and did not finish, None if there is none."""
    control: Collection[Any] = database[CONTROL]
    found = control.find_one(_NOTE)
    if found and found["copy"] in database.list_collection_names():
        control.delete_one(_NOTE)  # it was cut off before the replacement
        return None
    return Replacement(found["name"], found["copy"], found["since"]) if found else None


def cluster_time(database: Database[Document]) -> Timestamp:
    """Return the time of the newest write that the cluster knows of."""
    time: Timestamp = database.command("ping")["operationTime"]
    return Timestamp(time.time, time.inc + 1)


def _mark_of(event: Document) -> Any:  # noqa: ANN401
    changed = event.get("updateDescription", {}).get("updatedFields", {})
    return ((event.get("fullDocument") or {}) | changed).get("mark")


def _changes(update: Document) -> Iterator[Document]:
    """Yield the commands that repeat an update."""
    for array in update.get("truncatedArrays") or ():
        yield {"$push": {array["field"]: {"$each": [], "$slice": array["newSize"]}}}
    values = dict(update["updatedFields"])
    grown = {name: values.pop(name) for name in (_GROWS,) if name in values}
    removed = dict.fromkeys(update["removedFields"], "")
    change = {"$set": values, "$max": grown, "$unset": removed}
    yield {operator: fields for operator, fields in change.items() if fields}
