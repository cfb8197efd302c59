"""Where the tokens of the sources are kept: in the environment, a file, or a secret.

Each holds a JSON object by source, `{"upstox": {"access_token": "..."}}`. No error shows any of it.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from chain_fetch.token_claims import dates_of
from chain_fetch.tokens.token_file import TokenFile
from optionchain.aws_secret import (
    EXISTS_ALREADY,
    HIDDEN,
    SecretText,
    is_arn,
    read_secret,
    replace_secret,
)
from optionchain.errors import SettingInvalid
from optionchain.settings import Settings

type Values = Mapping[str, str]

_TOKENS, _ARN = "SOURCE_TOKENS", "SOURCE_SECRET_ARN"
_FORM = 'a JSON object by source, such as {"upstox": {"access_token": "..."}}, of text alone'
# With it the source makes a new token itself, so a token that has ended is no refusal.
MAKES_TOKENS = "totp_secret"
# How often a renewed token is written anew, if another recorder changes the secret meanwhile.
_TRIES = 3


class TokenStore(Protocol):
    """Where the values of each source are kept, such as `access_token`.

    If it is not `shared`, other recorders do not find what one of them keeps.
    """

    @property
    def shared(self) -> bool:
        """Tell whether all recorders find what is kept here."""

    def read(self) -> Mapping[str, Values]:
        """Return the present values by source; raise SettingInvalid."""

    def write(self, source: str, renewed: Values, exchanged: str) -> Values:
        """Keep what a source gave in exchange for a token; return the values that hold now.

        If the store has another token than the exchanged one, that was issued later or does not
        say when, it stays. Raises SettingInvalid.
        """


def holds_a_token(values: Values) -> bool:
    """Tell whether values have a token, or that with which the source makes one."""
    return bool(values.get("access_token") or values.get(MAKES_TOKENS))


def token_store(settings: Settings) -> TokenStore:
    """Return the store that the settings name; raise SettingInvalid for text of another form."""
    if settings.source_tokens is not None:
        text = settings.source_tokens.get_secret_value()
        if text.startswith("/"):
            return FileTokens(TokenFile(Path(text), _parsed_text))
        return GivenTokens(_parsed_text(text))
    if settings.source_secret_arn is not None:
        return SecretTokens(settings.source_secret_arn)
    return GivenTokens({})


class GivenTokens:
    """The tokens of the environment; renewed ones are kept in memory."""

    shared = False

    def __init__(self, tokens: Mapping[str, Values]) -> None:
        self._tokens = dict(tokens)

    def read(self) -> Mapping[str, Values]:
        """Return the present values by source."""
        return self._tokens

    def write(self, source: str, renewed: Values, exchanged: str) -> Values:  # noqa: ARG002
        """Keep renewed values until the process ends."""
        self._tokens[source] = {**self._tokens.get(source, {}), **renewed}
        return self._tokens[source]


class FileTokens:
    """The tokens of a file of this machine. Those of other sources stay as they are."""

    shared = True

    def __init__(self, file: TokenFile) -> None:
        self._file = file

    def read(self) -> Mapping[str, Values]:
        """Return the present values by source; raise SettingInvalid."""
        return self._file.read()

    def write(self, source: str, renewed: Values, exchanged: str) -> Values:
        """Write renewed values into the file, if they are newer; raise SettingInvalid."""

        def changed(stored: Values) -> Values:
            stays = _stays(stored.get("access_token", ""), exchanged, renewed)
            return stored if stays else {**stored, **renewed}

        return self._file.change(source, changed)


class SecretTokens:
    """The tokens of a secret. Other keys of it stay as they are."""

    shared = True

    def __init__(self, arn: str) -> None:
        if not is_arn(arn):
            raise SettingInvalid(_ARN, HIDDEN, "must be the whole ARN of a secret")
        self._arn = arn

    def read(self) -> Mapping[str, Values]:
        """Return the present values by source; raise SettingInvalid."""
        return self._parsed(self._read().text)

    def write(self, source: str, renewed: Values, exchanged: str) -> Values:
        """Write renewed values into the secret, if they are newer; raise SettingInvalid."""
        for _ in range(_TRIES):
            text, version = self._read()
            tokens = self._parsed(text)
            stored = tokens.get(source, {})
            if _stays(stored.get("access_token", ""), exchanged, renewed):
                return stored
            values = {**stored, **renewed}
            changed = json.dumps({**json.loads(text), source: values})
            if not (failure := replace_secret(self._arn, changed, version)):
                return values
            if failure != EXISTS_ALREADY:
                allowed = f"must name a secret that this function may write ({failure})"
                raise SettingInvalid(_ARN, HIDDEN, allowed)
        raise SettingInvalid(_ARN, HIDDEN, "its secret is being changed by others")

    def _read(self) -> SecretText:
        # The ledger and /health show the error, and nobody there needs the number of the account.
        return read_secret(_ARN, self._arn, shown=HIDDEN)

    def _parsed(self, text: str) -> Mapping[str, Values]:
        return _parsed(text, _ARN, "its secret must be")


def _stays(stored: str, exchanged: str, renewed: Values) -> bool:
    """Tell whether the stored token is newer than the renewed one."""
    token = renewed.get("access_token", "")
    if stored in ("", exchanged, token):
        return False
    ours, theirs = dates_of(token).issued_at, dates_of(stored).issued_at
    return ours is None or theirs is None or ours <= theirs


def _parsed_text(text: str) -> Mapping[str, Values]:
    return _parsed(text, _TOKENS, "must be")


def _parsed(text: str, name: str, allowed: str) -> Mapping[str, Values]:
    tokens: object = None
    with suppress(ValueError):
        tokens = json.loads(text)
    if not isinstance(tokens, dict) or not all(_is_of_text(each) for each in tokens.values()):
        # Raised outside of `except`: the context would quote the text.
        raise SettingInvalid(name, HIDDEN, f"{allowed} {_FORM}")
    return tokens


def _is_of_text(values: object) -> bool:
    return isinstance(values, dict) and all(isinstance(each, str) for each in values.values())
