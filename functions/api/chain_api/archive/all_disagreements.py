"""Where two sources differ on all days, by the database and by the archive."""

from collections import Counter
from collections.abc import Iterator
from operator import itemgetter

from pymongo.database import Database

from chain_api.archive.archived_records import ArchivedRecords
from chain_api.archive.cold_days import ColdDays
from chain_api.archive.range_parts import range_parts
from chain_api.archive.storage_used import note
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document
from optionchain.mongo.disagreement_register import (
    CheckOutcomes,
    Checks,
    CrossComparison,
    DisagreementRegister,
    comparison_of,
    outcomes_of,
)
from optionchain.mongo.indexes import DISAGREEMENTS

# The checks of a part of a range: documents of a cold day, or (None) those of the database.
type Part = tuple[Checks, list[Document] | None]


class AllDisagreements(DisagreementRegister):
    """Reads checks like DisagreementRegister; those of cold days from the archive.

    Raises ArchiveUnavailable and ArchiveDamaged too.
    """

    def __init__(self, database: Database[Document], cold: ColdDays) -> None:
        super().__init__(database)
        self._cold = cold
        self._archived = ArchivedRecords(cold, DISAGREEMENTS)

    def differing(self, checks: Checks, most: int) -> list[CrossComparison]:
        """Return at most `most` of these checks that found a difference, by time."""
        found: list[CrossComparison] = []
        for part, rows in self._parts(checks):
            room = most - len(found)
            if rows is None:
                found += super().differing(part, room)
            else:
                found += [comparison_of(row) for row in rows if row.get("differs")][:room]
            if len(found) >= most:
                break
        return found

    def outcomes(self, checks: Checks) -> CheckOutcomes:
        """Return how many of these checks compared anything, and why the others did not."""
        compared, failed = 0, Counter[str]()
        for part, rows in self._parts(checks):
            found = super().outcomes(part) if rows is None else outcomes_of(rows)
            if rows is None and (found.compared or found.failed):
                note("database")
            compared += found.compared
            failed.update(found.failed)
        return CheckOutcomes(compared, dict(sorted(failed.items())))

    def _parts(self, checks: Checks) -> Iterator[Part]:
        for piece in range_parts(self._cold, checks.symbol, checks.start, checks.end):
            part = checks._replace(start=piece.start, end=piece.end)
            rows = self._archived.at(checks.symbol, piece.start) if piece.day else None
            yield part, None if rows is None else _among(part, rows)


def _among(checks: Checks, rows: list[Document]) -> list[Document]:
    """Return those of a day's documents that are of these checks, by time."""
    expiry = checks.expiry and midnight_utc(checks.expiry)
    found = [
        row
        for row in rows
        if checks.start <= row["at"] <= checks.end and (not expiry or row.get("expiry") == expiry)
    ]
    return sorted(found, key=itemgetter("at"))
