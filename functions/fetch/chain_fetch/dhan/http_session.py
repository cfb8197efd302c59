"""The HTTP session with Dhan: its headers, the request budget, the token."""

from collections.abc import Mapping
from typing import Any, Protocol

from chain_fetch.dhan.refusals import TokenRefused, check_answer
from chain_fetch.dhan.token import Token
from chain_fetch.http.budgeted_sender import BudgetedSender
from chain_fetch.http.request import HttpRequest
from chain_fetch.refused import Refused
from chain_fetch.source import Places

_HEADERS = {
    "User-Agent": "nse-option-chain",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
}


class Tokens(Protocol):
    """Where the present token comes from: TokenRenewal, or a fake in tests."""

    def current(self, deadline: float) -> Token:
        """Return the present token; raise Refused if there is none."""

    def instead_of(self, token: Token, deadline: float) -> Token | None:
        """Return another token than one that was refused, None if there is none."""


class DhanHttpSession:
    """Sends POST requests with the present token; safe for several threads.

    A request whose token is refused is sent once more if there is another token.
    """

    def __init__(self, base_url: str, places: Places, tokens: Tokens, workers: int = 8) -> None:
        self._base_url = base_url
        self._tokens = tokens
        self._sender = BudgetedSender(places.take, _HEADERS, workers)

    def post(self, path: str, content: Mapping[str, Any], deadline: float) -> bytes:
        """Return the body of an answer that may be data; raise Refused.

        `deadline` is a `time.monotonic()` second by which everything must have ended.
        """
        token = self._tokens.current(deadline)
        try:
            return self._send(path, content, token, deadline)
        except TokenRefused as refusal:
            if (other := self._tokens.instead_of(token, deadline)) is None:
                raise
            try:
                return self._send(path, content, other, deadline)
            except Refused as second:
                # Without a place for the second request, the first refusal tells more.
                raise (refusal if second.reason == "busy" else second) from None

    def close(self) -> None:
        """Close the connections."""
        self._sender.close()

    def _send(self, path: str, content: Mapping[str, Any], token: Token, deadline: float) -> bytes:
        headers = {"access-token": token.access_token, "client-id": token.client_id}
        request = HttpRequest(self._base_url + path, {}, headers, "POST", content)
        return self._sender.send(request, deadline, check_answer)
