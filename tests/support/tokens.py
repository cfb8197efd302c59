"""Tokens as the vendors make them: JWTs whose signature nobody can check."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chain_fetch.tokens.token_store import Values
from optionchain.errors import SettingInvalid


def token(
    issued_at: datetime | None = None, ends_at: datetime | None = None, **claims: object
) -> str:
    """Return a JWT with these dates and further claims."""
    dates = {"iat": issued_at, "exp": ends_at}
    given = {name: int(date.timestamp()) for name, date in dates.items() if date}
    parts = ({"typ": "JWT", "alg": "HS256"}, given | claims, "s3cr3t-signature")
    return ".".join(_encoded(json.dumps(part).encode()) for part in parts)


def _encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


@dataclass
class FakeTokens:
    """A TokenStore in memory; `away` refuses to read, and `locked` to write."""

    tokens: Mapping[str, Values] = field(default_factory=dict)
    away: bool = False
    locked: bool = False
    reads: int = 0
    shared: bool = True

    def read(self) -> Mapping[str, Values]:
        self.reads += 1
        if self.away:
            raise SettingInvalid("SOURCE_SECRET_ARN", "arn", "cannot be read now")
        return self.tokens

    def write(self, source: str, renewed: Values, exchanged: str) -> Values:
        if self.locked:
            raise SettingInvalid("SOURCE_SECRET_ARN", "arn", "must be writable")
        stored = self.tokens[source]
        if stored.get("access_token", "") == exchanged:
            self.tokens = {**self.tokens, source: {**stored, **renewed}}
        return self.tokens[source]
