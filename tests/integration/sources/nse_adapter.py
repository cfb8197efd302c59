"""NSE's own site in the contract suite."""

from optionchain.exchange_time import expiry_text
from tests.integration.sources.adapter import (
    HOLIDAYS,
    LISTED,
    NEAR,
    STRIKES,
    SYMBOL,
    Adapter,
    Fault,
)
from tests.support.bodies import chain_body
from tests.support.nse_client import KINDS, Sent, http_answer
from tests.support.upstox_bodies import encoded
from tests.support.vendor_server import Asked

_CHAIN = "/api/option-chain-v3"
_LISTS = {
    KINDS: {"data": {"IndexList": [{"symbol": SYMBOL}], "UnderlyingList": [{"symbol": "IDEA"}]}},
    "/api/option-chain-contract-info": {"expiryDates": [expiry_text(day) for day in LISTED]},
    "/api/holiday-master": {"FO": [{"tradingDate": expiry_text(day)} for day in HOLIDAYS]},
}


def _answer(asked: Asked) -> Sent:
    if asked.path in _LISTS:
        return http_answer(encoded(_LISTS[asked.path]))
    if asked.path == _CHAIN:
        assert asked.query["expiry"] == expiry_text(NEAR)
        return http_answer(encoded(chain_body(STRIKES)))
    return http_answer(Set_Cookie="nsit=1")


ADAPTER = Adapter(
    name="nse",
    settings=lambda url: {"nse_base_url": url},
    answer=_answer,
    is_chain=lambda asked: asked.path == _CHAIN,
    counts_shares=False,
    faults={
        "blocked": Fault(http_answer(b"<h1>Access Denied</h1>", "403 Forbidden"), "blocked"),
        "rate limit page": Fault(
            http_answer(b"<h1>Access Restricted</h1>", "403 Forbidden"), "rate_limited", 600
        ),
        "empty object": Fault(http_answer(b"{}"), "empty"),
        "no rows": Fault(http_answer(b'{"records":{"data":[],"timestamp":"x"}}'), "empty"),
        "stale session": Fault(http_answer(b"Resource not found", "404 No"), "unauthorised"),
    },
)
