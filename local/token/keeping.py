"""Where `make token` keeps the values of a source: in a file of this machine, or in a secret."""

import json
from collections.abc import Mapping
from pathlib import Path

from local.preflight import account
from local.preflight.observations import AwsFailure
from local.token.vendor import Values
from local.token_file import TOKEN_FILE
from optionchain.aws_secret import EXISTS_ALREADY, is_arn, read_secret, replace_secret

_ONLY_THE_OWNER = 0o600
_TRIES = 3
_FORM = "is no JSON object by source; mend or empty it first"


class NotKept(Exception):
    """The values could not be kept; the message says why, and shows no part of them."""


def keep_in_file(folder: Path, source: str, values: Values) -> Path:
    """Write the values of a source beside those of others, readable by the owner alone."""
    path = folder / TOKEN_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        text = _with(before, source, values, str(path))
        written = path.with_name(f"{TOKEN_FILE}.new")
        written.unlink(missing_ok=True)
        written.touch(_ONLY_THE_OWNER, exist_ok=False)  # before anything is in it
        written.write_text(text, encoding="utf-8")
        written.replace(path)
    except OSError as error:
        raise NotKept(f"{path} cannot be written: {error.strerror}") from error
    return path


def keep_in_secret(arn: str, source: str, values: Values) -> None:
    """Write the values of a source into a secret; what else it holds stays."""
    if not is_arn(arn):
        raise NotKept("SECRET must be the whole ARN of a secret")
    make_client = account.client_factory(arn.split(":")[3])
    for _ in range(_TRIES):
        found = account.secret(make_client, arn)
        if isinstance(found, AwsFailure):
            raise NotKept(f"the secret cannot be read: {found.code}")
        # The first version follows from none.
        text, version = read_secret("SECRET", arn, arn) if found.uri else ("", "")
        failure = replace_secret(arn, _with(text, source, values, "the secret"), version)
        if not failure:
            return
        if failure != EXISTS_ALREADY:
            raise NotKept(f"the secret cannot be written: {failure}")
    raise NotKept("the secret is being changed by others: try again")


def _with(text: str, source: str, values: Values, where: str) -> str:
    tokens: object = {}
    if text.strip():
        try:
            tokens = json.loads(text)
        except ValueError:
            tokens = None
    if not isinstance(tokens, Mapping):
        raise NotKept(f"{where} {_FORM}")
    return json.dumps({**tokens, source: dict(values)}, indent=1) + "\n"
