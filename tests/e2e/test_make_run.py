"""`make run` as a person sees it: started, used, stopped, and no process left behind."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import requests

from local.mongod import Mongod, free_port
from optionchain.exchange_time import IST

ROOT = Path(__file__).parents[2]
LINE = re.compile(
    r"\d\d:\d\d:\d\d IST  (\w+)  (\w+) +(stored|unchanged|skipped|failed) +\d+ ms late.*"
)
# The promised times; every other wait has the patience of a busy machine.
STOP_SECONDS = 2
PATIENCE = 180  # longer than a recorder waits after refusals

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads processes from /proc")


class Run:
    """`python -m local.run` in a folder of its own, on a free port, a tick a second."""

    def __init__(self, folder: Path, arguments: tuple[str, ...], env: dict[str, str]) -> None:
        self.port = free_port()
        self.folder = folder
        self._terminal = folder / f"terminal-{self.port}"
        inherited = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
        given = {"DATA_DIR": str(folder), "PORT": str(self.port), "NSE_FETCH_INTERVAL": "1"}
        with self._terminal.open("wb") as terminal:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local.run", *arguments],
                cwd=ROOT,
                env=inherited | given | env,
                stdout=terminal,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self._terminal.read_text(encoding="utf-8")

    def request(self, path: str, method: str = "GET") -> requests.Response:
        url = f"http://127.0.0.1:{self.port}{path}"
        return requests.request(method, url, timeout=PATIENCE, proxies={"http": ""})

    def tick_lines(self) -> int:
        return self.text.count(" ms late")

    def longest_gap(self) -> int:
        """Return the longest run of ticks of NIFTY that nobody claimed since the run began."""
        gaps = self.request("/option-chain/NIFTY/gaps").json()["gaps"]
        absent = ("missing", "off_duty", "stopped")
        return max((gap["ticks"] for gap in gaps if gap["outcome"] in absent), default=0)

    def first_chain(self) -> requests.Response:
        self.wait_for_line("^Ctrl-C stops")
        self.wait_for(lambda: self.request("/option-chain/NIFTY").status_code == 200)
        return self.request("/option-chain/NIFTY")

    def wait_for(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < deadline, self.text
            assert self.process.poll() is None, self.text
            time.sleep(0.05)

    def wait_for_line(self, pattern: str) -> None:
        self.wait_for(lambda: re.search(pattern, self.text, re.MULTILINE) is not None)

    def processes(self) -> dict[int, str]:
        """Return the command lines of this run's processes, orphans too, by process id."""
        mark = f"DATA_DIR={self.folder}".encode()
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                    found[int(entry.name)] = command.decode()
            except OSError:
                continue  # it has ended, or it is another user's
        return found

    def process_of(self, part: str) -> int:
        return next(pid for pid, command in self.processes().items() if part in command)

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)

    def leaves_nothing(self) -> bool:
        deadline = time.monotonic() + PATIENCE
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.05)
        return not self.processes()


