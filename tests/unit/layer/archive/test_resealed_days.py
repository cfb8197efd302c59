"""A reader with the manifest of a version that was replaced begins again with the newest one."""

from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from chain_archive.parquet_writer import write_rows
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.columns import COLUMNS
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.layout import file_key, manifest_key
from optionchain.archive.manifest import ArchivedFile, Manifest
from optionchain.errors import ArchiveDamaged, ArchiveUnavailable
from tests.support.manifests import manifest_of

DAY = date(2026, 11, 27)


def sealed(store: FolderStore, folder: Path, version: int) -> Manifest:
    """Seal a day with a file of ticks that has as many rows as the version says."""
    path = folder / "ticks.parquet"
    write_rows(path, "ticks", [dict.fromkeys(COLUMNS["ticks"]) | {"symbol": "NIFTY"}] * version)
    digest = sha256(path.read_bytes()).hexdigest()
    key = file_key("NIFTY", DAY, "ticks", digest)
    store.upload(key, path)
    day = manifest_of("NIFTY", DAY, version)
    ticks = ArchivedFile(key, path.stat().st_size, digest, version, {})
    day = replace(day, files={**day.files, "ticks": ticks})
    before = store.read(manifest_key("NIFTY", DAY))
    store.replace(manifest_key("NIFTY", DAY), day.to_json(), before.tag if before else None)
    return day


def test_reader_of_a_replaced_version_begins_again_with_the_newest(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "archive")
    reader = ArchiveReader(store)
    first = sealed(store, tmp_path, 1)
    assert reader.sealed("NIFTY", DAY, DAY) == [first]
    sealed(store, tmp_path, 2)
    store.delete(first.files["ticks"].key)
    with pytest.raises(ArchiveUnavailable, match="NIFTY 2026-11-27 was sealed anew"):
        reader.rows([first], "ticks", "count(*)")
    # The newest version is known now, without waiting for a minute.
    (newest,) = reader.sealed("NIFTY", DAY, DAY)
    assert newest == reader.catalogue.manifest("NIFTY", DAY) != first
    assert reader.rows([newest], "ticks", "count(*)") == [(2,)]


def test_file_that_is_missing_of_the_newest_version_is_an_error(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "archive")
    first = sealed(store, tmp_path, 1)
    store.delete(first.files["ticks"].key)
    with pytest.raises(ArchiveDamaged, match=first.files["ticks"].key):
        ArchiveReader(store).rows([first], "ticks", "count(*)")
    store.delete(manifest_key("NIFTY", DAY))
    with pytest.raises(ArchiveDamaged, match=first.files["ticks"].key):
        ArchiveReader(store).rows([first], "ticks", "count(*)")
