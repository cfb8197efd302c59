"""Which database this is: a sealed day names the one that it comes from."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.housekeeping_register import CONTROL

_DATABASE = {"_id": "database"}


def known_identity(database: Database[Document]) -> str | None:
    """Return the id of a database, None before its first day is sealed; raise StoreUnavailable."""
    control: Collection[Any] = database[CONTROL]
    with database_errors():
        found = control.find_one(_DATABASE)
    return str(found["id"]) if found else None


def identity_of(database: Database[Document]) -> str:
    """Return the id of a database, which is made once; raise StoreUnavailable.

    It is a document of the collection `control`, so a copy of all collections has the same one.
    """
    control: Collection[Any] = database[CONTROL]
    with database_errors():
        if found := control.find_one(_DATABASE):
            return str(found["id"])
        with suppress(DuplicateKeyError):  # somebody else has made it
            made = {"$setOnInsert": {"id": uuid4().hex}}
            control.update_one(_DATABASE, made, upsert=True)
        document: Document = control.find_one(_DATABASE) or {}
    return str(document["id"])
