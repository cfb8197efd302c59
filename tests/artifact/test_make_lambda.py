"""`make lambda` as a person sees it: started, asked, stopped, and nothing left behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from local.lambda_emulator.artifact import Artifact
from local.mongod import free_port
from tests.conftest import ROOT

PATIENCE = 180


@pytest.fixture
def run(artifact: Artifact, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The command in a folder and on a port of its own, and the URL of its stage."""
    assert artifact
    port = free_port()
    given = {"DATA_DIR": str(tmp_path), "PORT": str(port), "PATH": os.environ["PATH"]}
    with (tmp_path / "terminal").open("wb") as terminal:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.lambda_emulator"],
            cwd=ROOT,
            env=given,
            stdout=terminal,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    yield process, f"http://127.0.0.1:{port}/prod"
    process.kill()
    process.wait()
    shutil.rmtree(tmp_path / "mongod", ignore_errors=True)  # 300 MB, which pytest would keep


def emulators(folder: Path) -> list[str]:
    """Return the processes that have a log of this run open."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/fd/1"):
        try:
            if str(folder / "lambda") in str(entry.readlink()):
                found.append(entry.parts[2])
        except OSError:
            continue  # gone meanwhile, or another user's
    return found


def test_the_built_functions_record_and_serve_until_ctrl_c(
    run: tuple[subprocess.Popen[bytes], str], tmp_path: Path
) -> None:
    process, url = run
    deadline = time.monotonic() + PATIENCE
    chain: requests.Response | None = None
    while chain is None or chain.status_code != 200:
        text = (tmp_path / "terminal").read_text(encoding="utf-8")
        assert process.poll() is None, text
        assert time.monotonic() < deadline, text
        time.sleep(0.2)
        if "Ctrl-C stops" in text:
            chain = requests.get(
                f"{url}/option-chain/NIFTY", timeout=PATIENCE, proxies={"http": ""}
            )
    assert chain.json()["calls"]
    shown = (tmp_path / "terminal").read_text(encoding="utf-8")
    (seal,) = re.findall(r"^  Seal +curl -d '{}' (\S+)$", shown, re.MULTILINE)
    answer = requests.post(seal, json={}, timeout=PATIENCE, proxies={"http": ""})
    assert set(answer.json()) == {"sealed", "unchanged", "empty", "left"}
    assert len(emulators(tmp_path)) >= 2
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    while emulators(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert emulators(tmp_path) == []
    assert (tmp_path / "terminal").read_text(encoding="utf-8").endswith("\nStopping.\n")
