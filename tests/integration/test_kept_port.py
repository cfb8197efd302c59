"""The MongoDB of `make run` keeps its port."""

import socket
from pathlib import Path

from local.kept_port import kept_port


def test_the_first_port_is_kept_and_used_again(tmp_path: Path) -> None:
    first = kept_port(tmp_path / "mongod")
    assert (first.taken, first.text) == (None, "")
    assert kept_port(tmp_path / "mongod") == first


def test_a_port_that_is_taken_is_told_and_used_again_later(tmp_path: Path) -> None:
    usual = kept_port(tmp_path)
    with socket.create_server(("127.0.0.1", usual.port)):
        other = kept_port(tmp_path)
    assert other.taken == usual.port != other.port
    told = f"Port {usual.port} of MongoDB is taken: in this run it listens on {other.port}."
    assert other.text == told
    assert kept_port(tmp_path) == usual


def test_a_file_that_is_no_port_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("none")
    first = kept_port(tmp_path)
    assert first.taken is None
    (tmp_path / "port").write_text("99999")
    assert kept_port(tmp_path).taken == 99_999
