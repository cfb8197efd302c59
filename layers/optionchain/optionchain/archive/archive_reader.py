"""Reads the rows of sealed days, with DuckDB."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from tempfile import gettempdir
from threading import Lock
from typing import Any

from optionchain.archive.catalogue import Catalogue
from optionchain.archive.duckdb_paths import literal_paths
from optionchain.archive.layout import FileKind
from optionchain.archive.local_files import LocalFiles
from optionchain.archive.manifest import Manifest
from optionchain.archive.object_store import ObjectStore
from optionchain.errors import ArchiveDamaged, ArchiveUnavailable

_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "256MB",
    "threads": "2",
}


class ArchiveReader:
    """The rows of sealed days; safe for several threads. Raises ArchiveUnavailable."""

    def __init__(self, store: ObjectStore, files: LocalFiles | None = None) -> None:
        self.catalogue = Catalogue(store)
        self._files = files or LocalFiles(store)
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
        files = [day for day in days if kind in day.files]
        if not files:
            return []
        query = f"SELECT {select} FROM read_parquet(?) {rest}"  # noqa: S608  (no value is in it)
        try:
            return self._found(files, kind, query, parameters)
        except _CannotRead:
            # The copy on this machine may have been cut or deleted since it was checked.
            self._files.forget([day.files[kind] for day in files])
        try:
            return self._found(files, kind, query, parameters)
        except _CannotRead as error:
            raise error.of([day.files[kind].key for day in files]) from error

    def _found(
        self, days: Sequence[Manifest], kind: FileKind, query: str, parameters: Sequence[Any]
    ) -> list[tuple[Any, ...]]:
        with self._opened(days, kind) as paths, self._cursor() as cursor:
            found: list[tuple[Any, ...]] = cursor.execute(
                query, [literal_paths(paths), *parameters]
            ).fetchall()
        return found

    def sealed(self, symbol: str, first: date, last: date) -> list[Manifest]:
        """Return the manifests of the sealed days of a symbol in first ≤ day ≤ last, in order."""
        return self.catalogue.manifests(symbol, first, last)

    @contextmanager
    def _opened(self, days: Sequence[Manifest], kind: FileKind) -> Iterator[list[Path]]:
        """Give the paths of days' files.

        The files of a version that was replaced are deleted later. To go on with the newest version
        would mix two of them in one answer, so the reader has to begin again: it is known then.
        """
        with ExitStack() as stack:
            try:
                paths = stack.enter_context(self._files.opened([day.files[kind] for day in days]))
            except ArchiveDamaged as error:
                if replaced := [day for day in days if self._newest(day) != day]:
                    first = replaced[0]
                    text = f"{first.symbol} {first.day} was sealed anew meanwhile: ask again"
                    raise ArchiveUnavailable(text) from error
                raise
            yield paths

    def _newest(self, day: Manifest) -> Manifest:
        """Return the newest manifest of a day, and let listings show it too."""
        self.catalogue.sealed_days(day.symbol, fresh=True)
        return self.catalogue.manifest(day.symbol, day.day, fresh=True) or day

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        # Imported here because it takes 0.1 s, and most requests read no archive.
        import duckdb  # noqa: PLC0415

        with self._lock:
            if self._connection is None:
                # By default it is in the working directory, where a function may write nothing.
                spill = Path(gettempdir()) / f"optionchain-duckdb-{os.getpid()}"
                config = _SETTINGS | {"temp_directory": str(spill)}
                self._connection = duckdb.connect(config=config)
                self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
            connection = self._connection
        try:
            yield connection.cursor()
        except duckdb.OutOfMemoryException as error:
            raise ArchiveUnavailable(f"{type(error).__name__}: {error}") from error
        except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException):
            raise  # the query is wrong, and no file
        except duckdb.Error as error:
            if isinstance(error, duckdb.FatalException | duckdb.InternalException):
                self._connection = None  # it answers nothing more
            is_of_disk = isinstance(error, duckdb.IOException)
            raise _CannotRead(f"{type(error).__name__}: {error}", is_of_disk=is_of_disk) from error


class _CannotRead(Exception):
    """DuckDB does not read a file."""

    def __init__(self, words: str, *, is_of_disk: bool) -> None:
        super().__init__(words)
        self._is_of_disk = is_of_disk

    def of(self, keys: Sequence[str]) -> ArchiveUnavailable:
        """Return the error to raise of these files; it goes to clients if a file is damaged."""
        if self._is_of_disk:
            return ArchiveUnavailable(str(self))
        which = keys[0] if len(keys) == 1 else f"one of {keys[0]} to {keys[-1]}"
        return ArchiveDamaged(f"{which} cannot be read")
