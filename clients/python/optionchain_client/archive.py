"""The archive itself as a source of snapshots: Parquet files in a folder or in a bucket of S3."""

from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from optionchain_client.dates import Day, Expiry, chosen, day_of
from optionchain_client.errors import ArchiveError
from optionchain_client.manifests import File, Kind, Manifest, manifest_of, sealed_days
from optionchain_client.objects import Folder, MissingObject, Objects
from optionchain_client.snapshots import Snapshot


class Archive:
    """Reads an archive at the path of a folder, or at `s3://bucket/prefix`. Raises ArchiveError.

    It needs the extra `archive` (DuckDB), and `s3` for a bucket. Which files belong to a day is
    what its manifest says. Each is copied to this machine, and checked against the manifest.
    """

    def __init__(self, url: str | Path) -> None:
        # DuckDB and boto3 are extras, and who reads the API alone needs neither.
        from optionchain_client.sealed_days import SealedDays  # noqa: PLC0415

        self._objects = _objects_at(str(url))
        self._sealed = SealedDays()
        self._folder = TemporaryDirectory(prefix="optionchain-client-")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Delete the copies of files."""
        self._sealed.close()
        self._folder.cleanup()

    def days(self, symbol: str, first: Day, last: Day) -> list[date]:
        """Return the sealed days, in order; raise ArchiveError for a symbol without any."""
        from_day, to_day = day_of(first), day_of(last)
        found = sorted(sealed_days(self._objects, symbol))
        if not found:
            raise ArchiveError(f"the archive has no sealed day of {symbol.upper()}")
        return [day for day in found if from_day <= day <= to_day]

    def files(self, symbol: str, first: Day, last: Day, kind: Kind = "contracts") -> list[Path]:
        """Return copies of a kind's files of the sealed days, for any reader of Parquet.

        They are on this machine until the archive is closed.
        """
        days = self.days(symbol, first, last)
        folder = Path(self._folder.name)
        return [self._copies(symbol, day, (kind,), folder)[1][0] for day in days]

    def chains(
        self, symbol: str, first: Day, last: Day, *, expiry: Expiry = "nearest"
    ) -> Iterator[Snapshot]:
        """Yield the snapshots from the day `first` to the day `last`, by tick and expiry.

        As Client.chains does, and equal to what that yields of the same days. The files of one day
        are on this machine at once, and 100,000 of its contracts in memory at most.
        """
        for day in self.days(symbol, first, last):
            with TemporaryDirectory(dir=self._folder.name) as folder:
                manifest, (headers, contracts) = self._copies(
                    symbol, day, ("headers", "contracts"), Path(folder)
                )
                wanted = chosen(manifest.expiries, expiry, day)
                yield from self._sealed.snapshots(manifest.symbol, headers, contracts, wanted)

    def _copies(
        self, symbol: str, day: date, kinds: Sequence[Kind], folder: Path
    ) -> tuple[Manifest, list[Path]]:
        """Return a manifest and its files of these kinds, all of one version."""
        manifest = manifest_of(self._objects, symbol, day)
        while True:
            try:
                return manifest, [self._copy(manifest.files[kind], folder) for kind in kinds]
            except MissingObject:
                # A newer version replaces the files of the one before.
                newer = manifest_of(self._objects, symbol, day)
                if newer == manifest:
                    raise
                manifest = newer

    def _copy(self, file: File, folder: Path) -> Path:
        copy = folder / f"{file.sha256}.parquet"
        if copy.exists():
            return copy
        partial = copy.with_suffix(".partial")
        self._objects.download(file.key, partial)
        with partial.open("rb") as content:
            if file_digest(content, "sha256").hexdigest() != file.sha256:
                raise ArchiveError(f"{file.key} is not the file that its manifest names")
        return partial.rename(copy)


def _objects_at(url: str) -> Objects:
    if not url.startswith("s3://"):
        return Folder(Path(url))
    from optionchain_client.bucket import Bucket  # noqa: PLC0415

    return Bucket(url)
