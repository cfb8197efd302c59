"""The faults of the simulated Dhan, and how it answers the requests that have one."""

from enum import StrEnum
from typing import ClassVar

import orjson
from starlette.responses import HTMLResponse, Response

from local.dhan_simulator.errors import (
    FAILED,
    INVALID_REQUEST,
    INVALID_TOKEN,
    NOT_SUBSCRIBED,
    RATE_LIMIT,
    TOKEN_ENDED,
    TOO_MANY,
    DataRefusal,
    GatewayRefusal,
    data_error,
    gateway_error,
)
from local.stand_in.broken_answers import JSON, undecodable
from local.stand_in.faults import ActiveFaults, AnyFault
from local.stand_in.middleware import FaultAnswers

EXPIRIES = "/v2/optionchain/expirylist"
CHAIN = "/v2/optionchain"
RENEW = "/v2/RenewToken"
PROFILE = "/v2/profile"
GENERATE = "/app/generateAccessToken"
SCRIP_MASTER = "/api-data/api-scrip-master-detailed.csv"


class FaultKind(StrEnum):
    """Every fault by its name."""

    UNAUTHORISED = "unauthorised"  # DH-901 with 401
    TOKEN_ENDED_200 = "token_ended_200"  # noqa: S105  (807 with status 200)
    NOT_SUBSCRIBED = "not_subscribed"  # 806 with 401
    NOT_SUBSCRIBED_200 = "not_subscribed_200"
    TOO_MANY = "too_many"  # 805 with 429, without Retry-After
    TOO_MANY_200 = "too_many_200"
    TOO_MANY_BLANK = "too_many_blank"  # 429 without a body
    RATE_LIMIT = "rate_limit"  # DH-904 with 429
    INVALID_REQUEST = "invalid_request"  # 814 with 400
    BAD_GATEWAY = "bad_gateway"  # 502 in HTML
    SERVER_ERROR = "server_error"  # 800 with 500
    BLANK_CHAIN = "blank_chain"  # every number of every contract is 0
    EMPTY_DATA = "empty_data"  # `data: ""` with status 200
    NO_STRIKES = "no_strikes"  # `oc: {}`
    ODD_SHARES = "odd_shares"  # an open interest that is no whole number of lots
    HTML_200 = "html_200"
    UNDECODABLE = "undecodable"  # the bytes are not of their Content-Encoding
    TRUNCATED = "truncated"  # shorter than its Content-Length
    TARPIT = "tarpit"  # nothing for `seconds`, then the ordinary answer
    SLOW_DRIP = "slow_drip"  # a byte every `seconds`
    CONNECTION_RESET = "connection_reset"
    HUGE = "huge"  # `size` bytes when decoded


class Fault(AnyFault):
    """One fault of the simulated Dhan; by default it is of the requests for chains and expiries."""

    default_path: ClassVar = CHAIN

    kind: FaultKind


class Faults(ActiveFaults[Fault]):
    """The active faults of the simulated Dhan."""

    def __init__(self) -> None:
        super().__init__(Fault)


def _json(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type=JSON)


def _data(refusal: DataRefusal, status: int | None = None) -> Response:
    return _json(data_error(refusal), status or refusal[0])


def _gateway(refusal: GatewayRefusal) -> Response:
    return _json(gateway_error(refusal), refusal[0])


FAULT_ANSWERS: FaultAnswers = {
    FaultKind.UNAUTHORISED: lambda _: _gateway(INVALID_TOKEN),
    FaultKind.TOKEN_ENDED_200: lambda _: _data(TOKEN_ENDED, 200),
    FaultKind.NOT_SUBSCRIBED: lambda _: _data(NOT_SUBSCRIBED),
    FaultKind.NOT_SUBSCRIBED_200: lambda _: _data(NOT_SUBSCRIBED, 200),
    FaultKind.TOO_MANY: lambda _: _data(TOO_MANY),
    FaultKind.TOO_MANY_200: lambda _: _data(TOO_MANY, 200),
    FaultKind.TOO_MANY_BLANK: lambda _: Response(status_code=429),
    FaultKind.RATE_LIMIT: lambda _: _gateway(RATE_LIMIT),
    FaultKind.INVALID_REQUEST: lambda _: _data(INVALID_REQUEST),
    FaultKind.BAD_GATEWAY: lambda _: HTMLResponse("<html><h1>502 Bad Gateway</h1></html>", 502),
    FaultKind.SERVER_ERROR: lambda fault: _data(FAILED, fault.status),
    FaultKind.EMPTY_DATA: lambda _: _json({"data": "", "status": "success"}),
    FaultKind.HTML_200: lambda _: HTMLResponse("<html><body>Please wait</body></html>"),
    FaultKind.UNDECODABLE: lambda _: undecodable(),
}
