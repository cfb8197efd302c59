"""`make client` builds a wheel that works where nothing else of the project is installed."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = shutil.which("uv") or str(ROOT / ".tools" / "uv" / "bin" / "uv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not Path(UV).exists():
        pytest.skip("uv is not installed: it builds the wheel")
    folder = tmp_path_factory.mktemp("dist")
    command = [UV, "build", "--quiet", "--wheel", "--out-dir", str(folder), "clients/python"]
    subprocess.run(command, cwd=ROOT, check=True, timeout=100)
    (found,) = folder.glob("*.whl")
    return found


def test_wheel_has_the_package_alone(wheel: Path) -> None:
    assert wheel.name == "optionchain_client-1.0.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = {name.split("/")[0] for name in archive.namelist()}
        assert names == {"optionchain_client", "optionchain_client-1.0.0.dist-info"}
        assert "optionchain_client/py.typed" in archive.namelist()
        metadata = archive.read("optionchain_client-1.0.0.dist-info/METADATA").decode()
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    assert [line for line in required if "extra ==" not in line] == ["Requires-Dist: httpx"]


def test_wheel_works_by_itself(wheel: Path, tmp_path: Path) -> None:
    """It is read out of the wheel, with nothing of this project on the path but packages."""
    program = (
        "import optionchain_client, sys\n"
        "assert optionchain_client.__file__.startswith(sys.path[0]), optionchain_client.__file__\n"
        "with optionchain_client.Archive(sys.argv[1]) as archive:\n"
        "    try:\n"
        "        archive.days('NIFTY', '2026-11-01', '2026-11-30')\n"
        "    except optionchain_client.ArchiveError as error:\n"
        "        print(error)\n"
        "assert not {'optionchain', 'pandas', 'boto3'} & sys.modules.keys()\n"
    )
    unpacked = tmp_path / "wheel"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    start = f"import sys; sys.path[:0] = [{str(unpacked)!r}]\n"
    ran = subprocess.run(
        [sys.executable, "-I", "-c", start + program, str(tmp_path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": packages},
    )
    assert ran.stderr == ""
    assert "NIFTY" in ran.stdout
