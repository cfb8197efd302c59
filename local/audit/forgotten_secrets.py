"""Passwords, keys and tokens in the files that git has, or would take."""

import json
import re
from pathlib import Path

from local.audit.report import ROOT, Report, run

# What looks like a secret and is none, by its whole value; a new one comes with its reason.
PLACEHOLDERS = (
    "password",  # the README shows where it stands in a URI
    "AKIAIOSFODNN7EXAMPLE",  # the key in AWS's own documentation, and in events/
    "EXAMPLEexampleEXAMPLEexampleEXAMPLE12345",  # an API key's value in events/
    *("abcdef1234", "a1b2c3d4e5"),  # the names of an API and of a key in events/
    "GetSecretValue",  # an action of IAM
    *("hush", "secret", "s3cr", "p%{SECRET}"),  # in URIs of tests; no server knows them
)
# A digest by which a browser checks a file is there to be read by all.
_DIGEST = "sha384-[A-Za-z0-9+/]{64}"
# A password by its variable's name alone, which every test of a password has.
_BY_NAME, _TESTS = "Secret Keyword", "tests/"


def secrets(folder: Path = ROOT) -> Report:
    """Scan a folder that git knows; nothing is sent anywhere to be verified."""
    listed = run("git", "ls-files", "-co", "--exclude-standard", "-z", folder=folder)
    files = [name for name in listed.out.split("\0") if (folder / name).is_file()]
    if listed.code or not files:
        return Report([], f"git lists no file: {listed.complaint}")
    allowed = "|".join([*map(re.escape, PLACEHOLDERS), _DIGEST])
    ran = run(
        *("audit/bin/detect-secrets", "scan", "--all-files", "--no-verify"),
        *("--exclude-secrets", f"^({allowed})$", *files),
        folder=folder,
    )
    if ran.code:
        return Report([], ran.complaint)
    return Report(
        [
            f"{file}:{each['line_number']}: {each['type']}"
            for file, results in sorted(json.loads(ran.out)["results"].items())
            for each in results
            if not (file.startswith(_TESTS) and each["type"] == _BY_NAME)
        ]
    )
