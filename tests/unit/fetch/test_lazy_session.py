"""The exchange's session is made once, when it is needed."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from chain_fetch.http.lazy_session import LazyHttpSession
from tests.support.patience import PATIENCE_SECONDS


class _Session:
    closed = False

    def get(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:
        return f"{path} {dict(params)} {deadline}".encode()

    def close(self) -> None:
        self.closed = True


class _Factory:
    """Creates sessions, and counts them."""

    def __init__(self) -> None:
        self.created: list[_Session] = []

    def __call__(self) -> _Session:
        self.created.append(_Session())
        return self.created[-1]


def test_a_session_is_created_when_it_is_first_needed() -> None:
    factory = _Factory()
    session = LazyHttpSession(factory)
    session.close()
    assert factory.created == []
    assert session.get("/a", {"b": "c"}, 1.5) == b"/a {'b': 'c'} 1.5"
    session.open()
    session.close()
    assert [each.closed for each in factory.created] == [True]


def test_simultaneous_requests_share_one_session() -> None:
    factory, at_once = _Factory(), Barrier(8)
    session = LazyHttpSession(factory)

    def ask(number: int) -> bytes:
        at_once.wait(PATIENCE_SECONDS)
        return session.get("/", {}, number)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 8
    assert len(factory.created) == 1
