"""The faults of the simulated Upstox, and how it answers the requests that have one."""

from enum import StrEnum
from typing import ClassVar

import orjson
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from local.stand_in.broken_answers import JSON, undecodable
from local.stand_in.faults import ActiveFaults, AnyFault
from local.stand_in.middleware import FaultAnswers
from local.upstox_simulator.errors import (
    FAILED,
    INVALID_TOKEN,
    NOT_FOR_THIS_TOKEN,
    STATIC_IP,
    TOO_MANY,
    Refusal,
    error_body,
)

CHAIN = "/v2/option/chain"
CONTRACTS = "/v2/option/contract"
HOLIDAYS = "/v2/market/holidays"
MARKET_STATUS = "/v2/market/status/NSE"
QUOTES = "/v3/market-quote/quotes"
QUOTES_BEFORE = "/v2/market-quote/quotes"


class FaultKind(StrEnum):
    """Every fault by its name."""

    UNAUTHORISED = "unauthorised"  # the token is not known
    NOT_FOR_THIS_TOKEN = "not_for_this_token"  # noqa: S105  (a token for orders only)
    STATIC_IP = "static_ip"
    TOO_MANY = "too_many"  # 429 without Retry-After
    TOO_MANY_200 = "too_many_200"  # the same refusal with status 200
    ERROR_200 = "error_200"  # an error with status 200
    FRONT_REFUSED = "front_refused"  # the front's 403 in HTML
    FRONT_RATE_LIMIT = "front_rate_limit"  # the front's 429 in HTML
    MAINTENANCE = "maintenance"  # 503
    LOCKED = "locked"  # 423
    SERVER_ERROR = "server_error"
    NULL_DATA = "null_data"  # `data: null` with status 200
    EMPTY_DATA = "empty_data"  # `data: []` with status 200
    PARTIAL = "partial"  # `status: partial_success`
    BLANK_CHAIN = "blank_chain"  # every number of every contract is 0
    TWO_EXPIRIES = "two_expiries"  # the last row is of another expiry
    ODD_SHARES = "odd_shares"  # an open interest that is no whole number of lots
    NO_LOTS = "no_lots"  # contracts without a lot
    HTML_200 = "html_200"
    UNDECODABLE = "undecodable"  # the bytes are not of their Content-Encoding
    TRUNCATED = "truncated"  # shorter than its Content-Length
    TARPIT = "tarpit"  # nothing for `seconds`, then the ordinary answer
    SLOW_DRIP = "slow_drip"  # a byte every `seconds`
    CONNECTION_RESET = "connection_reset"
    HUGE = "huge"  # `size` bytes when decoded


class Fault(AnyFault):
    """One fault of the simulated Upstox; by default it is of the requests for chains."""

    default_path: ClassVar = CHAIN
    paths: ClassVar = {FaultKind.NO_LOTS: CONTRACTS}

    kind: FaultKind


class Faults(ActiveFaults[Fault]):
    """The active faults of the simulated Upstox."""

    def __init__(self) -> None:
        super().__init__(Fault)


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type=JSON)


def _refusal(refusal: Refusal, status: int | None = None) -> Response:
    return _json(error_body(refusal), status or refusal[0])


def _front(status: int, title: str, text: str) -> Response:
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{text}</body></html>"
    return HTMLResponse(page, status)


FAULT_ANSWERS: FaultAnswers = {
    FaultKind.UNAUTHORISED: lambda fault: _refusal(INVALID_TOKEN, fault.status),
    FaultKind.NOT_FOR_THIS_TOKEN: lambda fault: _refusal(NOT_FOR_THIS_TOKEN, fault.status),
    FaultKind.STATIC_IP: lambda _: _refusal(STATIC_IP),
    FaultKind.TOO_MANY: lambda _: _refusal(TOO_MANY),
    FaultKind.TOO_MANY_200: lambda _: _refusal(TOO_MANY, 200),
    FaultKind.ERROR_200: lambda _: _refusal(FAILED, 200),
    FaultKind.FRONT_REFUSED: lambda _: _front(403, "Access denied", "Error code: 1010"),
    FaultKind.FRONT_RATE_LIMIT: lambda _: _front(429, "Rate limited", "Error code: 1015"),
    FaultKind.MAINTENANCE: lambda _: PlainTextResponse("temporarily offline for maintenance", 503),
    FaultKind.LOCKED: lambda _: _json({"status": "error", "errors": []}, 423),
    FaultKind.SERVER_ERROR: lambda fault: _refusal(FAILED, fault.status),
    FaultKind.NULL_DATA: lambda _: _json({"status": "success", "data": None}),
    FaultKind.EMPTY_DATA: lambda _: _json({"status": "success", "data": []}),
    FaultKind.HTML_200: lambda _: _front(200, "Just a moment...", "Checking your browser"),
    FaultKind.UNDECODABLE: lambda _: undecodable(),
}
