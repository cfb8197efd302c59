"""The template, deployed by `sam deploy` to an emulator of AWS, records and answers."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from local.rehearsal.__main__ import NOT_CHECKED
from local.rehearsal.deployed_stack import BUILT, SAM
from local.rehearsal.ministack import PYTHON

ROOT = Path(__file__).parents[2]
NEEDED = {
    PYTHON: "ministack is not installed: `make rehearse` does",
    SAM: "the SAM CLI is not installed: `make validate` does",
    BUILT: "not built for this machine: `make build ARCH=x86_64` does",
}


EXPECTED = (
    r"ok +`sam deploy --config-env prod` in \d+ s",
    r"  - +NSE_BASE_URL is the simulated exchange's, MARKET_HOURS is `always`",
    r"ok +\d+ resources of stack nse-option-chain-prod: .*3 Lambda::Function, .*1 S3::Bucket",
    r"ok +the dashboard has 24 widgets",
    r"ok +the schedule started the recorder",
    r"ok +NIFTY: [1-9]\d* documents in [1-9]\d* snapshots, [1-9]\d* ticks",
    r"ok +3 schedules, of group 1 of 3, group 2 of 3, group 3 of 3",
    r"ok +the groups record: [^;]+; [^;]+; [^;]+$",
    r"ok +GET /option-chain/NIFTY 200",
    r"ok +the archive function sealed NIFTY of \d{4}-\d\d-\d\d",
    r"ok +the bucket has its manifest and 4 files",
    r"ok +GET /archive 200, 1 sealed day",
    r"ok +GET /option-chain/NIFTY\?expiry=\S+&as_of=\S+ 200, [1-9]\d* contracts from the archive",
    r"ok +POST /pipeline/stop unsigned 403",
    r"ok +POST /pipeline/stop signed 200; schedules DISABLED",
    r"ok +the recorder ended",
    r"ok +an unreadable event is an error",
    r"ok +after an update to 2 groups: 2 schedules, of group 1 of 2, group 2 of 2",
    r"ok +of group 3 is left: nothing",
    r"ok +the API switches \S+-every-minute, \S+-group-2$",
)


def processes_of(folder: Path) -> list[str]:
    """Return the process ids of the rehearsal in a folder."""
    marks = [f"HOME={folder}\0".encode(), str(folder / "mongod").encode()]
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            text = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
        except OSError:
            continue  # it has ended, or it is another user's
        found += [process.name for mark in marks if mark in text]
    return found


# About two minutes, half a minute of it until the schedule is due.
def test_deployed_stack_records_and_answers_and_leaves_nothing_behind(tmp_path: Path) -> None:
    """One test for all: each further one would wait for a deployment and a minute again."""
    for path, reason in NEEDED.items():
        if not path.exists():
            pytest.skip(reason)
    done = subprocess.run(
        [sys.executable, "-m", "local.rehearsal", "prod", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=580,  # it takes three minutes on a busy machine
        check=False,
    )
    shown = done.stdout
    assert done.returncode == 0, shown + done.stderr
    assert "\nFAIL" not in shown
    for expected in EXPECTED:
        assert re.search(f"^{expected}", shown, re.MULTILINE), f"{expected}\n{shown}"
    assert all(f"  -   {text}" in shown for text in NOT_CHECKED)
    assert not processes_of(tmp_path)
    assert not {path.name for path in tmp_path.iterdir()} & {"mongod", "tmp"}
