"""A body whose bytes are known is neither decoded nor searched, and a refusal stays one."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from chain_fetch.http.request_budget import RequestBudget
from chain_fetch.http.sent_body import SentBody
from chain_fetch.http.window import Window
from chain_fetch.nse.body_parser import parse
from chain_fetch.nse.client import CHAIN, NseClient
from chain_fetch.nse.http_session import NseHttpSession
from local.nse_simulator.server import Exchange
from tests.support.nse_client import NEAREST, NOON, refusal
from tests.support.patience import within


@pytest.fixture
def session(exchange: Exchange) -> Iterator[NseHttpSession]:
    with closing(NseHttpSession(exchange.url, RequestBudget([Window(20, 1)]))) as session:
        yield session


def asked(session: NseHttpSession, *known: bytes) -> SentBody:
    named = NseClient(session, lambda: NOON).named("NIFTY", NEAREST, within())
    return session.get_sent(CHAIN, named, within(), lambda digest: digest in known)


def test_known_bytes_are_not_decoded(session: NseHttpSession) -> None:
    first = asked(session)
    assert (first.codings, "decoded" in vars(first)) == (("gzip",), True)
    again = asked(session, first.digest)
    assert (again.data, "decoded" in vars(again)) == (first.data, False)
    assert parse(again.decoded, "NIFTY", NOON) == parse(first.decoded, "NIFTY", NOON)


def test_bytes_that_are_not_known_are_decoded(exchange: Exchange, session: NseHttpSession) -> None:
    first = asked(session)
    exchange.faults.add("other_node")
    other = asked(session, first.digest)
    assert (other.digest == first.digest, "decoded" in vars(other)) == (False, True)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("access_denied", "blocked"),
        ("too_many", "rate_limited"),
        ("server_error", "server_error"),
        ("undecodable", "not_json"),
        ("truncated", "truncated"),
        ("empty", "empty"),
    ],
)
def test_an_answer_that_is_refused_is_so_whatever_is_known(
    exchange: Exchange, session: NseHttpSession, fault: str, reason: str
) -> None:
    first = asked(session)
    exchange.faults.add(fault)
    assert refusal(lambda: asked(session, first.digest)).reason == reason


def test_the_status_counts_before_the_bytes(exchange: Exchange, session: NseHttpSession) -> None:
    """Even if somebody took the bytes of a refusal for known ones."""
    asked(session)
    exchange.faults.add("access_denied")
    named = NseClient(session, lambda: NOON).named("NIFTY", NEAREST, within())
    refused = refusal(lambda: session.get_sent(CHAIN, named, within(), lambda _: True))
    assert refused.reason == "blocked"
