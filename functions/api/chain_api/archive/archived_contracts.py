"""The contracts of sealed days, as MongoDB returned them."""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, cast

from cachetools import LRUCache

from chain_api.archive.cold_days import ColdDays
from chain_api.archive.conditions import Where, satisfies, sql_of
from chain_api.archive.contract_rows import ContractRows
from optionchain.archive.columns import EXTRA
from optionchain.archive.manifest import Manifest
from optionchain.mongo.documents import ContractDocument, HeaderDocument
from optionchain.mongo.stored_snapshot import add_missing_fields

_OF_SNAPSHOT = "WHERE expiry = ? AND fetched_at = ?"
# The files of which it is known whether their columns hold everything: some months of them.
_MOST_FILES = 1_024


class ArchivedContracts:
    """Reads contracts of the archive; datetimes are naive, in UTC. Safe for several threads.

    Raises ArchiveUnavailable and ArchiveDamaged.
    """

    def __init__(self, cold: ColdDays) -> None:
        self._cold = cold
        self._exact: LRUCache[str, bool] = LRUCache(_MOST_FILES)
        self._lock = Lock()

    def count(self, day: Manifest, header: HeaderDocument) -> int:
        """Return how many contracts of a snapshot are stored."""
        rows = self._cold.reader.rows([day], "contracts", "count(*)", _OF_SNAPSHOT, _key(header))
        return int(rows[0][0])

    def of(
        self,
        day: Manifest,
        header: HeaderDocument,
        where: Where | None = None,
        columns: Sequence[str] | None = None,
    ) -> list[ContractDocument]:
        """Return the documents of a snapshot that satisfy conditions, in no order.

        `columns` are the fields to return; None means all.
        """
        where = where or {}
        if self._is_exact(day):
            condition, values = sql_of(where)
            found = self._found(day, header, condition, values, columns)
        else:  # a value that has no place in its column is seen by no SQL
            every = self._found(day, header, "", [], columns and [*columns, *where])
            found = [_only(each, columns) for each in every if satisfies(each, where)]
        documents = cast("list[ContractDocument]", found)
        add_missing_fields(documents, columns)
        return documents

    def _found(
        self,
        day: Manifest,
        header: HeaderDocument,
        condition: str,
        values: Sequence[Any],
        columns: Sequence[str] | None,
    ) -> list[dict[str, Any]]:
        rows = ContractRows(columns)
        read = self._cold.reader.rows(
            [day],
            "contracts",
            rows.select,
            f"{_OF_SNAPSHOT} {condition}",
            [*_key(header), *values],
        )
        return list(rows.documents(read))

    def _is_exact(self, day: Manifest) -> bool:
        """Tell whether the columns of a day's contracts hold every value of their documents."""
        name = day.files["contracts"].sha256
        with self._lock:
            known = self._exact.get(name)
        if known is None:
            ((extra,),) = self._cold.reader.rows([day], "contracts", f"count({EXTRA})")
            with self._lock:
                known = self._exact[name] = not extra
        return known


def _key(header: HeaderDocument) -> list[Any]:
    return [header["expiry"], header["fetched_at"]]


def _only(document: Mapping[str, Any], columns: Sequence[str] | None) -> dict[str, Any]:
    if columns is None:
        return dict(document)
    return {name: value for name, value in document.items() if name in columns}
