"""What Lambda's emulator and the function in it have written."""

import re
from dataclasses import dataclass
from pathlib import Path

_INIT = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)\)")
_REQUEST = re.compile(r"^START RequestId: (\S+)", re.MULTILINE)
_INVOKE = re.compile(r"INVOKE RTDONE\(status: \w+, produced bytes: \d+, duration: ([\d.]+)ms\)")


@dataclass(frozen=True)
class RuntimeLog:
    """A log file, read anew each time."""

    path: Path

    def __str__(self) -> str:
        """Return where it is."""
        return str(self.path)

    @property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text(encoding="utf-8", errors="replace")

    @property
    def init_ms(self) -> list[float]:
        """How long each start of the function took, until it asked for its first invocation."""
        return [float(found) for found in _INIT.findall(self.text)]

    @property
    def invoke_ms(self) -> list[float]:
        """How long each invocation took the function, without its start."""
        return [float(found) for found in _INVOKE.findall(self.text)]

    @property
    def request_ids(self) -> list[str]:
        """The ids of the invocations begun."""
        return _REQUEST.findall(self.text)
