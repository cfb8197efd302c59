"""Dhan in the contract suite."""

import orjson

from chain_fetch.dhan.refusals import LIMIT_SECONDS
from optionchain.contract_terms import ContractTerms
from tests.integration.sources.adapter import (
    LISTED,
    NEAR,
    NEW_TOKEN,
    STRIKES,
    SYMBOL,
    TOKEN,
    Adapter,
    Fault,
)
from tests.support.dhan_bodies import (
    LOT,
    NUMBERS,
    api_error,
    chain,
    data_error,
    encoded,
    expiry_list,
)
from tests.support.nse_client import Sent, http_answer
from tests.support.vendor_server import Asked

_CHAIN, _EXPIRIES = "/v2/optionchain", "/v2/optionchain/expirylist"
_CLIENT = "1100000001"
_HTML = b"<html><title>502 Bad Gateway</title></html>"
_ZEROS = dict.fromkeys(NUMBERS.keys() - {"security_id"}, 0)


def _data(code: str, status: str) -> bytes:
    return http_answer(encoded(data_error(code, f"refused: {TOKEN}")), status)


def _api(code: str, status: str) -> bytes:
    return http_answer(encoded(api_error(code, f"refused: {TOKEN}")), status)


def _answer(asked: Asked) -> Sent:
    token = asked.headers.get("access-token")
    if token not in (TOKEN, NEW_TOKEN) or asked.headers.get("client-id") != _CLIENT:
        return _data("809", "401 Unauthorized")
    content = orjson.loads(asked.body)
    underlying = {"UnderlyingScrip": 13, "UnderlyingSeg": "IDX_I"}
    assert asked.method == "POST"
    if asked.path == _EXPIRIES:
        assert content == underlying
        return http_answer(encoded(expiry_list(LISTED)))
    assert (asked.path, content) == (_CHAIN, underlying | {"Expiry": f"{NEAR}"})
    return http_answer(encoded(chain(STRIKES)))


ADAPTER = Adapter(
    name="dhan",
    settings=lambda url: {"source_urls": {"dhan": url, "dhan-login": url}},
    answer=_answer,
    is_chain=lambda asked: asked.path == _CHAIN,
    unsent=frozenset({"total_buy_qty", "total_sell_qty"}),
    # They come from the vendor's file, which is read by the contract master.
    lots={(SYMBOL, NEAR): ContractTerms(LOT)},
    limit_waits=LIMIT_SECONDS,
    faults={
        "limit": Fault(_data("805", "429 Too Many Requests"), "rate_limited", LIMIT_SECONDS),
        "limit under 200": Fault(_data("805", "200 OK"), "rate_limited", LIMIT_SECONDS),
        "blank later chain": Fault(http_answer(encoded(chain(()))), "rate_limited"),
        "chain of zeros": Fault(
            http_answer(encoded(chain(STRIKES, underlying=0, **_ZEROS))), "rate_limited"
        ),
        "token ended under 200": Fault(_data("807", "200 OK"), "unauthorised"),
        "no plan under 200": Fault(_data("806", "200 OK"), "unauthorised"),
        "failed without a code": Fault(
            http_answer(b'{"data":"","status":"failure"}'), "server_error"
        ),
        "expiry not listed": Fault(_data("811", "400 Bad Request"), "empty"),
        "bad request": Fault(_data("814", "400 Bad Request"), "server_error"),
        "fixed address": Fault(_api("DH-911", "403 Forbidden"), "blocked"),
        "front": Fault(http_answer(_HTML, "403 Forbidden"), "blocked"),
        "bad gateway": Fault(http_answer(_HTML, "502 Bad Gateway"), "server_error"),
        "status not success": Fault(
            http_answer(encoded(chain(STRIKES) | {"status": "partial" + " " * 9_000})),
            "invalid_payload",
        ),
        "a part of a lot": Fault(http_answer(encoded(chain(STRIKES, oi=66))), "invalid_payload"),
    },
    token={"access_token": TOKEN, "client_id": _CLIENT},
    other_token={"access_token": NEW_TOKEN, "client_id": _CLIENT},
    sends_token=lambda asked, token: asked.headers.get("access-token") == token,
    dead_token=_data("807", "401 Unauthorized"),
    other_use=_data("806", "401 Unauthorized"),
)
