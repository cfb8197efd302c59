"""The manifest of a sealed day: it alone makes the day visible, and names the day's files.

It is JSON, so that any tool can read which files belong to a day.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import orjson

from optionchain.archive.layout import FileKind
from optionchain.errors import ArchiveDamaged

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class ArchivedFile:
    """A Parquet file of a day: `sha256` of its bytes, and a checksum of each of its columns."""

    key: str
    size: int
    sha256: str
    rows: int
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Manifest:
    """What is sealed of a symbol's day in India.

    `version` counts how often the day was sealed with other content, from 1 on. `sources` are those
    that the day's snapshots come from. `files` are by kind. `expiries` are those with a header, in
    order: a reader of one expiry opens no other day's files.
    """

    symbol: str
    day: date
    version: int
    sealed_at: datetime
    sources: tuple[str, ...]
    files: Mapping[FileKind, ArchivedFile]
    expiries: tuple[date, ...]
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> bytes:
        """Return the content of the object."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, data: bytes, key: str) -> "Manifest":
        """Read the content of the object at `key`; raise ArchiveDamaged if it is no manifest."""
        try:
            members: dict[str, Any] = orjson.loads(data)
            if members["schema_version"] != SCHEMA_VERSION:
                raise ArchiveDamaged(
                    f"{key} has the schema version {members['schema_version']!r}, and this release "
                    f"reads {SCHEMA_VERSION}: read it with a newer release"
                )
            return cls(
                symbol=str(members["symbol"]),
                day=date.fromisoformat(members["day"]),
                version=int(members["version"]),
                sealed_at=datetime.fromisoformat(members["sealed_at"]),
                sources=tuple(members["sources"]),
                files={kind: ArchivedFile(**file) for kind, file in members["files"].items()},
                expiries=tuple(map(date.fromisoformat, members["expiries"])),
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise ArchiveDamaged(f"{key} is no manifest: {type(error).__name__}") from error
