"""Replaces collections by compressed copies of themselves, one after the other."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pymongo import timeout
from pymongo.database import Database

from local.compact.collection_copy import CollectionCopy
from local.compact.disk_space import StoredBytes, check_space, is_written, stored_bytes
from local.compact.late_writes import LateWrites, Replacement, cluster_time, unfinished
from local.compact.quiet_hours import check_quiet
from local.compact.refused import CompactRefused
from local.terminal import progress_bar
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.compressed_collections import compression_of
from optionchain.mongo.indexes import RECORDED
from optionchain.settings import Settings

# A copy and its indexes take minutes, and the recorder's operations 2.4 s at most.
_LONGEST = 86_400
# Documents that expire meanwhile make a comparison fail; whoever writes on makes them all fail.
_COMPARISONS = 5


@dataclass(frozen=True)
class Compaction:
    """Compacts a database. It may be cut off at any moment, and a later run goes on.

    Each collection is replaced at once and by a full copy, so readers see every snapshot whole,
    whichever collections have been replaced. `step` is told what has just been done, for tests.
    """

    database: Database[Document]
    settings: Settings
    now: Callable[[], datetime]
    print_line: Callable[[str], None]
    step: Callable[[str], None] = lambda done: None  # noqa: ARG005

    def run(self) -> None:
        """Compact what is not compressed; raise CompactRefused, StoreUnavailable."""
        with timeout(_LONGEST), database_errors():
            self._check_server()
            self._finish()
            check_quiet(self.database, self.settings, self.now())
            for name in RECORDED:
                self._compact(name)

    def _compact(self, name: str) -> None:
        stored = compression_of(self.database, name)
        if stored is None or stored.is_zstd:
            self.print_line(f"{name}: " + ("it is compressed" if stored else "it does not exist"))
            return
        before = stored_bytes(self.database, name)
        copy = CollectionCopy(self.database, name, self.now)
        if told := check_space(self.database, before, copy.copy_name):
            self.print_line(told)
        copy.make()
        self.step("made")
        self._update(copy, "copied", before.documents)
        copy.make_indexes()
        self.step("indexed")
        for _ in range(_COMPARISONS):
            if self._compare_and_replace(copy, before.documents):
                self._report(name, before)
                return
        raise CompactRefused(f"{name} is being written; stop what writes it, and run it again")

    def _update(self, copy: CollectionCopy, done: str, documents: int) -> int:
        with progress_bar(documents, f"{copy.name}, {done}", " documents") as bar:

            def advance(number: int) -> None:
                bar.update(number)
                self.step(done)

            return copy.update(advance)

    def _compare_and_replace(self, copy: CollectionCopy, documents: int) -> bool:
        """Replace the collection if its copy equals it; return whether it did."""
        replacement = Replacement(copy.name, copy.copy_name, cluster_time(self.database))
        if self._update(copy, "compared", documents):
            return False
        with LateWrites(self.database, replacement) as writes:
            late = writes.before()
            self.step("noted")
            check_quiet(self.database, self.settings, self.now())
            if late:
                return False
            copy.check()
            copy.replace()
            self.step("replaced")
            self._tell_late(copy.name, writes.write_again())
        self.step("done")
        return True

    def _finish(self) -> None:
        """Write what came at the moment of a replacement after which a run was cut off."""
        if replacement := unfinished(self.database):
            with LateWrites(self.database, replacement) as writes:
                self._tell_late(replacement.name, writes.write_again())

    def _tell_late(self, name: str, number: int) -> None:
        if number:
            self.print_line(f"{name}: {number} writes came meanwhile and are kept")

    def _check_server(self) -> None:
        if "setName" not in self.database.command("hello"):
            text = "the server is no replica set, so nobody would know what is written meanwhile"
            raise CompactRefused(text)

    def _report(self, name: str, before: StoredBytes) -> None:
        text = "what it takes now is known in a minute"
        if is_written(self.database):
            after = stored_bytes(self.database, name)
            text = f"{after} now ({after.total / max(before.total, 1):.0%})"
        self.print_line(f"{name}: {before.documents:,} documents, {before} before, {text}")
