"""Who renews the token of a source: one recorder at a time. No token is stored."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.source_register import SOURCE


@dataclass(frozen=True)
class Renewal:
    """When the token was last claimed for a renewal, and what came of it.

    Without `finished_at` the renewal runs, or its recorder has crashed. `detail` is None if it gave
    a token. `refused_login` marks the values that the source last refused as a login.
    """

    claimed_at: datetime
    finished_at: datetime | None = None
    detail: str | None = None
    refused_login: str | None = None


class RenewalRegister:
    """A document of the collection `source`; raises StoreUnavailable."""

    def __init__(self, database: Database[Document], source: str) -> None:
        self._source: Collection[Any] = database[SOURCE]
        self._key = f"{source} renewal"

    def read(self) -> Renewal | None:
        """Return the last renewal, None if there was none."""
        with database_errors():
            document = self._source.find_one({"_id": self._key}, {"_id": False})
        return Renewal(**document) if document else None

    def claim(self, now: datetime, pause: timedelta) -> bool:
        """Claim a renewal; return False if the last claim is not so long ago.

        A claim is never given back, so a crash delays the next renewal by the pause, no more.
        """
        # A claim of a clock that is far ahead keeps nobody out.
        free = [{"claimed_at": {"$lte": now - pause}}, {"claimed_at": {"$gt": now + pause}}]
        begun = {"claimed_at": now, "finished_at": None, "detail": None}
        with database_errors():
            try:
                self._source.update_one(
                    {"_id": self._key, "$or": free}, {"$set": begun}, upsert=True
                )
            except DuplicateKeyError:
                return False
        return True

    def finish(
        self, now: datetime, detail: str | None = None, refused_login: str | None = None
    ) -> None:
        """Say what came of the claimed renewal."""
        ended = {"finished_at": now, "detail": detail, "refused_login": refused_login}
        with database_errors():
            self._source.update_one({"_id": self._key}, {"$set": ended})
