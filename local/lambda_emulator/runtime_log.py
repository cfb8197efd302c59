"""The log of Lambda's emulator and of the function in it."""

import re
from dataclasses import dataclass
from pathlib import Path

_INIT = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)\)")
_REQUEST = re.compile(r"^START RequestId: (\S+)", re.MULTILINE)
_INVOKE = re.compile(r"INVOKE RTDONE\(status: \w+, produced bytes: \d+, duration: ([\d.]+)ms\)")


@dataclass(frozen=True)
class RuntimeLog:
    """A log file; each property reads it again."""

    path: Path

    def __str__(self) -> str:
        """Return the path of the file."""
        return str(self.path)

    @property
    def text(self) -> str:
        """The whole file."""
        return self.path.read_text(encoding="utf-8", errors="replace")

    @property
    def init_ms(self) -> list[float]:
        """Milliseconds of each start of the function, until it asked for its first invocation."""
        return [float(found) for found in _INIT.findall(self.text)]

    @property
    def invoke_ms(self) -> list[float]:
        """Milliseconds of each invocation, without the start of the function."""
        return [float(found) for found in _INVOKE.findall(self.text)]

    @property
    def request_ids(self) -> list[str]:
        """The request ids of all invocations that have begun."""
        return _REQUEST.findall(self.text)
