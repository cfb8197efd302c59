"""A request whose token is refused is sent once more, and the refusal that tells more is raised."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from urllib3.connection import HTTPConnection

from chain_fetch.dhan.http_session import DhanHttpSession
from chain_fetch.dhan.token import Token
from chain_fetch.dhan.token_exchange import LoginRefused
from chain_fetch.http.request_budget import RequestBudget
from chain_fetch.http.sending import BEFORE_SENDING
from chain_fetch.http.window import Window
from chain_fetch.refused import Refused
from local.mongod import free_port
from tests.support.budgets import FakeCounts, places_of
from tests.support.dhan_bodies import api_error, chain, data_error, encoded
from tests.support.nse_client import http_answer
from tests.support.patience import within
from tests.support.source_parts import CountedPlaces
from tests.support.vendor_server import Asked, vendor_server

OLD, NEW = Token("11", "an-old-t0ken"), Token("11", "a-new-t0ken")
GOOD = http_answer(encoded(chain()))
ENDED = http_answer(encoded(data_error("807")), "401 Unauthorized")
BUSY = http_answer(encoded(data_error("805")), "429 Too Many Requests")
INVALID = http_answer(encoded(api_error("DH-901")), "401 Unauthorized")


@dataclass
class FakeTokens:
    """A token, and what takes its place once it was refused."""

    other: Token | Refused | None
    refused: list[Token] = field(default_factory=list)

    def current(self, deadline: float) -> Token:  # noqa: ARG002
        return OLD

    def instead_of(self, token: Token, deadline: float) -> Token | None:  # noqa: ARG002
        self.refused.append(token)
        if isinstance(self.other, Refused):
            raise self.other
        return self.other


def post(
    tokens: FakeTokens, old: bytes, new: bytes = GOOD, places: int = 9
) -> tuple[bytes | Refused, list[str]]:
    """Return what a request brings, and the tokens that were sent."""

    def answer(asked: Asked) -> bytes:
        return old if asked.headers["access-token"] == OLD.access_token else new

    with vendor_server(answer) as server:
        session = DhanHttpSession(server.url, CountedPlaces(places), tokens)
        try:
            found: bytes | Refused = session.post("/v2/optionchain", {}, within())
        except Refused as refusal:
            found = refusal
        session.close()
        return found, [asked.headers["access-token"] for asked in server.asked]


def test_another_token_is_used_at_once() -> None:
    found, sent = post(tokens := FakeTokens(NEW), ENDED)
    assert (found, sent) == (encoded(chain()), [OLD.access_token, NEW.access_token])
    assert tokens.refused == [OLD]


def test_what_a_request_that_was_not_sent_waits_for_delays_no_other() -> None:
    """A refused connection leaves its wait, and the next request of the thread may be of NSE."""

    def wait() -> None:
        raise Refused("busy", "this is the wait of another request")

    class Leaving(CountedPlaces):
        def take(self, deadline: float) -> bool:
            BEFORE_SENDING.set(wait)
            return super().take(deadline)

    away = DhanHttpSession(f"http://127.0.0.1:{free_port()}", Leaving(9), FakeTokens(None))
    with pytest.raises(Refused, match="no connection"):
        away.post("/v2/optionchain", {}, within())
    assert BEFORE_SENDING.get() is None
    BEFORE_SENDING.set(wait)  # as whatever else may leave it
    assert post(FakeTokens(None), GOOD)[0] == encoded(chain())


@pytest.mark.parametrize(
    ("tokens", "answers", "places", "detail", "requests"),
    [
        (FakeTokens(None), (ENDED, GOOD), 9, "807", 1),
        # No place was left for the second request: the first refusal tells more.
        (FakeTokens(NEW), (ENDED, GOOD), 1, "807", 1),
        (FakeTokens(NEW), (ENDED, BUSY), 9, "805", 2),
        (FakeTokens(NEW), (ENDED, INVALID), 9, "DH-901", 2),
        (FakeTokens(LoginRefused("unauthorised", "the PIN")), (ENDED, GOOD), 9, "the PIN", 1),
        # Nothing is wrong with the token.
        (FakeTokens(NEW), (BUSY, GOOD), 9, "805", 1),
    ],
)
def test_the_refusal_that_tells_more_is_raised(
    tokens: FakeTokens, answers: tuple[bytes, bytes], places: int, detail: str, requests: int
) -> None:
    found, sent = post(tokens, *answers, places)
    assert isinstance(found, Refused)
    assert detail in found.detail
    assert len(sent) == requests
    assert not any(token.access_token in repr(found) for token in (OLD, NEW))


def test_a_connection_that_opens_late_shortens_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window is counted from what the server sees."""
    connect, came = HTTPConnection.connect, list[float]()

    def connect_late(self: HTTPConnection) -> None:
        time.sleep(0.25)
        connect(self)

    def answer(asked: Asked) -> bytes:  # noqa: ARG001
        came.append(time.monotonic())
        return GOOD

    monkeypatch.setattr(HTTPConnection, "connect", connect_late)
    windows = (Window(1, 0.4),)
    places = places_of(windows, FakeCounts(), lambda: datetime.now(UTC))
    with vendor_server(answer) as server:
        session = DhanHttpSession(server.url, RequestBudget(windows, places), FakeTokens(None))
        for _ in range(3):
            session.post("/v2/optionchain", {}, within())
        session.close()
    # The server notes a request a little after it was sent.
    assert min(came[1] - came[0], came[2] - came[1]) > 0.36


def test_a_request_that_is_not_sent_holds_up_no_other_one() -> None:
    """After a refusal that ends the tick, a login in the same thread waits for nothing."""
    windows, until = (Window(9, 1),), within()
    places = places_of(windows, FakeCounts(), lambda: datetime.now(UTC))
    with vendor_server(lambda asked: BUSY) as server:  # noqa: ARG005
        session = DhanHttpSession(server.url, RequestBudget(windows, places), FakeTokens(None))
        for _ in range(2):
            with pytest.raises(Refused, match="805"):
                session.post("/v2/optionchain", {}, until)
        session.close()
        assert len(server.asked) == 1
    assert BEFORE_SENDING.get() is None
