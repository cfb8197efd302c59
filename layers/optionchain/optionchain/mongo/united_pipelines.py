"""Many small pipelines of one collection as few queries."""

from collections.abc import Iterable, Iterator
from itertools import batched
from typing import Any

from pymongo.collection import Collection

from optionchain.mongo.client import Document, database_errors

type Stages = list[dict[str, Any]]

# Small clusters of Atlas take 50 stages in a pipeline, and each branch is one.
_BRANCHES = 40
# More documents than an exchange has expiries: one batch saves round trips.
_BATCH = 5_000


def united(documents: Collection[Any], branches: Iterable[Stages]) -> Iterator[Document]:
    """Yield what all branches find, by one query for many branches; raise StoreUnavailable."""
    with database_errors():
        for first, *others in batched(branches, _BRANCHES, strict=False):
            joined = [{"$unionWith": {"coll": documents.name, "pipeline": each}} for each in others]
            yield from documents.aggregate([*first, *joined], batchSize=_BATCH)