type Start = Callable[..., Run]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start runs with arguments and variables; those that still run are killed afterwards."""
    runs: list[Run] = []

    def begin(*arguments: str, **env: str) -> Run:
        runs.append(Run(tmp_path, arguments, env))
        return runs[-1]

    yield begin
    for run in runs:
        run.process.kill()
        run.process.wait()
        assert run.leaves_nothing()
    for data in tmp_path.glob("*/data"):
        shutil.rmtree(data)  # 300 MB each, which pytest would keep


def test_a_newcomer_sees_ticks_and_gets_the_chain(start: Start) -> None:
    run = start()
    answer = run.first_chain()
    assert answer.json()["symbol"] == "NIFTY"
    assert answer.json()["calls"]
    assert answer.headers["X-Simulated"] == "true"
    assert "(SIMULATED)" in run.request("/openapi.json").json()["info"]["title"]
    assert run.request("/docs").status_code == run.request("/dashboard").status_code == 200
    assert run.request("/health").json()["simulated"] is True
    for symbol in ("NIFTY", "BANKNIFTY"):
        run.wait_for_line(rf"  SIMULATED  {symbol} +(stored|unchanged) ")
    assert run.stop() == 0
    assert run.leaves_nothing()
    assert (run.folder / "logs" / "fetch.log").stat().st_size

    banner, ticks = run.text.split("in India's time (IST):\n")
    assert banner.startswith("SIMULATED market")
    assert len(banner.splitlines()) == 8
    *lines, blank, last = ticks.splitlines()
    assert (blank, last) == ("", "Stopping.")
    assert all(LINE.fullmatch(line) for line in lines), ticks

    # Recorded data stay. A second run outside the session records nothing new.
    second = start(MARKET_HOURS="exchange")
    assert second.first_chain().json()["timestamp"] >= answer.json()["timestamp"]
    second.stop()


def test_a_vendor_s_chains_come_without_an_account(start: Start) -> None:
    run = start(SOURCE="upstox", NSE_SYMBOLS="NIFTY")
    answer = run.first_chain()
    body = answer.json()
    assert (body["source"], answer.headers["X-Source"]) == ("upstox", "upstox")
    assert (body["exchange_timestamp"], body["dated_by"]) == (None, "receipt")
    assert "change_in_oi" in body["derived"]
    assert body["lot_size"] in {65, 75}
    assert answer.headers["X-Simulated"] == "true"
    run.wait_for_line(r"  SIMULATED  NIFTY +(stored|unchanged) .*  upstox$")
    assert "Source  upstox, simulated: no account" in run.text
    assert any("local.upstox_simulator" in each for each in run.processes().values())
    assert run.stop() == 0
    assert run.leaves_nothing()


def test_a_run_at_another_moment_lives_there(start: Start) -> None:
    run = start(AT="15:18", NSE_SYMBOLS="NIFTY")
    answer = run.first_chain().json()
    moment = datetime.fromisoformat(answer["timestamp"]).astimezone(IST)
    assert (moment.weekday() < 5, f"{moment:%H:%M}") == (True, "15:18")
    assert answer["age_seconds"] < PATIENCE
    health = run.request("/health").json()
    assert (health["market"], health["reasons"]) == ("open", [])
    assert run.stop() == 0


def test_a_killed_parent_leaves_no_process(start: Start) -> None:
    run = start()
    run.first_chain()
    assert len(run.processes()) >= 5
    run.stop(signal.SIGKILL)
    assert run.leaves_nothing()


def test_ctrl_c_during_the_start_leaves_no_process(start: Start) -> None:
    run = start()
    run.wait_for(lambda: len(run.processes()) >= 5)
    assert run.stop() == 0
    assert run.leaves_nothing()


@pytest.mark.parametrize(
    ("part", "name", "log"),
    [
        ("local.run.api", "the API", "logs/api.log"),
        ("local.nse_simulator", "the simulated exchange", "logs/exchange.log"),
    ],
)
def test_a_part_that_ends_ends_the_run_with_a_sentence(
    start: Start, part: str, name: str, log: str
) -> None:
    run = start()
    run.wait_for_line("^Ctrl-C stops")
    os.kill(run.process_of(part), signal.SIGKILL)
    assert run.process.wait(PATIENCE) == 1
    sentence = f"make run: {name} ended with code -9; see {run.folder / log}"
    assert sentence in run.text.splitlines()
    assert "Traceback" not in run.text
    assert run.leaves_nothing()


def test_a_killed_mongod_is_started_again_and_no_tick_is_missing(start: Start) -> None:
    run = start()
    run.first_chain()
    log = run.folder / "mongod" / "mongod.log"
    killed = run.process_of("mongod --dbpath")
    os.kill(killed, signal.SIGKILL)
    run.wait_for_line(rf"^mongod was killed .* and is started again; see {re.escape(str(log))}$")
    seen = run.tick_lines()
    run.wait_for(lambda: run.tick_lines() > seen)
    run.wait_for(lambda: run.request("/health").json()["database_connected"])
    run.wait_for(lambda: run.longest_gap() == 0)

    # What mongod does not survive by itself ends the run.
    again = run.process_of("mongod --dbpath")
    assert again != killed
    os.kill(again, signal.SIGABRT)
    assert run.process.wait(PATIENCE) == 1
    assert f"make run: mongod ended with code -6; see {log}" in run.text.splitlines()
    assert "Traceback" not in run.text
    assert run.leaves_nothing()


def test_a_replay_says_replay(
    start: Start, captured: Callable[[str], bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    body = captured("v3-from-legacy/nifty-2025-12-05/093314-040457Z/09-Dec-2025.json.gz")
    (folder / "09-Dec-2025.json").write_bytes(body)
    run = start("--replay", str(folder))
    answer = run.first_chain()
    assert answer.json()["underlying_value"] == json.loads(body)["records"]["underlyingValue"]
    assert answer.headers["X-Replay"] == "true"
    run.wait_for_line("  REPLAY  NIFTY +(stored|unchanged) ")
    assert run.stop() == 0
    assert run.text.startswith(f"REPLAY of {folder}")
    assert "SIMULATED" not in run.text


def test_a_database_that_goes_away_is_survived(start: Start, tmp_path: Path) -> None:
    with Mongod(tmp_path / "elsewhere") as mongod:
        run = start(MONGODB_URI=mongod.uri)
        run.first_chain()
        assert not any("mongod --dbpath" in command for command in run.processes().values())
        mongod.stop(signal.SIGKILL)
        run.wait_for_line("^The database does not answer: ")
        mongod.start()
        run.wait_for_line("^The database answers again.$")
        seen = run.text.rpartition("answers again.")[0]
        run.wait_for(lambda: "ms late" in run.text.removeprefix(seen))
        assert run.stop() == 0
    assert run.text.count("does not answer") == 1


def test_the_api_stops_and_starts_recording_and_a_killed_invocation_is_replaced(
    start: Start,
) -> None:
    run = start()
    run.wait_for(lambda: run.tick_lines() > 0)
    os.kill(run.process_of("local.run.execution_environment"), signal.SIGKILL)
    run.wait_for_line(r"^an invocation of the fetch Lambda failed: .*fetch\.log$")

    assert run.request("/pipeline/stop", "POST").json()["enabled"] is False
    run.wait_for_line("^Recording is stopped; POST /pipeline/start starts it.$")
    time.sleep(STOP_SECONDS)
    shown = run.tick_lines()
    time.sleep(STOP_SECONDS)
    assert run.tick_lines() == shown
    status = run.request("/pipeline/status").json()
    assert (status["enabled"], status["running"], status["owners"]) == (False, False, {})
    assert "stopped" in {row["code"] for row in run.request("/health").json()["reasons"]}

    assert run.request("/pipeline/start", "POST").json()["enabled"] is True
    run.wait_for_line("^Recording is started.$")
    run.wait_for(lambda: run.tick_lines() > shown)
    run.wait_for(lambda: run.longest_gap() >= STOP_SECONDS)
    assert run.stop() == 0
    assert run.text.count("Recording is") == 2


def test_two_runs_share_neither_port_nor_folder(start: Start) -> None:
    first = start()
    first.wait_for_line("Ctrl-C stops")
    second = start(PORT=str(first.port))
    third = start()
    assert (second.process.wait(PATIENCE), third.process.wait(PATIENCE)) == (2, 2)
    sentence = "is taken; stop what listens there, or set another"
    assert second.text == f"make run: PORT={first.port}: {sentence}\n"
    assert re.fullmatch("make run: DATA_DIR=.* is used by another `make` command;.*\n", third.text)
    first.stop()


def test_a_folder_that_cannot_be_used_is_one_sentence(start: Start) -> None:
    run = start(DATA_DIR="/proc/none")
    assert run.process.wait(PATIENCE) == 2
    assert re.fullmatch("make run: DATA_DIR=.*\n", run.text)


def test_a_mongod_that_does_not_start_is_one_sentence(start: Start, tmp_path: Path) -> None:
    broken = tmp_path / "bin" / "mongod"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 14\n", encoding="utf-8")
    broken.chmod(0o700)
    run = start(PATH=f"{broken.parent}:{os.environ['PATH']}")
    assert run.process.wait(PATIENCE) == 1
    log = run.folder / "mongod" / "mongod.log"
    assert run.text == f"make run: mongod ended at once with code 14; see {log}\n"
    assert run.leaves_nothing()


def test_make_passes_its_variables_on_and_a_bad_one_is_one_sentence() -> None:
    made = subprocess.run(
        ["make", "--assume-old=setup", "run", "PORT=abc"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "make run: PORT='abc': must be a port" in made.stderr
    assert "Traceback" not in made.stderr
