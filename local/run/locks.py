"""What only one run at a time may use: the port of the API and the data folder."""

import errno
import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.processes import HOST
from optionchain.errors import SettingInvalid


@contextmanager
def bind_port(port: int) -> Iterator[socket.socket]:
    """Listen on the API's port from the start: requests wait until the API is up.

    Raises SettingInvalid where the port is taken.
    """
    try:
        listener = socket.create_server((HOST, port))
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = "is taken; stop what listens there, or set another" if taken else error.strerror
        raise SettingInvalid("PORT", port, str(reason)) from error
    with listener:
        yield listener


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Lock the data folder for this process; raise SettingInvalid where another run uses it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w", encoding="utf-8")
    except OSError as error:
        raise SettingInvalid(
            "DATA_DIR", str(folder), f"cannot be used: {error.strerror}"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            reason = "is used by another `make` command; stop that one, or set another"
            raise SettingInvalid("DATA_DIR", str(folder), reason) from error
        yield
