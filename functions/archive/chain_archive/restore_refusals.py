"""Why a sealed day is not brought back into a database, and what a person can do about it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import bson

from chain_archive.archived_day import ArchivedDay
from chain_archive.natural_keys import NATURAL_KEYS, Content, Key
from optionchain.errors import RestoreRefused
from optionchain.mongo.indexes import CONTRACTS

_DAY = timedelta(days=1)
# A restored day does not begin to expire before anybody has looked at it.
_LEAST_LIFE = _DAY

type Stored = Mapping[Key, Content]


def refuse_expiring(archived: ArchivedDay, kept: timedelta | None, now: datetime) -> None:
    """Raise RestoreRefused if a database that keeps documents so long would delete the day soon."""
    age = now - archived.begins
    if kept is None or age + _LEAST_LIFE < kept:
        return
    days = age // _DAY + 3
    raise RestoreRefused(
        f"{archived} is {age // _DAY} days ago, and the database deletes documents after "
        f"{kept.days} days. Set RETENTION_DAYS={days} or more, here and for the recorder, or "
        f"restore into a database of its own: ARCHIVE_URL={archived.archive} "
        f"RETENTION_DAYS={days} MONGODB_DATABASE=past"
    )


def refuse_unknown(archived: ArchivedDay, collections: Iterable[str]) -> None:
    """Raise RestoreRefused if there are documents of which nobody knows what names them."""
    if unknown := set(collections) - NATURAL_KEYS.keys():
        raise RestoreRefused(
            f"{archived} has records of {', '.join(sorted(unknown))}, which this release does not "
            "know: restore it with a newer one"
        )


def known_documents(archived: ArchivedDay, collection: str, stored: Stored, wanted: Stored) -> int:
    """Return how many of the wanted documents are stored already.

    Raises RestoreRefused if any has another content, or if more is stored of the day.
    """
    both = stored.keys() & wanted.keys()
    if differing := [key for key in both if stored[key] != wanted[key]]:
        named = ", ".join(f"{name} {value}" for name, value in bson.decode(differing[0]).items())
        raise RestoreRefused(
            f"{collection} has {len(differing)} documents of {archived} that differ from the "
            f"archive, such as {named}. Nothing is overwritten: delete them first, or restore into "
            "another database"
        )
    # Contracts without a header may be left of a tick that failed: no reader sees them.
    if collection != CONTRACTS and (more := len(stored) - len(both)):
        raise RestoreRefused(
            f"{collection} has {more} documents of {archived} that the archive lacks: seal the day "
            "first"
        )
    return len(both)
