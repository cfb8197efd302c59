"""A small archive for the examples: the first day of the example session, sealed into a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from tempfile import TemporaryDirectory

from pymongo.database import Database

from chain_archive.sealing import seal
from local.openapi.example_session import SYMBOLS
from optionchain.archive.object_stores import open_store
from optionchain.exchange_time import IST
from optionchain.mongo.client import Document
from optionchain.mongo.indexes import SEALS

_DAY = date(2026, 6, 18)
_SEALED_AT = datetime(2026, 6, 18, 16, 15, 4, tzinfo=IST)


@contextmanager
def sealed_example(database: Database[Document]) -> Iterator[str]:
    """Give the folder of an archive that has that day, for as long as the block lasts."""
    with TemporaryDirectory() as folder:
        for symbol in SYMBOLS:
            seal(database, open_store(folder), symbol, _DAY, lambda: _SEALED_AT)
        # What is asked of the database is the same with the archive and without it.
        database[SEALS].delete_many({})
        yield folder
