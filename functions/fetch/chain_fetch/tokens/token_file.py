"""The tokens of a file, which all recorders of one machine share.

A renewed token of a source may kill the one before, so it is written where the others look it up.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from optionchain.aws_secret import HIDDEN
from optionchain.errors import SettingInvalid

_ONLY_THE_OWNER = 0o600


class TokenFile:
    """JSON by source in a file; `parsed` checks its form and raises SettingInvalid."""

    def __init__(
        self, path: Path, parsed: Callable[[str], Mapping[str, Mapping[str, str]]]
    ) -> None:
        self._path = path
        self._parsed = parsed

    def read(self) -> Mapping[str, Mapping[str, str]]:
        """Return the values by source; raise SettingInvalid."""
        try:
            return self._parsed(self._path.read_text(encoding="utf-8"))
        except OSError as error:
            raise _unusable("read", error) from error

    def change(
        self, source: str, change: Callable[[Mapping[str, str]], Mapping[str, str]]
    ) -> Mapping[str, str]:
        """Replace the values of a source, one recorder at a time; raise SettingInvalid.

        A reader finds the file as it was before or after the change, never a part of it.
        """
        try:
            with self._locked():
                tokens = dict(self.read())
                values = tokens[source] = dict(change(tokens.get(source, {})))
                self._write(json.dumps(tokens))
        except OSError as error:
            raise _unusable("written", error) from error
        return values

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._path.with_name(f"{self._path.name}.lock").open("w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _write(self, text: str) -> None:
        written = self._path.with_name(f"{self._path.name}.new")
        written.unlink(missing_ok=True)
        # Readable by the owner alone before anything is in it.
        handle = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_THE_OWNER)
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123  (an open handle)
            file.write(text)
        written.replace(self._path)


def _unusable(what: str, error: OSError) -> SettingInvalid:
    # Without the path: an answer shows the error, and nobody there needs to know this machine.
    return SettingInvalid("SOURCE_TOKENS", HIDDEN, f"its file cannot be {what}: {error.strerror}")
