"""Manifests: which files are those of a sealed day."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

from optionchain_client.errors import ArchiveError
from optionchain_client.objects import Objects

type Kind = Literal["contracts", "headers", "ticks", "records"]

_KINDS: tuple[Kind, ...] = get_args(Kind.__value__)
_SCHEMA_VERSION = 1
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)\.json")


@dataclass(frozen=True, slots=True)
class File:
    """One file of a day: its key, and the SHA-256 of its bytes."""

    key: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is sealed of a day; `files` are by kind."""

    symbol: str
    expiries: tuple[date, ...]
    files: Mapping[Kind, File]


def sealed_days(objects: Objects, symbol: str) -> Iterator[date]:
    """Yield the days of a symbol that have a manifest, in no order; raise ArchiveError."""
    folder = _folder(symbol)
    for key in objects.keys(folder):
        if name := _NAME.fullmatch(key.removeprefix(folder)):
            yield date.fromisoformat(name[1])


def manifest_of(objects: Objects, symbol: str, day: date) -> Manifest:
    """Read a manifest; raise ArchiveError if there is none, or if it cannot be understood."""
    key = f"{_folder(symbol)}{day.isoformat()}.json"
    try:
        found = json.loads(objects.read(key))
        if found["schema_version"] != _SCHEMA_VERSION:
            raise ArchiveError(f"{key} is of another release than this package reads")
        return _manifest(found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArchiveError(f"{key} is no manifest: {type(error).__name__} {error}") from error


def _manifest(found: Mapping[str, Any]) -> Manifest:
    files = {kind: _file(found["files"][kind]) for kind in _KINDS}
    expiries = tuple(map(date.fromisoformat, found["expiries"]))
    return Manifest(str(found["symbol"]), expiries, files)


def _file(found: Mapping[str, Any]) -> File:
    return File(str(found["key"]), str(found["sha256"]))


def _folder(symbol: str) -> str:
    """Return how the keys of a symbol's manifests begin: in keys `&` is written `_`."""
    return f"manifests/{symbol.upper().replace('&', '_')}/"
