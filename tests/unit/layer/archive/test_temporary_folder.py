"""Folders go with what works in them; those of killed processes go with the next one."""

import subprocess
import sys
from pathlib import Path

import pytest

from optionchain.archive.temporary_folder import TemporaryFolder
from tests.conftest import ROOT

KILLED = """
import os, signal
from optionchain.archive.temporary_folder import TemporaryFolder
folder = TemporaryFolder("seal")
(folder.path / "half").write_bytes(bytes(100))
print(folder.path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def folders(temporary: Path) -> list[Path]:
    return [path for path in temporary.glob("optionchain-*/*") if path.is_dir()]


def test_a_folder_goes_at_the_end_and_with_its_object(temporary: Path) -> None:
    with TemporaryFolder("seal") as folder:
        (folder.path / "file").write_bytes(b"content")
        other = TemporaryFolder("archive")
        assert set(folders(temporary)) == {folder.path, other.path}
    assert folders(temporary) == [other.path]
    del other
    assert folders(temporary) == []


def test_what_a_killed_process_has_left_goes_with_the_next_folder(temporary: Path) -> None:
    command = [sys.executable, "-c", KILLED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    left = Path(done.stdout.strip())
    assert (left / "half").exists(), done.stderr
    with TemporaryFolder("seal") as used, TemporaryFolder("archive") as newer:
        assert set(folders(temporary)) == {used.path, newer.path}


def test_a_folder_that_was_made_or_deleted_by_half_goes_too(temporary: Path) -> None:
    with TemporaryFolder("seal") as folder:
        (folder.path.parent / "seal-half").mkdir()
        with TemporaryFolder("archive"):
            assert not (folder.path.parent / "seal-half").exists()
            assert folder.path in folders(temporary)


def test_a_folder_of_somebody_else_is_not_used(temporary: Path) -> None:
    with TemporaryFolder("seal") as folder:
        parent = folder.path.parent
    (parent / ".lock").unlink()
    parent.rmdir()
    (temporary / "elsewhere").mkdir()
    parent.symlink_to(temporary / "elsewhere")
    with pytest.raises(PermissionError, match="belongs to another user"):
        TemporaryFolder("seal")
