"""The archive itself as a source of snapshots: Parquet files in a folder or in a bucket of S3.

Which files belong to a day is what its manifest says. Each file is checked against it.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from optionchain_client.errors import ArchiveError
from optionchain_client.objects import Objects, objects_at
from optionchain_client.snapshots import (
    CONTRACT_FIELDS,
    Snapshot,
    chosen,
    contract_of,
    day_of,
)

type Manifest = Mapping[str, Any]

_SCHEMA_VERSION = 1
_HEADER = (
    "fetched_at",
    "last_seen_at",
    "exchange_timestamp",
    "underlying_value",
    "source",
    "settled",
    "revised",
    "legs_missing",
    "calls + puts",
)


class Archive:
    """Reads an archive at the path of a folder, or at `s3://bucket/prefix`. Raises ArchiveError.

    It needs the extra `archive` (DuckDB), and `s3` for a bucket.
    """

    def __init__(self, url: str | Path) -> None:
        import duckdb  # noqa: PLC0415  (who reads the API alone needs none)

        self._objects: Objects = objects_at(str(url))
        self._folder = TemporaryDirectory(prefix="optionchain-client-")
        self._connection = duckdb.connect()

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
        self._connection.close()
        self._folder.cleanup()

    def days(self, symbol: str, first: str | date, last: str | date) -> list[date]:
        """Return the sealed days, in order."""
        prefix = f"manifests/{_folder_name(symbol)}/"
        found = (date.fromisoformat(Path(key).stem) for key in self._objects.keys(prefix))
        return sorted(day for day in found if day_of(first) <= day <= day_of(last))

    def files(
        self, symbol: str, first: str | date, last: str | date, kind: str = "contracts"
    ) -> list[Path]:
        """Return the checked files of a kind of the sealed days, for any reader of Parquet.

        `kind` is contracts, headers, ticks or records.
        """
        days = self.days(symbol, first, last)
        return [self._file(self._manifest(symbol, day), kind) for day in days]

    def chains(
        self,
        symbol: str,
        first: str | date,
        last: str | date,
        *,
        expiry: str | date = "nearest",
    ) -> Iterator[Snapshot]:
        """Yield the snapshots from the day `first` to the day `last`, by tick and expiry.

        As Client.chains does, and equal to what that yields of the same days.
        """
        for day in self.days(symbol, first, last):
            manifest = self._manifest(symbol, day)
            recorded = map(date.fromisoformat, manifest["expiries"])
            wanted = chosen(recorded, expiry, day)
            of_each = [list(self._of_expiry(symbol, manifest, each)) for each in wanted]
            snapshots = [snapshot for some in of_each for snapshot in some]
            yield from sorted(snapshots, key=lambda each: (each.at, each.expiry))

    def _of_expiry(self, symbol: str, manifest: Manifest, expiry: date) -> Iterator[Snapshot]:
        headers = self._rows(manifest, "headers", _HEADER, expiry)
        contracts: dict[datetime, list[tuple[Any, ...]]] = defaultdict(list)
        names = (*CONTRACT_FIELDS, "fetched_at")
        for row in self._rows(manifest, "contracts", names, expiry):
            contracts[row[-1]].append(row[:-1])
        for at, seen, stamp, underlying, source, settled, revised, missing, number in headers:
            rows = [dict(zip(CONTRACT_FIELDS, row, strict=True)) for row in contracts.pop(at, [])]
            if len(rows) != number:
                raise ArchiveError(f"{symbol} of {at} has {len(rows)} of {number} contracts")
            found = sorted(map(contract_of, rows), key=lambda one: (one.strike_price, one.type))
            yield Snapshot(
                symbol=symbol,
                expiry=expiry,
                at=_aware(at),
                last_seen_at=_aware(seen),
                exchange_timestamp=_aware(stamp) if stamp else None,
                underlying_value=underlying,
                source=source or "nse",
                settled=bool(settled),
                revised=revised,
                legs_missing=missing,
                contracts=tuple(found),
            )

    def _rows(
        self, manifest: Manifest, kind: str, names: Sequence[str], expiry: date
    ) -> list[tuple[Any, ...]]:
        # Without the zone an instant is the same text in every session: the files are in UTC.
        instants = ("fetched_at", "last_seen_at", "exchange_timestamp")
        selected = ", ".join(
            f"make_timestamp_ms(epoch_ms({name}))" if name in instants else name for name in names
        )
        query = (
            f"SELECT {selected} FROM read_parquet(?) "  # noqa: S608  (no value is in it)
            "WHERE epoch_ms(expiry) = ? ORDER BY fetched_at"
        )
        midnight = datetime(expiry.year, expiry.month, expiry.day, tzinfo=UTC)
        values = [str(self._file(manifest, kind)), int(midnight.timestamp() * 1_000)]
        found: list[tuple[Any, ...]] = self._connection.execute(query, values).fetchall()
        return found

    def _manifest(self, symbol: str, day: date) -> Manifest:
        key = f"manifests/{_folder_name(symbol)}/{day.isoformat()}.json"
        manifest: Manifest = json.loads(self._objects.read(key))
        if manifest["schema_version"] != _SCHEMA_VERSION:
            raise ArchiveError(f"{key} is of a newer release than this package reads")
        return manifest

    def _file(self, manifest: Manifest, kind: str) -> Path:
        file = manifest["files"][kind]
        copy = Path(self._folder.name) / f"{file['sha256']}.parquet"
        if copy.exists():
            return copy
        partial = copy.with_suffix(".partial")
        self._objects.download(file["key"], partial)
        with partial.open("rb") as content:
            if file_digest(content, "sha256").hexdigest() != file["sha256"]:
                raise ArchiveError(f"{file['key']} is not the file that its manifest names")
        return partial.rename(copy)


def _folder_name(symbol: str) -> str:
    """Return a symbol as it stands in keys."""
    return symbol.upper().replace("&", "_")


def _aware(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC)
