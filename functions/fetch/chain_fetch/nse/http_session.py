"""One HTTP session with the exchange: cookies, request budget, time-outs.

An ordinary client: it sends ordinary headers, and when it is blocked it stops asking.
"""

import threading
from collections.abc import Mapping

from pyrate_limiter import Duration, Limiter, Rate

from chain_fetch.blank_json import says_nothing
from chain_fetch.http.answer import Answer
from chain_fetch.http.budgeted_sender import BudgetedSender
from chain_fetch.http.request import HttpRequest
from chain_fetch.http.sent_body import IsKnown, SentBody
from chain_fetch.http.user_agent import USER_AGENT
from chain_fetch.nse.refusals import check_answer, check_page
from chain_fetch.refused import Refused
from chain_fetch.source import Places

_RENEWALS_PER_MINUTE = 4

HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-IN,en;q=0.9",
    # br is left out: the exchange would use it, and this client cannot decode it.
    "Accept-Encoding": "gzip, deflate",
}


class NseHttpSession:
    """Sends GET requests to the exchange's API within a budget; safe for several threads.

    The first request fetches the session's cookies. A request that is refused because of its
    cookies renews them once, at most four times a minute for all requests together. A request whose
    kept connection turns out to be closed is sent once more.
    """

    def __init__(self, base_url: str, places: Places, workers: int = 8) -> None:
        self._base_url = base_url
        self._renewals = Limiter(Rate(_RENEWALS_PER_MINUTE, Duration.MINUTE))
        self._sender = BudgetedSender(places.take, HEADERS, workers)
        self._lock = threading.Lock()
        self._generation = 0  # how often the cookies were fetched

    def get(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:
        """Return the body of an API answer of status 200.

        `deadline` is a `time.monotonic()` second by which everything must have ended. Raises
        Refused, with reason `busy` if the budget leaves no request before the deadline.
        """
        return self._get(path, params, deadline).body

    def get_sent(
        self, path: str, params: Mapping[str, str], deadline: float, is_known: IsKnown
    ) -> SentBody:
        """Return the body of an answer as it was sent, as `get` does.

        One that `is_known` by its digest is not decoded, and was no refusal when it was read.
        """
        answer = self._get(path, params, deadline, is_known)
        return answer.sent or SentBody(answer.body)

    def _get(
        self,
        path: str,
        params: Mapping[str, str],
        deadline: float,
        is_known: IsKnown | None = None,
    ) -> Answer:
        generation = self._fetch_cookies(deadline, stale=0)
        try:
            return self._request(path, params, deadline, is_known)
        except Refused as refusal:
            if refusal.reason not in ("unauthorised", "empty"):
                raise
            try:
                self._fetch_cookies(deadline, stale=generation)
            except _RenewedTooOften as limit:
                # The refusal itself tells more: `empty` is how a moved expiry is found out.
                raise Refused(refusal.reason, f"{refusal.detail}; {limit.detail}") from None
            return self._request(path, params, deadline, is_known)

    def close(self) -> None:
        """Close the connections."""
        self._sender.close()

    def _fetch_cookies(self, deadline: float, stale: int) -> int:
        """Return the cookies' generation; fetch new ones if none is newer than `stale`."""
        with self._lock:
            if self._generation > stale:
                return self._generation
            if self._generation and not self._renewals.try_acquire(blocking=False):
                raise _RenewedTooOften("unauthorised", "the session was renewed too often")
            self._sender.cookies.clear()
            self._sender.send(HttpRequest(f"{self._base_url}/option-chain"), deadline, check_page)
            self._generation += 1
            return self._generation

    def _request(
        self, path: str, params: Mapping[str, str], deadline: float, is_known: IsKnown | None
    ) -> Answer:
        headers = {"Referer": f"{self._base_url}/option-chain", "Accept": "application/json"}
        request = HttpRequest(self._base_url + path, params, headers)
        answer = self._sender.exchange(request, deadline, check_answer, is_known)
        if not answer.known and says_nothing(answer.body):
            raise Refused("empty", f"the body is {answer.body[:40].decode(errors='replace')}")
        return answer


class _RenewedTooOften(Refused):
    """The cookies were renewed as often as they may be in a minute."""
