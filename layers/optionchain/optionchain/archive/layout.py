"""The keys of an archive. They hold no `=`, `%`, `&` or space: readers guess columns from those.

manifests/NIFTY/2026-11-27.json                  makes the day visible, and names its files
files/NIFTY/2026-11-27/contracts-3f9a….parquet   a file, named by its content
"""

from datetime import date
from typing import Literal

type FileKind = Literal["contracts", "headers", "ticks", "records"]
FILE_KINDS: tuple[FileKind, ...] = ("contracts", "headers", "ticks", "records")
MANIFESTS = "manifests/"
FILES = "files/"
# As many characters of a SHA-256 as tell the files of a day apart: 2^64 of them.
_DIGEST_CHARACTERS = 16


def folder_name(symbol: str) -> str:
    """Return a symbol as it stands in keys: `M_M` for `M&M`. No symbol of NSE has an underscore."""
    return symbol.replace("&", "_")


def symbol_named(folder: str) -> str:
    """Return the symbol whose files are under this name."""
    return folder.replace("_", "&")


def manifest_key(symbol: str, day: date) -> str:
    """Return the key of the manifest of a symbol's day."""
    return f"{manifests_of(symbol)}{day.isoformat()}.json"


def manifests_of(symbol: str) -> str:
    """Return how the keys of all manifests of a symbol begin."""
    return f"{MANIFESTS}{folder_name(symbol)}/"


def day_of(key: str) -> tuple[str, date]:
    """Return the symbol and the day of a manifest's key; raise ValueError for another key."""
    first, folder, name = key.split("/")
    if f"{first}/" != MANIFESTS or not name.endswith(".json"):
        raise ValueError(f"{key!r} is not the key of a manifest")
    return symbol_named(folder), date.fromisoformat(name.removesuffix(".json"))


def file_key(symbol: str, day: date, kind: FileKind, digest: str) -> str:
    """Return the key of a file with this SHA-256."""
    return f"{files_of(symbol, day)}{kind}-{digest[:_DIGEST_CHARACTERS]}.parquet"


def files_of(symbol: str, day: date) -> str:
    """Return how the keys of all files of a symbol's day begin."""
    return f"{FILES}{folder_name(symbol)}/{day.isoformat()}/"
