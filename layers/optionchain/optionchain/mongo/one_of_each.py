"""A document for each of many values on a sharded cluster, where one query for all reads too much.

Sorted like an index and grouped, one server skips from the first document of a group to that of the
next. Over several shards MongoDB sends every sorted document to where they are grouped.
"""

from collections.abc import Sequence
from typing import Any

from pymongo.collection import Collection
from pymongo.topology_description import TOPOLOGY_TYPE

from optionchain.mongo.client import database_errors
from optionchain.mongo.united_pipelines import Stages


def is_sharded(collection: Collection[Any]) -> bool:
    """Tell whether the server is the router of a sharded cluster.

    Before the first operation of a client it is not known, and is False: nothing is asked for it.
    Raises StoreUnavailable if there is no client.
    """
    with database_errors():
        topology = getattr(
            collection.database.client, "topology_description", None
        )  # not of a fake
    return topology is not None and topology.topology_type == TOPOLOGY_TYPE.Sharded


def of_each(
    collection: Collection[Any], field: str, values: Sequence[str], found: Stages
) -> Stages:
    """Return the stages that look up, for each value of a field, what these stages find.

    Each look-up goes to the shards of its value alone. They begin with any document.
    """
    look_up = {
        "from": collection.name,
        "localField": field,
        "foreignField": field,
        "pipeline": found,
        "as": "found",
    }
    return [
        {"$limit": 1},
        {"$project": {"_id": False, field: {"$literal": list(values)}}},
        {"$unwind": f"${field}"},
        {"$lookup": look_up},
        {"$unwind": "$found"},
        {"$replaceRoot": {"newRoot": "$found"}},
    ]
