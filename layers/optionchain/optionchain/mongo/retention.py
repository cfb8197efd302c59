"""How long documents are kept: headers never longer than their contracts, whatever is changed."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from math import inf

from pymongo.database import Database

from optionchain.errors import StoreRefused
from optionchain.mongo.client import Document
from optionchain.mongo.deletion_register import DeletionRegister
from optionchain.mongo.index_changes import (
    ExistingIndex,
    Index,
    change_ttl,
    existing_indexes,
    make_index,
)

_DAY = 86_400


class Retention:
    """Sets the TTL indexes of a database; `warn` is told in words what MongoDB refuses.

    How far documents of the collections `of_days` were deleted is noted before each change.
    """

    def __init__(
        self,
        database: Database[Document],
        warn: Callable[[str], None],
        of_days: Sequence[str] = (),
    ) -> None:
        self._database = database
        self._warn = warn
        self._of_days = of_days
        self._deletions = DeletionRegister(database)

    def set(self, expiring: Sequence[Index], first: str, then: str) -> bool:
        """Set when the documents of each of these indexes expire.

        Documents of the collection `first` never outlive those of `then`. Returns False if the
        latter have to wait until the former are deleted: then it is to be called again.
        """
        wanted = {index.collection: index for index in expiring}
        headers, contracts = wanted.pop(first), wanted.pop(then)
        for index in wanted.values():
            self._set_ttl(index)
        if self._lives(contracts) < (contracts.ttl_seconds or 0) and not self._set_ttl(contracts):
            return True
        if not self._set_ttl(headers):
            return True
        # MongoDB deletes in no fixed order, so contracts stay until the headers of their age went.
        if self._is_older(headers):
            return self._lives(contracts) == contracts.ttl_seconds
        self._set_ttl(contracts)
        return True

    def expires_sooner(self, expiring: Sequence[Index]) -> bool:
        """Tell whether documents of any of these indexes expire sooner than it says."""
        return any(self._lives(index) < (index.ttl_seconds or 0) for index in expiring)

    def _set_ttl(self, index: Index) -> bool:
        """Set after how many seconds documents expire; return False if MongoDB refuses."""
        seconds = index.ttl_seconds or 0
        found = self._ttl_index(index)
        if found and found.ttl_seconds == seconds:
            return True
        if found:
            refusal = self._note_deletions(index) or change_ttl(
                self._database, index.collection, found.name, seconds
            )
        else:
            options = {"expireAfterSeconds": seconds} | ({"unique": True} if index.unique else {})
            refusal = make_index(self._database, index.collection, index.keys, **options)
        if refusal:
            days = round(seconds / _DAY)
            self._warn(
                f"{index.collection} cannot be kept for {days} days, and expires as before; give "
                f"the recorder's user the right collMod: {refusal}"
            )
        return not refusal

    def _note_deletions(self, index: Index) -> str | None:
        """Return why MongoDB refuses to keep the note; then its time to live stays as it is."""
        if index.collection in self._of_days:
            try:
                self._deletions.note(self._of_days, datetime.now(UTC))
            except StoreRefused as error:
                return str(error)
        return None

    def _ttl_index(self, index: Index) -> ExistingIndex | None:
        found = existing_indexes(self._database, index.collection)
        plain = index._replace(unique=False)
        return next((each for each in found if each.serves(plain)), None)

    def _lives(self, index: Index) -> float:
        """Return after how many seconds documents expire now."""
        found = self._ttl_index(index)
        return inf if found is None or found.ttl_seconds is None else found.ttl_seconds

    def _is_older(self, index: Index) -> bool:
        """Tell whether any document has expired and is not deleted yet."""
        expired = datetime.now(UTC) - timedelta(seconds=index.ttl_seconds or 0)
        query = {index.keys[0][0]: {"$lt": expired}}
        return self._database[index.collection].find_one(query, {"_id": True}) is not None
