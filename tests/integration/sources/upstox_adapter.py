"""Upstox in the contract suite."""

from tests.integration.sources.adapter import (
    HOLIDAYS,
    LISTED,
    NEAR,
    NEW_TOKEN,
    STRIKES,
    TOKEN,
    Adapter,
    Fault,
)
from tests.support.nse_client import Sent, http_answer
from tests.support.upstox_bodies import KEY, LOT, chain, contracts, encoded, error
from tests.support.vendor_server import Asked

_CHAIN = "/v2/option/chain"
_CONTRACTS = contracts(dict.fromkeys(LISTED, float(LOT)), strikes=STRIKES)
_HOLIDAYS = [{"date": f"{day}", "closed_exchanges": ["NSE", "NFO"]} for day in sorted(HOLIDAYS)]
_HTML = b"<!DOCTYPE html><title>Attention Required! | Cloudflare</title>"


def _refused(code: str, status: str) -> bytes:
    return http_answer(encoded(error(code, f"refused: {TOKEN}")), status)


def _answer(asked: Asked) -> Sent:
    if asked.path == "/v2/market/holidays":
        return http_answer(encoded({"status": "success", "data": _HOLIDAYS}))
    if asked.headers.get("authorization") not in (f"Bearer {TOKEN}", f"Bearer {NEW_TOKEN}"):
        return _refused("UDAPI100050", "401 Unauthorized")
    assert asked.query["instrument_key"] == KEY
    if asked.path == "/v2/option/contract":
        return http_answer(encoded(_CONTRACTS))
    assert (asked.path, asked.query["expiry_date"]) == (_CHAIN, f"{NEAR}")
    return http_answer(encoded(chain(STRIKES)))


ADAPTER = Adapter(
    name="upstox",
    settings=lambda url: {"source_urls": {"upstox": url}},
    answer=_answer,
    is_chain=lambda asked: asked.path == _CHAIN,
    unsent=frozenset({"total_buy_qty", "total_sell_qty"}),
    faults={
        "error under 200": Fault(_refused("UDAPI10005", "200 OK"), "rate_limited"),
        "limit": Fault(_refused("UDAPI10005", "429 Too Many Requests"), "rate_limited"),
        "limit of the front": Fault(
            http_answer(b"<h1>Cloudflare rate limit</h1>", "403 Forbidden"), "rate_limited"
        ),
        "front": Fault(http_answer(_HTML, "403 Forbidden"), "blocked"),
        "fixed address": Fault(_refused("UDAPI1221", "401 Unauthorized"), "blocked"),
        "maintenance": Fault(http_answer(_HTML, "503 Unavailable"), "server_error"),
        "unknown key": Fault(_refused("UDAPI100011", "400 Bad Request"), "invalid_payload"),
        "no rows": Fault(http_answer(b'{"status":"success","data":[]}'), "empty"),
        "null": Fault(http_answer(b'{"status":"success","data":null}'), "empty"),
        "half an answer": Fault(
            http_answer(encoded({**chain(STRIKES), "status": "partial_success"})),
            "invalid_payload",
        ),
        "a part of a lot": Fault(http_answer(encoded(chain(STRIKES, oi=66))), "invalid_payload"),
        "other symbol": Fault(
            http_answer(encoded(chain(STRIKES, key="NSE_INDEX|Nifty Bank"))), "invalid_payload"
        ),
    },
    token={"access_token": TOKEN},
    other_token={"access_token": NEW_TOKEN},
    sends_token=lambda asked, token: asked.headers.get("authorization") == f"Bearer {token}",
    dead_token=_refused("UDAPI100050", "401 Unauthorized"),
    other_use=_refused("UDAPI100067", "401 Unauthorized"),
)
