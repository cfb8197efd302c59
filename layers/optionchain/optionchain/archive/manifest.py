"""The manifest of a sealed day: it alone makes the day visible, and names the day's files.

It is JSON, so that any tool can read which files belong to a day.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

import orjson

from optionchain.archive.json_members import Members
from optionchain.archive.layout import FILE_KINDS, FileKind, day_of, files_of
from optionchain.errors import ArchiveDamaged
from optionchain.recorder_stops import DayOrigin, Stop

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
    order: a reader of one expiry opens no other day's files. `database` is the id of the database
    that the day was read from, and `stops` are when its recorder was switched off on that day;
    earlier releases did not keep them.
    """

    symbol: str
    day: date
    version: int
    sealed_at: datetime
    sources: tuple[str, ...]
    files: Mapping[FileKind, ArchivedFile]
    expiries: tuple[date, ...]
    schema_version: int = SCHEMA_VERSION
    database: str | None = None
    stops: tuple[Stop, ...] | None = None

    @property
    def origin(self) -> DayOrigin:
        """Return what the day brings along, wherever it is read or restored."""
        return DayOrigin(self.database, self.stops or ())

    def to_json(self) -> bytes:
        """Return the content of the object."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, data: bytes, key: str) -> "Manifest":
        """Read the content of the object at `key`; raise ArchiveDamaged if it is no manifest.

        Members that this release does not know are ignored; those that it knows are checked.
        """
        try:
            members = Members(orjson.loads(data))
            _check_schema(members, key)
            symbol, day = day_of(key)
            members.must_be("symbol", symbol)
            members.must_be("day", day.isoformat())
            files = members.members("files")
            return cls(
                symbol=symbol,
                day=day,
                version=members.count("version", least=1),
                sealed_at=members.instant("sealed_at"),
                sources=members.texts("sources"),
                files={kind: _file(files.members(kind), symbol, day) for kind in FILE_KINDS},
                expiries=members.dates("expiries"),
                database=members.text_or_none("database", r"[\w-]{1,64}"),
                stops=_stops(members),
            )
        except ValueError as error:
            raise ArchiveDamaged(
                f"{key} is no manifest: {error}. Put its older version back, or delete it while "
                "MongoDB has the day, and seal the day again"
            ) from error


def _check_schema(members: Members, key: str) -> None:
    found = members.count("schema_version", least=1)
    if found != SCHEMA_VERSION:
        raise ArchiveDamaged(
            f"{key} has the schema version {found}, and this release reads {SCHEMA_VERSION}: read "
            "the archive with the release that wrote it, or with a newer one"
        )


def _stops(members: Members) -> tuple[Stop, ...] | None:
    found = members.objects_or_none("stops")
    if found is None:
        return None
    return tuple(Stop(each.instant("since"), each.instant_or_none("until")) for each in found)


def _file(members: Members, symbol: str, day: date) -> ArchivedFile:
    return ArchivedFile(
        key=members.text("key", rf"{re.escape(files_of(symbol, day))}[\w.-]{{1,99}}\.parquet"),
        size=members.count("size", least=1),
        sha256=members.text("sha256", "[0-9a-f]{64}"),
        rows=members.count("rows", least=0),
        columns=members.texts_by_name("columns"),
    )
