"""Where the bhavcopy files of past days come from: a folder, or the exchange's archive.

The archive is asked politely: one file at a time with a pause, nothing twice, and no more at all
once it refuses. What it answered is kept in a folder.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Protocol

import requests

from chain_fetch.http.bounded_body import read_body
from chain_fetch.nse.bhavcopy_zip import bhavcopy_name
from chain_fetch.refused import Refused
from optionchain.errors import SettingInvalid

ARCHIVE = "https://nsearchives.nseindia.com"
_PATH = "/content/fo/"
# The archive answers ordinary browsers alone, and asks for no cookie.
_HEADERS = {
    "User-Agent": (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/140.0.0.0 Safari/537.36"
    ),
    "Accept": "*/*",
    "Accept-Language": "en-IN,en;q=0.9",
    "Accept-Encoding": "identity",
    "Referer": "https://www.nseindia.com/all-reports-derivatives",
}
_PAUSE_SECONDS = 2.0
_ANSWER_SECONDS = 60.0
_OK, _NOT_FOUND = 200, 404


class FilesRefused(Exception):
    """The archive does not give its files now; the message says what to do."""


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
class ArchiveFiles:
    """The files of the exchange's archive; those that were fetched before are in `folder`."""

    folder: Path
    url: str = ARCHIVE
    sleep: Callable[[float], None] = time.sleep
    _http: requests.Session = field(default_factory=requests.Session)
    _asked: bool = False

    def find(self, day: date) -> Path | None:
        """Return the file of a day; fetch it if it was not fetched before.

        Returns None if the archive has no such file. Raises FilesRefused for every other answer.
        """
        path = self.folder / bhavcopy_name(day)
        if path.is_file():
            return path
        if self._asked:
            self.sleep(_PAUSE_SECONDS)
        self._asked = True
        if (body := self._fetch(path.name)) is None:
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(body)
        part.replace(path)  # a file that is there is whole
        return path

    def _fetch(self, name: str) -> bytes | None:
        deadline = time.monotonic() + _ANSWER_SECONDS
        try:
            with self._http.get(
                self.url + _PATH + name,
                headers=_HEADERS,
                stream=True,
                timeout=_ANSWER_SECONDS,
                allow_redirects=False,
            ) as answer:
                if answer.status_code == _NOT_FOUND:
                    return None
                if answer.status_code != _OK:
                    raise FilesRefused(_refusal_told(answer, name))
                return read_body(answer.raw, answer.headers, deadline)
        except (requests.RequestException, Refused) as error:
            raise FilesRefused(f"{name} did not arrive whole: {error}; run it again") from error


def _refusal_told(answer: requests.Response, name: str) -> str:
    wait = answer.headers.get("Retry-After", "")
    when = f"in {wait} seconds" if wait.isdigit() else "later"
    return (
        f"the archive answered HTTP {answer.status_code} for {name}; it often refuses addresses of "
        f"clouds. Run it again {when} or from another network, or download the files with a "
        "browser and give their folder: FILES=folder"
    )
