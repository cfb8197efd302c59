"""Passwords, keys and tokens in the files that git tracks, or would add."""

import json
import re
from pathlib import Path

from local.audit.report import ROOT, Report, run

# Values that look like a secret but are none; each with its reason.
PLACEHOLDERS = (
    "password",  # the README shows where it stands in a URI
    "AKIAIOSFODNN7EXAMPLE",  # the key in AWS's own documentation, and in events/
    "EXAMPLEexampleEXAMPLEexampleEXAMPLE12345",  # an API key's value in events/
    "abcdef1234",  # the id of an API in events/
    "a1b2c3d4e5",  # the id of a key in events/
    "GetSecretValue",  # actions of IAM
    "PutSecretValue",
    # The digest of a file and the tag of an object, in examples and in a test.
    "9c1f0a7b3d5e2f48a1c06b7d9e3f5a2c4b8d0e6f1a3c5e7092b4d6f8a0c2e4f6",
    "9ae0ea9e3c9c6e1b9b6252c8395efdc1",
    # In URIs of tests; no server knows them.
    "hush",
    "secret",
    "s3cr",
    "p%{SECRET}",
)
# The public digest by which a browser checks a file.
_DIGEST = "sha384-[A-Za-z0-9+/]{64}"
# A value that is suspicious only by the name of its variable, as in every test of a password.
_BY_NAME, _TESTS = "Secret Keyword", "tests/"


def secrets(folder: Path = ROOT) -> Report:
    """Scan a folder of git; nothing is sent to a service."""
    listed = run("git", "ls-files", "-co", "--exclude-standard", "-z", folder=folder)
    files = [name for name in listed.out.split("\0") if (folder / name).is_file()]
    if listed.code or not files:
        return Report([], f"git lists no file: {listed.complaint}")
    allowed = "|".join([*map(re.escape, PLACEHOLDERS), _DIGEST])
    options = ["scan", "--all-files", "--no-verify", "--exclude-secrets", f"^({allowed})$"]
    ran = run("audit/bin/detect-secrets", *options, *files, folder=folder)
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
