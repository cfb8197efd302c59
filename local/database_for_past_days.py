"""Prepares a database for a command that stores days in it, beside its recorder."""

from collections.abc import Callable
from datetime import timedelta

from pymongo.database import Database

from chain_archive.restoring import kept_for
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.indexes import Indexes

_DAY = timedelta(days=1)


def ensure_indexes(
    database: Database[Document], retention_days: int, warn: Callable[[str], None]
) -> None:
    """Make missing indexes; the database keeps documents for `retention_days` at least.

    It is never told to keep less than it does: that is up to its recorder, which may wait until an
    older day is sealed. Raises StoreUnavailable.
    """
    with database_errors():
        kept = kept_for(database)
    days = retention_days if kept is None else max(retention_days, -(-kept // _DAY))
    Indexes(database, days, warn).ensure()
