"""Reads the rows of sealed days, with DuckDB."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import repeat
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from optionchain.archive.catalogue import Catalogue
from optionchain.archive.columns import COLUMNS
from optionchain.archive.layout import FileKind
from optionchain.archive.local_files import LocalFiles
from optionchain.archive.manifest import ArchivedFile, Manifest
from optionchain.archive.object_store import ObjectStore
from optionchain.errors import ArchiveDamaged

if TYPE_CHECKING:
    from arro3.core import RecordBatch

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "256MB",
    "threads": "2",
}
# So many files are copied at once.
_DOWNLOADS = 4


class ArchiveReader:
    """The rows of sealed days; safe for several threads. Raises ArchiveUnavailable."""

    def __init__(self, store: ObjectStore, files: LocalFiles | None = None) -> None:
        self.catalogue = Catalogue(store)
        self._files = files or LocalFiles(store)
        self._downloads = ThreadPoolExecutor(_DOWNLOADS, thread_name_prefix="archive")
        self._connection: Any = None
        self._lock = Lock()

    def rows(
        self,
        days: Iterable[Manifest],
        kind: FileKind,
        select: str,
        rest: str = "",
        parameters: Sequence[Any] = (),
    ) -> list[tuple[Any, ...]]:
        """Return the rows of one kind of these days: `SELECT {select} FROM files {rest}`.

        `rest` has the WHERE and the ORDER BY; values go into `parameters`, in place of `?`. A
        column of instants comes as an aware datetime, and as a naive one in UTC if `select` casts
        it to TIMESTAMP.
        """
        with_file = [day for day in days if kind in day.files]
        # One file after another would wait for a bucket each time.
        paths = [str(path) for path in self._downloads.map(self._path, with_file, repeat(kind))]
        if not paths:
            return []
        query = f"SELECT {select} FROM read_parquet(?) {rest}"  # noqa: S608  (no value is in it)
        found: list[tuple[Any, ...]] = (
            self._cursor().execute(query, [paths, *parameters]).fetchall()
        )
        return found

    def batches(self, file: ArchivedFile, kind: FileKind) -> Iterator["RecordBatch"]:
        """Yield all rows of one file in its order, in batches of bounded size, for checksums."""
        from arro3.core import RecordBatchReader  # noqa: PLC0415  (only a sealer needs it)

        columns = ", ".join(f'"{name}"' for name in COLUMNS[kind])
        query = f"SELECT {columns} FROM read_parquet(?)"  # noqa: S608  (no value is in it)
        relation = self._cursor().sql(query, params=[[str(self._files.path(file))]])
        yield from RecordBatchReader.from_stream(relation)

    def sealed(self, symbol: str, first: date, last: date) -> list[Manifest]:
        """Return the manifests of the sealed days of a symbol in first ≤ day ≤ last, in order."""
        return self.catalogue.manifests(symbol, first, last)

    def _path(self, day: Manifest, kind: FileKind) -> Path:
        """Return the path of a day's file. A day that was sealed again meanwhile has another one.

        The files of its version before are deleted then, while this manifest may still be kept.
        """
        try:
            return self._files.path(day.files[kind])
        except ArchiveDamaged:
            newest = self.catalogue.manifest(day.symbol, day.day, fresh=True)
            if newest is None or newest.version == day.version:
                raise
            return self._files.path(newest.files[kind])

    def _cursor(self) -> Any:  # noqa: ANN401
        with self._lock:
            if self._connection is None:
                # Imported here because it takes 0.1 s, and most requests read no archive.
                import duckdb  # noqa: PLC0415

                self._connection = duckdb.connect(config=_SETTINGS)
                self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
            return self._connection.cursor()
