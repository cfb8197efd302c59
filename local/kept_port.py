"""The port of the MongoDB of this machine: the same in every run, because people keep addresses."""

import socket
from pathlib import Path
from typing import NamedTuple

from local.mongod import free_port
from local.processes import HOST

_FILE = "port"
_HIGHEST = 65_535


class KeptPort(NamedTuple):
    """The port to use; `taken` is the usual one if something else listens on that now."""

    port: int
    taken: int | None = None

    @property
    def text(self) -> str:
        """Return what a person should know, in one line; empty where all is as usual."""
        if self.taken is None:
            return ""
        return f"Port {self.taken} of MongoDB is taken: in this run it listens on {self.port}."


def kept_port(folder: Path) -> KeptPort:
    """Return the port that is remembered in a folder, if it is free; the first one is remembered.

    One that is taken is taken for this run: the next one tries it again.
    """
    file = folder / _FILE
    try:
        usual = int(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        usual = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{usual}\n", encoding="utf-8")
    return KeptPort(usual) if _is_free(usual) else KeptPort(free_port(), usual)


def _is_free(port: int) -> bool:
    if not 0 < port <= _HIGHEST:
        return False
    try:
        socket.create_server((HOST, port)).close()
    except OSError:
        return False
    return True
