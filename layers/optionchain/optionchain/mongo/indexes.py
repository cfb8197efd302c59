"""How collections are made, with which indexes, and how long their documents are kept."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from optionchain.errors import StoreRefused, StoreUnavailable
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.compressed_collections import make_compressed
from optionchain.mongo.housekeeping_register import HousekeepingRegister
from optionchain.mongo.index_changes import Index, existing_indexes, make_index
from optionchain.mongo.retention import Retention

CONTRACTS = "option_chain"
SNAPSHOTS = "snapshots"
HEADER_COUNTS = "header_counts"
TICKS = "ticks"
SHIFTS = "shifts"
DUTIES = "duties"
LISTINGS = "listings"
SETTLEMENTS = "settlements"
DISAGREEMENTS = "disagreements"
CONTRACT_TERMS = "contract_terms"
REQUEST_COUNTS = "request_counts"
SEALS = "seals"
SYMBOL_LISTS = "symbol_lists"
SYMBOL_DAYS = "symbol_days"

# What a shard holds of contracts and headers. A contract's name says both, so a unique index that
# begins with them, as that of a sharded collection must, refuses the same documents.
SHARD_KEY = {"symbol": ASCENDING, "expiry": ASCENDING}

# They grow with each tick, so they are compressed. Their unique indexes are promises.
RECORDED = (CONTRACTS, SNAPSHOTS, TICKS)
# A day is recorded if one of them has a document of it.
OF_DAYS = (SNAPSHOTS, TICKS)
_DAY = 86_400
# Readers start from headers, so a header must not outlive its contracts. MongoDB deletes expired
# documents once a minute in no fixed order, so contracts are kept an hour longer.
_CONTRACT_GRACE = 3_600
# The shift before the first tick that is kept says at which interval that tick was due.
_DUTY_GRACE = _DAY
# A list is read again at least once a day on which something is recorded. So a list that was last
# read this long before a header is older than any break of the market: it is of no use to it.
_LISTING_GRACE = 15 * _DAY
# Its documents are dated with the midnight before the settled chains that they are about.
_SETTLEMENT_GRACE = _DAY
# The terms of a day may be those of a list that is a week older, and its day begins at midnight.
_TERMS_GRACE = 8 * _DAY
# Each new execution environment writes the plan of a source again: it is shown over every break.
_PLAN_GRACE = 15 * _DAY
# Rank and percentile of a volatility look back for 252 recorded days, which take a year and more.
_SYMBOL_DAYS_KEPT = 400 * _DAY
# A list of symbols has 22 KB, so a year of them takes less than a minute of contracts. It says who
# was listed when, also of days in the archive.
_SYMBOL_LISTS_KEPT = 400 * _DAY
# How often one environment looks whether somebody has let documents expire sooner.
_LOOKED_EVERY = timedelta(hours=1)


def indexes(retention_days: int) -> list[Index]:
    """Return every index, for documents that are kept for `retention_days`."""
    keep = retention_days * _DAY
    chain = list(SHARD_KEY.items())
    return [
        Index(
            CONTRACTS,
            [("identifier", ASCENDING), ("fetched_at", ASCENDING)],
            unique=True,
            implied=frozenset(SHARD_KEY),
        ),
        Index(CONTRACTS, [*chain, ("fetched_at", ASCENDING)]),
        Index(CONTRACTS, [("fetched_at", ASCENDING)], ttl_seconds=keep + _CONTRACT_GRACE),
        # Newest first under each expiry: one look-up finds the newest header of the nearest expiry.
        Index(SNAPSHOTS, [*chain, ("fetched_at", DESCENDING)], unique=True),
        Index(SNAPSHOTS, [("symbol", ASCENDING), ("fetched_at", DESCENDING)]),
        Index(SNAPSHOTS, [("fetched_at", ASCENDING)], ttl_seconds=keep),
        Index(
            HEADER_COUNTS, [("start", ASCENDING)], unique=True, ttl_seconds=keep + _CONTRACT_GRACE
        ),
        Index(TICKS, [("symbol", ASCENDING), ("tick", DESCENDING)], unique=True),
        Index(TICKS, [("tick", ASCENDING)], ttl_seconds=keep),
        Index(DUTIES, [("symbols", ASCENDING), ("since", DESCENDING)]),
        Index(DUTIES, [("since", ASCENDING)], ttl_seconds=keep + _DUTY_GRACE),
        Index(LISTINGS, [("symbol", ASCENDING), ("since", DESCENDING)], unique=True),
        Index(LISTINGS, [("read_at", ASCENDING)], ttl_seconds=keep + _LISTING_GRACE),
        Index(
            SETTLEMENTS,
            [("symbol", ASCENDING), ("day", ASCENDING), ("expiry", ASCENDING)],
            unique=True,
        ),
        Index(SETTLEMENTS, [("day", ASCENDING)], ttl_seconds=keep + _SETTLEMENT_GRACE),
        Index(DISAGREEMENTS, [("symbol", ASCENDING), ("at", DESCENDING)], unique=True),
        Index(DISAGREEMENTS, [("at", ASCENDING)], ttl_seconds=keep),
        Index(
            CONTRACT_TERMS,
            [(name, ASCENDING) for name in ("symbol", "day", "source", "content_hash")],
            unique=True,
        ),
        Index(CONTRACT_TERMS, [("day", ASCENDING)], ttl_seconds=keep + _TERMS_GRACE),
        Index(REQUEST_COUNTS, [("updated_at", ASCENDING)], ttl_seconds=keep + _PLAN_GRACE),
        Index(SYMBOL_DAYS, [("symbol", ASCENDING), ("day", ASCENDING)], unique=True),
        # It alone answers what the volatility was on each of the last days.
        Index(SYMBOL_DAYS, [("symbol", ASCENDING), ("day", ASCENDING), ("iv_30d", ASCENDING)]),
        Index(SYMBOL_DAYS, [("day", ASCENDING)], ttl_seconds=max(keep, _SYMBOL_DAYS_KEPT)),
        Index(SYMBOL_LISTS, [("read_at", ASCENDING)], ttl_seconds=_SYMBOL_LISTS_KEPT),
        # It does not expire: what is sealed outlives the days in the database.
        Index(SEALS, [("day", ASCENDING), ("symbol", ASCENDING)], unique=True),
    ]


class Indexes:
    """Makes the indexes of a database; once `ensure` has succeeded, it does nothing for an hour.

    Then it looks whether documents expire sooner than it has set, and sets it again. It leaves
    them alone where somebody lets them expire later, as `make restore` does.

    Documents are kept for `retention_days`, and so many days more as `extra_days` returns: it is
    called each time, and may raise StoreUnavailable.

    The unique indexes of contracts, headers and ticks are promises: without them a tick could be
    stored twice, so nothing is recorded. Without any other index recording goes on, and `warn` is
    told what is missing.
    """

    def __init__(
        self,
        database: Database[Document],
        retention_days: int,
        warn: Callable[[str], None] = lambda text: None,  # noqa: ARG005
        extra_days: Callable[[], int] = lambda: 0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._retention_days = retention_days
        self._warn = warn
        self._extra_days = extra_days
        self._warnings: dict[str, None] = {}
        # For so many days everything is as it should be.
        self._ensured: int | None = None
        self._now = now
        self._looked_at = now()

    def ensure(self) -> None:
        """Make missing collections and indexes, set the retention; raise StoreUnavailable.

        It is raised, too, if a unique index cannot be made.
        """
        days = self._retention_days + self._extra_days()
        if self._ensured == days and not self._expires_sooner(days):
            return
        wanted = indexes(days)
        with database_errors():
            self._make_missing(wanted)
            expiring = [index for index in wanted if index.ttl_seconds]
            retention = Retention(self._database, self._note, OF_DAYS)
            complete = retention.set(expiring, SNAPSHOTS, CONTRACTS)
        with suppress(StoreRefused):
            HousekeepingRegister(self._database).write(list(self._warnings))
        self._ensured = days if complete else None
        self._looked_at = self._now()

    def _expires_sooner(self, days: int) -> bool:
        """Look once an hour whether somebody lets documents expire before so many days."""
        if abs(self._now() - self._looked_at) < _LOOKED_EVERY:
            return False
        self._looked_at = self._now()
        expiring = [index for index in indexes(days) if index.ttl_seconds]
        with database_errors():
            return Retention(self._database, self._note).expires_sooner(expiring)

    def _make_missing(self, wanted: Sequence[Index]) -> None:
        existing = {
            name: existing_indexes(self._database, name)
            for name in dict.fromkeys(index.collection for index in wanted)
        }
        for name in RECORDED:
            if not existing[name]:
                self._make_compressed(name)
        for index in wanted:
            known = existing[index.collection]
            if index.ttl_seconds is None and not any(each.serves(index) for each in known):
                self._make(index)

    def _make_compressed(self, name: str) -> None:
        """Make a collection, or leave it to its first index, which makes it without zstd."""
        if refusal := make_compressed(self._database, name):
            self._note(
                f"{name} cannot be compressed with zstd, so it takes twice the bytes, and "
                f"recording goes on: {refusal}"
            )

    def _make(self, index: Index) -> None:
        options = {"unique": True} if index.unique else {}
        refusal = make_index(self._database, index.collection, index.keys, **options)
        if refusal and index.unique and index.collection in RECORDED:
            raise StoreUnavailable(
                f"nothing is recorded without the {index}, which keeps a tick from being stored "
                f"twice: {refusal}"
            )
        if refusal:
            self._note(f"the {index} cannot be made, and recording goes on without: {refusal}")

    def _note(self, warning: str) -> None:
        if warning not in self._warnings:
            self._warnings[warning] = None
            self._warn(warning)
