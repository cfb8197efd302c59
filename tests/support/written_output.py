"""What both functions write in a process of their own: standard output and error, case by case."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from tests.conftest import ROOT

_OURS = {"PATH", "HOME", "LD_LIBRARY_PATH"}
_LOUD = {
    "MARKET_HOURS": "always",
    "LOG_LEVEL": "DEBUG",
    "AWS_DEFAULT_REGION": "ap-south-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}


def written_by(
    program: str,
    cases: Sequence[Mapping[str, str]],
    settings: Mapping[str, str],
    seconds: float,
) -> list[str]:
    """Return what `program` writes of each case, under these settings and the loudest log.

    The program reads the cases and a request as JSON, and writes `NEXT CASE` before each one.
    """
    given = {name: text for name, text in os.environ.items() if name in _OURS}
    request = json.loads((ROOT / "events" / "api-health.json").read_text("utf-8"))
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", program],
        input=json.dumps([list(cases), request]),
        env={**given, **_LOUD, **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    _, *printed = done.stdout.split("NEXT CASE\n")
    _, *logged = done.stderr.split("NEXT CASE\n")
    return [out + err for out, err in zip(printed, logged, strict=True)]
