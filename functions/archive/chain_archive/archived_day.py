"""The documents of a sealed day, read from its files in parts of bounded size."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.columns import COLUMNS, DOCUMENT
from optionchain.archive.document_rows import contract_document, decoded
from optionchain.archive.manifest import Manifest
from optionchain.errors import ArchiveDamaged
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.client import Document
from optionchain.mongo.unsealed_days import start_of

# So many contracts are held in memory at once, about 30 MB of them.
_CONTRACTS_AT_ONCE = 20_000
_CONTRACT_COLUMNS = tuple(COLUMNS["contracts"])
_WITHIN = "WHERE fetched_at >= ? AND fetched_at < ?"


class Part(NamedTuple):
    """The ticks from `begins` on and before `ends`, and what their headers count."""

    begins: datetime
    ends: datetime
    headers: int
    contracts: int


class ArchivedDay:
    """A sealed day of a symbol. Raises ArchiveUnavailable, and ArchiveDamaged if it is not whole.

    The files are checked when they are opened, before anything of them is given.
    """

    def __init__(self, reader: ArchiveReader, manifest: Manifest) -> None:
        self._reader = reader
        self.manifest = manifest
        self.begins = start_of(manifest.day)
        self.ends = self.begins + timedelta(days=1)
        self.expiries = [midnight_utc(expiry) for expiry in manifest.expiries]

    def __str__(self) -> str:
        """Return the day in words: `NIFTY 2026-11-27`."""
        return f"{self.manifest.symbol} {self.manifest.day}"

    @property
    def archive(self) -> str:
        """Return where the archive lies, as ARCHIVE_URL names it."""
        return self._reader.catalogue.store.url

    def parts(self) -> list[Part]:
        """Return parts that together are the whole day, in order."""
        columns = "fetched_at, count(*), sum(calls + puts)"
        rest = "GROUP BY fetched_at ORDER BY fetched_at"
        ticks = self._rows("headers", columns, rest)
        parts: list[Part] = []
        part = Part(self.begins, self.ends, 0, 0)
        for tick, headers, contracts in ticks:
            if part.contracts and part.contracts + contracts > _CONTRACTS_AT_ONCE:
                parts.append(part._replace(ends=tick))
                part = Part(tick, self.ends, 0, 0)
            part = part._replace(
                headers=part.headers + headers, contracts=part.contracts + int(contracts)
            )
        return [*parts, part]

    def contracts(self, part: Part) -> list[Document]:
        """Return the contracts of a part."""
        names = ", ".join(f'"{name}"' for name in _CONTRACT_COLUMNS)
        rows = self._rows("contracts", names, _WITHIN, part.begins, part.ends)
        found = [contract_document(dict(zip(_CONTRACT_COLUMNS, row, strict=True))) for row in rows]
        return self._checked("contracts", found, part.contracts)

    def headers(self, part: Part) -> list[Document]:
        """Return the headers of a part."""
        rows = self._rows("headers", DOCUMENT, _WITHIN, part.begins, part.ends)
        return self._checked("headers", [decoded(data) for (data,) in rows], part.headers)

    def ticks(self) -> list[Document]:
        """Return the ticks of the ledger."""
        found = [decoded(data) for (data,) in self._rows("ticks", DOCUMENT)]
        return self._checked("ticks", found, self.manifest.files["ticks"].rows)

    def records(self) -> list[tuple[str, Document]]:
        """Return what else belongs to the day, each with its collection."""
        rows = self._rows("records", f"collection, {DOCUMENT}")
        return [(collection, decoded(data)) for collection, data in rows]

    def _rows(self, kind: Any, select: str, rest: str = "", *values: Any) -> list[Any]:  # noqa: ANN401
        return self._reader.rows([self.manifest], kind, select, rest, values)

    def _checked(self, kind: str, found: list[Document], number: int) -> list[Document]:
        if len(found) != number:
            raise ArchiveDamaged(f"{self} has {len(found)} {kind} where {number} are counted")
        return found


def numbers_of(parts: Sequence[Part]) -> int:
    """Return how many headers and contracts parts have."""
    return sum(part.headers + part.contracts for part in parts)
