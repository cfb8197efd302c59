"""The client reads an archive wherever it lies, and whatever happens to its files."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from optionchain_client import Archive, ArchiveError, IncompleteSnapshot, Snapshot
from optionchain_client.objects import Folder
from tests.support.archived_week import FRIDAY, MONDAY
from tests.support.recorded_week import RecordedWeek
from tests.support.s3_server import BUCKET, PREFIX, Fault, S3Server, s3_server

OF_MONDAY = f"manifests/NIFTY/{MONDAY}.json"


@pytest.fixture
def folder(recorded: RecordedWeek, tmp_path: Path) -> Path:
    """Return a copy of the archive that a test may damage."""
    return Path(shutil.copytree(recorded.folder, tmp_path / "archive"))


@pytest.fixture
def bucket(recorded: RecordedWeek, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    with s3_server(monkeypatch) as server:
        for path in sorted(recorded.folder.rglob("*NIFTY/**/*")):
            if path.is_file():
                server.store.upload(str(path.relative_to(recorded.folder)), path)
        yield server


def monday(source: str | Path) -> list[Snapshot]:
    with Archive(source) as archive:
        return list(archive.chains("NIFTY", MONDAY, MONDAY, expiry="all"))


def change(folder: Path, changed: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest of Monday."""
    path = folder / OF_MONDAY
    found = json.loads(path.read_bytes())
    changed(found)
    path.write_text(json.dumps(found))


def renamed(folder: Path) -> None:
    """Seal Monday again under other names, as a newer version."""

    def newer(found: dict[str, Any]) -> None:
        found["version"] += 1
        for file in found["files"].values():
            old = folder / file["key"]
            file["key"] = file["key"].replace("-", "-2", 1)
            (folder / file["key"]).parent.mkdir(parents=True, exist_ok=True)
            old.rename(folder / file["key"])

    change(folder, newer)


def test_day_that_is_sealed_again_meanwhile_is_read_of_one_version(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = monday(folder)
    whole = Folder.download
    left = [1, 2]

    def download(self: Folder, key: str, path: Path) -> None:
        if "contracts" in key and left:
            left.pop()
            renamed(folder)
        whole(self, key, path)

    monkeypatch.setattr(Folder, "download", download)
    assert monday(folder) == before
    assert left == []


def test_missing_file_of_the_same_manifest_is_an_error(folder: Path) -> None:
    next((folder / "files" / "NIFTY" / str(MONDAY)).glob("contracts-*")).unlink()
    with pytest.raises(ArchiveError, match="is missing"):
        monday(folder)


@pytest.mark.parametrize("kind", ["contracts", "headers"])
def test_changed_file_is_refused(folder: Path, kind: str) -> None:
    (path,) = (folder / "files" / "NIFTY" / str(MONDAY)).glob(f"{kind}-*")
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(ArchiveError, match="not the file that its manifest names"):
        monday(folder)


def test_torn_snapshot_is_not_given(folder: Path) -> None:
    """The file of another day is what the manifest says, but not what the headers count."""
    other = json.loads((folder / f"manifests/NIFTY/{FRIDAY}.json").read_bytes())
    change(folder, lambda found: found["files"].update(contracts=other["files"]["contracts"]))
    with pytest.raises(IncompleteSnapshot, match=r"NIFTY 2026-06-16 of .* has 0 of"):
        monday(folder)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda found: found.update(schema_version=2), "another release"),
        (lambda found: found.pop("schema_version"), "is no manifest: KeyError"),
        (lambda found: found["files"].pop("headers"), "is no manifest: KeyError"),
        (lambda found: found.update(expiries=["soon"]), "is no manifest: ValueError"),
        (lambda found: found.update(files=[]), "is no manifest: TypeError"),
    ],
)
def test_manifest_of_another_kind_is_an_error(
    folder: Path, changed: Callable[[dict[str, Any]], object], said: str
) -> None:
    change(folder, changed)
    with pytest.raises(ArchiveError, match=said):
        monday(folder)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff"])
def test_manifest_that_is_no_json_is_an_error(folder: Path, content: bytes) -> None:
    (folder / OF_MONDAY).write_bytes(content)
    with pytest.raises(ArchiveError, match="is no manifest"):
        monday(folder)


def test_files_that_are_no_manifests_are_no_days(folder: Path) -> None:
    for name in (".2026-06-16.json.x", "2026-06-13.json.partial", "notes.json", "2026-06-14"):
        (folder / "manifests" / "NIFTY" / name).write_text("{}")
    with Archive(folder) as archive:
        assert archive.days("NIFTY", "2026-06-01", MONDAY) == [MONDAY]


def test_mistyped_folder_is_an_error_and_no_empty_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="is no folder"):
        Archive(tmp_path / "archvie")


def test_copies_are_of_one_day_at_once_and_gone_at_the_end(recorded: RecordedWeek) -> None:
    with Archive(recorded.folder) as archive:
        copies = Path(archive._folder.name)
        for _ in archive.chains("NIFTY", MONDAY, FRIDAY):
            assert len(list(copies.rglob("*.parquet"))) == 2
        assert list(copies.rglob("*.parquet")) == []
        files = archive.files("NIFTY", MONDAY, FRIDAY, "ticks")
        assert len(files) == 5
        assert all(map(Path.exists, files))
    assert not copies.exists()


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"])
def test_time_zone_of_the_machine_changes_nothing(recorded: RecordedWeek, zone: str) -> None:
    program = (
        "import sys; from optionchain_client import Archive\n"
        "with Archive(sys.argv[1]) as archive:\n"
        "    print(list(archive.chains('NIFTY', '2026-06-15', '2026-06-15', expiry='all')))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(recorded.folder)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | {"TZ": zone},
    )
    assert ran.stdout.strip() == repr(monday(recorded.folder))


def test_bucket_has_the_same_snapshots_through_faults(
    recorded: RecordedWeek, bucket: S3Server
) -> None:
    bucket.fail(Fault("error", "GET", 503, "SlowDown"), Fault("cut_download", "GET"))
    assert monday(f"s3://{BUCKET}/{PREFIX}") == monday(recorded.folder)
    with Archive(f"s3://{BUCKET}/{PREFIX}/") as archive:
        assert archive.days("nifty", MONDAY, FRIDAY)[0] == MONDAY
        assert len(archive.days("nifty", MONDAY, FRIDAY)) == 5


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Fault("error", "GET", 403, "AccessDenied"), "AccessDenied"),
        (Fault("error", "GET", 404, "NoSuchBucket"), "NoSuchBucket"),
    ],
)
def test_bucket_that_refuses_is_an_error_of_the_archive(
    bucket: S3Server, fault: Fault, said: str
) -> None:
    bucket.fail(*[fault] * 9)
    with pytest.raises(ArchiveError, match=said):
        monday(f"s3://{BUCKET}/{PREFIX}")


def test_copies_are_read_in_a_folder_whose_name_is_a_pattern(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DuckDB reads paths as patterns, and this one does not match itself."""
    expected = monday(folder)
    copies = tmp_path / "[copies]"
    copies.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(copies))
    assert monday(folder) == expected
