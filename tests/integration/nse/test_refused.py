"""What the client makes of each way in which the exchange refuses a request."""

import pytest

from chain_fetch.nse.client import NseClient
from local.mongod import free_port
from local.nse_simulator.faults import CHAIN, CONTRACTS, PAGE
from local.nse_simulator.server import Exchange
from tests.support.bodies import Json
from tests.support.nse_client import KINDS, NEAREST, chain, client_of, refusal
from tests.support.patience import within

type Refusal = tuple[str, Json, str, float | None]

REFUSALS: list[Refusal] = [
    ("html_200", {}, "not_json", None),
    ("undecodable", {}, "not_json", None),
    ("truncated", {}, "truncated", None),
    ("access_denied", {}, "blocked", None),
    ("http_421", {}, "blocked", None),
    ("rate_limited", {}, "rate_limited", 600.0),
    ("too_many", {}, "rate_limited", None),
    ("too_many", {"retry_after": 17}, "rate_limited", 17.0),
    ("server_error", {}, "server_error", None),
    ("server_error", {"status": 500}, "server_error", None),
    ("server_error", {"status": 502, "retry_after": 9}, "server_error", 9.0),
    ("server_error", {"status": 302}, "server_error", None),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refusal_has_its_reason_and_costs_one_request(
    exchange: Exchange, client: NseClient, case: Refusal
) -> None:
    kind, details, reason, retry_after = case
    client.expiries("NIFTY", within())
    exchange.faults.add(kind, times=1, **details)
    answer = refusal(lambda: chain(client))
    assert (answer.reason, getattr(answer, "retry_after", None)) == (reason, retry_after)
    assert len(exchange.requests.to(CHAIN)) == 1
    assert len(exchange.requests.to(PAGE)) == 1
    assert chain(client).quotes


def test_connection_that_is_reset_again_and_again_is_a_refusal(
    exchange: Exchange, client: NseClient
) -> None:
    client.expiries("NIFTY", within())
    exchange.faults.add("connection_reset", times=2)
    assert refusal(lambda: chain(client)).reason == "server_error"
    assert len(exchange.requests.to(CHAIN)) == 2
    assert chain(client).quotes


def test_nothing_listens() -> None:
    with client_of(f"http://127.0.0.1:{free_port()}") as client:
        assert refusal(lambda: chain(client)).reason == "server_error"


@pytest.mark.parametrize("path", [KINDS, CONTRACTS])
@pytest.mark.parametrize(
    ("kind", "details", "reason"),
    [
        ("server_error", {"status": 500}, "server_error"),
        ("html_200", {}, "not_json"),
        ("truncated", {}, "truncated"),
        ("access_denied", {}, "blocked"),
        ("tarpit", {}, "timeout"),
    ],
)
def test_failure_to_learn_the_expiries_has_its_reason_and_is_not_remembered(
    exchange: Exchange, client: NseClient, path: str, kind: str, details: Json, reason: str
) -> None:
    exchange.faults.add(kind, path=path, times=1, **details)
    deadline = within(1) if kind == "tarpit" else within()
    assert refusal(lambda: client.expiries("NIFTY", deadline)).reason == reason
    assert client.expiries("NIFTY", within())[0] == NEAREST


def test_empty_contract_info_is_asked_again_once(exchange: Exchange, client: NseClient) -> None:
    exchange.faults.add("empty", path=CONTRACTS)
    assert refusal(lambda: client.expiries("NIFTY", within())).reason == "empty"
    assert len(exchange.requests.to(CONTRACTS)) == 2
