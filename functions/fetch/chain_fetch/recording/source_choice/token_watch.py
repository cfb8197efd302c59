"""Looks once an invocation at the tokens of the sources, so that none ends by surprise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.recording.source_choice.source_backoff import SourceBackoff
from optionchain.mongo.token_register import TokenState


class CheckedToken(Protocol):
    """The credentials of a source: SourceCredentials, or a fake in tests."""

    def check(self) -> tuple[TokenState, bool]:
        """Return the state of the token, and whether there is another one than before."""


@dataclass(frozen=True)
class WatchedToken:
    """The token of a source by its name, and the waits of that source."""

    name: str
    credentials: CheckedToken
    backoff: SourceBackoff


@dataclass(frozen=True)
class TokenWatch:
    """Counts and logs which tokens need a person; a new token ends the wait for the old one."""

    tokens: Sequence[WatchedToken]
    telemetry: Telemetry
    now: Callable[[], datetime]

    def __call__(self) -> None:
        """Look at every token; nothing is done if no source needs one."""
        for each in self.tokens:
            state, replaced = each.credentials.check()
            if replaced:
                each.backoff.forget("unauthorised")
            needed = state.needs_a_person(self.now())
            self.telemetry.count("TokenEnding", int(needed))
            if needed or state.detail:
                self._warn(each.name, state)

    def _warn(self, name: str, state: TokenState) -> None:
        extra = {
            "source": name,
            "status": state.status(self.now()),
            "ends_at": state.ends_at and state.ends_at.isoformat(),
            "detail": state.detail,
        }
        self.telemetry.logger.warning("token", extra=extra)
