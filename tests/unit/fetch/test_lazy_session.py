"""The exchange's session is made once, when it is needed."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from chain_fetch.nse.lazy_session import LazyHttpSession


class _Session:
    closed = False

    def get(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:
        return f"{path} {dict(params)} {deadline}".encode()

    def close(self) -> None:
        self.closed = True


def test_nothing_is_made_before_it_is_needed() -> None:
    made: list[_Session] = []
    session = LazyHttpSession(lambda: made.append(_Session()) or made[-1])  # type: ignore[func-returns-value]
    session.close()
    assert made == []
    assert session.get("/a", {"b": "c"}, 1.5) == b"/a {'b': 'c'} 1.5"
    session.open()
    assert len(made) == 1
    session.close()
    assert made[0].closed


def test_requests_at_once_share_one() -> None:
    made: list[_Session] = []
    at_once = Barrier(8)
    session = LazyHttpSession(lambda: made.append(_Session()) or made[-1])  # type: ignore[func-returns-value]

    def ask(number: int) -> bytes:
        at_once.wait(5)
        return session.get("/", {}, number)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 8
    assert len(made) == 1
