"""A mongod that is killed is started again; one that ends by itself, or too often, ends the run."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymongo import MongoClient

from local.mongod import Mongod
from local.processes import ProcessEnded
from local.run.watched_mongod import WatchedMongod


@pytest.fixture
def own_mongod(tmp_path: Path, mongod: Mongod) -> Iterator[Mongod]:  # noqa: ARG001  (skips without)
    """A server that the test may kill."""
    server = Mongod(tmp_path / "own").start()
    yield server
    server.stop(signal.SIGKILL)


class Watch:
    """A `WatchedMongod` with a clock that the test moves, and the lines that it prints."""

    def __init__(self, mongod: Mongod) -> None:
        self.now = 0.0
        self.lines: list[str] = []
        self._mongod = mongod
        self._watched = WatchedMongod(mongod, self.lines.append, lambda: self.now)

    def check(self) -> None:
        self._watched.check()

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill the server, wait until it has ended, and look."""
        os.kill(self._mongod.pid, how)
        self.look_after_its_end()

    def look_after_its_end(self) -> None:
        os.waitid(os.P_PID, self._mongod.pid, os.WEXITED | os.WNOWAIT)
        self.check()


@pytest.fixture
def watch(own_mongod: Mongod) -> Watch:
    return Watch(own_mongod)


def test_a_killed_server_is_started_again_where_it_was(own_mongod: Mongod, watch: Watch) -> None:
    watch.check()
    assert watch.lines == []
    killed, uri = own_mongod.pid, own_mongod.uri
    with MongoClient[dict[str, int]](uri) as client:
        client.test.things.insert_one({"n": 1})
        watch.kill()
        # The client waits until the server accepts writes: nobody tells it that it is primary.
        client.test.things.insert_one({"n": 2})
        assert [each["n"] for each in client.test.things.find(sort=[("n", 1)])] == [1, 2]
    watch.check()
    assert (own_mongod.uri, own_mongod.pid == killed) == (uri, False)
    sentence = "mongod was killed (code -9), perhaps because memory ran out, and is started again"
    assert watch.lines == [f"{sentence}; see {own_mongod.log}"]


def test_the_third_time_within_a_minute_is_the_end(own_mongod: Mongod, watch: Watch) -> None:
    # The first and the third are a minute apart, the second and the fourth are not.
    for watch.now in (0.0, 59.0, 60.0):
        watch.kill()
    watch.now = 118.9
    with pytest.raises(ProcessEnded, match=sentence(own_mongod, "-9")):
        watch.kill()
    assert len(watch.lines) == 3


@pytest.mark.parametrize(("how", "code"), [(signal.SIGABRT, "-6"), (signal.SIGTERM, "0")])
def test_one_that_ends_by_itself_ends_the_run(
    own_mongod: Mongod, watch: Watch, how: signal.Signals, code: str
) -> None:
    """So a full disk does: mongod aborts."""
    with pytest.raises(ProcessEnded, match=sentence(own_mongod, code)):
        watch.kill(how)
    assert watch.lines == []


def test_a_folder_that_another_server_has_taken_ends_the_run(
    own_mongod: Mongod, watch: Watch
) -> None:
    killed = own_mongod.pid
    os.kill(killed, signal.SIGKILL)
    os.waitid(os.P_PID, killed, os.WEXITED | os.WNOWAIT)
    with Mongod(own_mongod.folder):
        watch.check()
        with pytest.raises(ProcessEnded, match=sentence(own_mongod, "100")):
            watch.look_after_its_end()
    assert "is started again" in watch.lines[0]


def sentence(mongod: Mongod, code: str) -> str:
    return f"^{re.escape(f'mongod ended with code {code}; see {mongod.log}')}$"
