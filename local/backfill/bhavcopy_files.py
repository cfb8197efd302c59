"""Where the bhavcopy files of past days come from: a folder, or the exchange's file server.

The server is asked politely: one file at a time with a pause, nothing twice, and no more at all
once it refuses. What it answered is kept in a folder.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Protocol

from chain_fetch.nse.bhavcopy_server import BhavcopyServer
from chain_fetch.nse.bhavcopy_zip import bhavcopy_name
from chain_fetch.refused import Refused
from optionchain.errors import SettingInvalid

_PAUSE_SECONDS = 2.0
_ANSWER_SECONDS = 60.0


class FilesRefused(Exception):
    """The exchange's file server does not give its files now; the message says what to do."""


class BhavcopyFiles(Protocol):
    """Where files are found by their day."""

    def find(self, day: date) -> Path | None:
        """Return the file of a day, None if there is none; raise FilesRefused."""


@dataclass(frozen=True)
class FolderFiles:
    """The files that a person has put into a folder, under the exchange's names."""

    folder: Path

    def find(self, day: date) -> Path | None:
        """Return the file of a day, None if the folder lacks it.

        A file that is of the day by its name, but under no name of the exchange, is returned as
        well: who reads it says what is wrong with it.
        """
        path = self.folder / bhavcopy_name(day)
        if path.is_file():
            return path
        dates = f"{day:%Y%m%d}", f"{day:%d%b%Y}".upper()
        return next(
            (each for each in self._others if any(text in each.name.upper() for text in dates)),
            None,
        )

    @cached_property
    def _others(self) -> list[Path]:
        """Return the files of the folder, by name; raise SettingInvalid if there is no folder."""
        try:
            return sorted(each for each in self.folder.iterdir() if each.is_file())
        except OSError as error:
            folder = f"{self.folder}"
            raise SettingInvalid("FILES", folder, f"cannot be read: {error.strerror}") from error


@dataclass
class FetchedFiles:
    """The files of the exchange's file server; those that were fetched before are in `folder`."""

    folder: Path
    server: BhavcopyServer = field(default_factory=BhavcopyServer)
    sleep: Callable[[float], None] = time.sleep
    _asked: bool = False

    def find(self, day: date) -> Path | None:
        """Return the file of a day; fetch it if it was not fetched before.

        Returns None if the server has no such file. Raises FilesRefused for every other answer.
        """
        path = self.folder / bhavcopy_name(day)
        if path.is_file():
            return path
        if self._asked:
            self.sleep(_PAUSE_SECONDS)
        self._asked = True
        try:
            body = self.server.fetch(day, time.monotonic() + _ANSWER_SECONDS)
        except Refused as refusal:
            if refusal.reason == "empty":
                return None
            raise FilesRefused(_told(refusal)) from refusal
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(body)
        part.replace(path)  # a file that is there is whole
        return path


def _told(refusal: Refused) -> str:
    if refusal.reason not in ("blocked", "rate_limited"):
        return f"the exchange's file server did not give the file ({refusal}); run it again"
    wait = refusal.retry_after
    when = f"in {wait:.0f} seconds" if wait else "later"
    return (
        f"the exchange's file server refuses ({refusal.detail}), as it often does with addresses "
        f"of clouds. Run it again {when} or from another network, or download the files with a "
        "browser and give their folder: FILES=folder"
    )
