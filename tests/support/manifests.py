"""Manifests of sealed days whose files are not there."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from optionchain.archive.layout import FILE_KINDS, FileKind, file_key, manifest_key
from optionchain.archive.manifest import ArchivedFile, Manifest
from optionchain.archive.object_store import ObjectStore

_ROWS: dict[FileKind, int] = {"contracts": 1_030, "headers": 5, "ticks": 6, "records": 2}


def manifest_of(symbol: str, day: date, version: int = 1) -> Manifest:
    """Return a manifest of a day."""
    digest = f"{version:064x}"
    files = {
        kind: ArchivedFile(
            file_key(symbol, day, kind, digest[::-1]), 1_000, digest, _ROWS[kind], {"symbol": "1f"}
        )
        for kind in FILE_KINDS
    }
    sealed_at = datetime.combine(day, time(10, 45), UTC)
    return Manifest(symbol, day, version, sealed_at, ("nse",), files, (day,))


def seal(store: ObjectStore, symbol: str, day: date, version: int = 1) -> Manifest:
    """Put the manifest of a day into a store, whatever was there."""
    manifest = manifest_of(symbol, day, version)
    key = manifest_key(symbol, day)
    before = store.read(key)
    assert store.replace(key, manifest.to_json(), before.tag if before else None)
    return replace(manifest)
