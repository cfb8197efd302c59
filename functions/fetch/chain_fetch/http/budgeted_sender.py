"""Sends requests within a budget and a deadline, and stops for the tick when the source blocks."""

import time
from collections.abc import Callable, Mapping

from requests.cookies import RequestsCookieJar

from chain_fetch.http.answer import Answer
from chain_fetch.http.kept_connections import HttpClient
from chain_fetch.http.request import ClosedUnanswered, HttpRequest, answer_to
from chain_fetch.http.sending import BEFORE_SENDING
from chain_fetch.http.sent_body import IsKnown
from chain_fetch.refused import Refused


class BudgetedSender:
    """Requests of one source, for several threads.

    A request whose kept connection turns out to be closed is sent once more. After an answer that
    refuses for one of the reasons `ends_tick`, the other requests of the tick are not sent.
    """

    def __init__(
        self,
        take_place: Callable[[float], bool],
        headers: Mapping[str, str],
        connections: int,
        ends_tick: tuple[str, ...] = ("blocked", "rate_limited"),
    ) -> None:
        self._take = take_place
        self._headers = headers
        self._http = HttpClient(headers, connections)
        self._ends_tick = ends_tick
        self._blocks: dict[float, Refused] = {}  # by the deadline of the tick

    @property
    def cookies(self) -> RequestsCookieJar:
        """The cookies of the session, which go with every request."""
        return self._http.cookies

    def send(self, request: HttpRequest, deadline: float, check: Callable[[Answer], None]) -> bytes:
        """Return the body of an answer that `check` does not refuse; raise Refused.

        `deadline` is a `time.monotonic()` second by which everything must have ended. The reason is
        `busy` if the budget leaves no request before it.
        """
        return self.exchange(request, deadline, check).body

    def exchange(
        self,
        request: HttpRequest,
        deadline: float,
        check: Callable[[Answer], None],
        is_known: IsKnown | None = None,
    ) -> Answer:
        """Return an answer as `send` does; its body is not decoded if `is_known` by its digest."""
        try:
            answer = self._exchange(request, deadline, is_known)
        finally:
            # A request that was not sent has waited for nothing, and no later one of this thread,
            # perhaps of another source, may wait in its place.
            BEFORE_SENDING.set(None)
        try:
            check(answer)
        except Refused as refusal:
            if refusal.reason in self._ends_tick:
                # Requests of the same tick share its deadline.
                now = time.monotonic()
                kept = {until: each for until, each in self._blocks.items() if until > now}
                self._blocks = {**kept, deadline: refusal}
            raise
        if time.monotonic() > deadline:
            raise Refused("timeout", "the answer came after the end of the tick")
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _exchange(self, request: HttpRequest, deadline: float, is_known: IsKnown | None) -> Answer:
        self._take_place(deadline)
        try:
            return answer_to(request, self._http, deadline, is_known)
        except ClosedUnanswered as closed:
            try:
                self._take_place(deadline)
            except Refused:
                raise closed from None
            with HttpClient(self._headers, connections=1) as unused:
                unused.cookies = self._http.cookies
                return answer_to(request, unused, deadline, is_known)

    def _take_place(self, deadline: float) -> None:
        BEFORE_SENDING.set(None)
        if not self._take(deadline):
            raise Refused("busy", "the request budget leaves no request in this tick")
        if block := self._blocks.get(deadline):
            raise block
