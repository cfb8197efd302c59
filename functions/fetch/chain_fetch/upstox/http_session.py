"""The HTTP session with Upstox: the token, the request budget, refusals."""

from collections.abc import Mapping

from chain_fetch.http.budgeted_sender import BudgetedSender
from chain_fetch.http.request import HttpRequest
from chain_fetch.http.user_agent import USER_AGENT
from chain_fetch.refused import Refused
from chain_fetch.source import Credentials, Places
from chain_fetch.upstox.refusals import TokenRefused, check_answer

# They are answered without a token, too.
_OPEN_PATHS = ("/v2/market/holidays",)
_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
}


class UpstoxHttpSession:
    """Sends GET requests with the present token; safe for several threads.

    A token that is refused is told to `credentials`. If there is another one, the request is sent
    once more with it; what needs no token is then asked for without one.
    """

    def __init__(
        self, base_url: str, places: Places, credentials: Credentials, workers: int = 8
    ) -> None:
        self._base_url = base_url
        self._credentials = credentials
        self._sender = BudgetedSender(places.take, _HEADERS, workers)

    def get(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:
        """Return the body of an answer of status 200; raise Refused."""
        token = self._token(path)
        try:
            return self._send(path, params, token, deadline)
        except TokenRefused:
            if token is None:
                raise
            self._credentials.refused(token)
            other = self._token(path)
            if other == token:
                if path not in _OPEN_PATHS:
                    raise
                other = None
            return self._send(path, params, other, deadline)

    def close(self) -> None:
        """Close the connections."""
        self._sender.close()

    def _send(
        self, path: str, params: Mapping[str, str], token: str | None, deadline: float
    ) -> bytes:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = HttpRequest(self._base_url + path, params, headers)
        return self._sender.send(request, deadline, check_answer)

    def _token(self, path: str) -> str | None:
        """Return the token; None if there is none and the path needs none."""
        try:
            token = self._credentials.current().get("access_token", "").strip()
            if not token:
                raise Refused("unauthorised", "there is no access_token of Upstox")
            if not (token.isascii() and token.isprintable()) or " " in token:
                raise Refused("unauthorised", "the access_token of Upstox cannot be a header")
        except Refused:
            if path in _OPEN_PATHS:
                return None
            raise
        return token
