"""The faults of the simulated exchange, and which of them are active."""

from enum import StrEnum
from typing import ClassVar

from local.stand_in.faults import ActiveFaults, AnyFault

CHAIN = "/api/option-chain-v3"
CONTRACTS = "/api/option-chain-contract-info"
HOLIDAYS = "/api/holiday-master"
UNDERLYINGS = "/api/underlying-information"
PAGE = "/option-chain"


class FaultKind(StrEnum):
    """Every fault by its name."""

    UNAUTHORISED = "unauthorised"  # 401
    NOT_FOUND_TEXT = "not_found_text"  # "Resource not found"
    EMPTY = "empty"  # `{}` with 200
    HTML_200 = "html_200"
    UNDECODABLE = "undecodable"  # the bytes are not of their Content-Encoding
    TRUNCATED = "truncated"  # shorter than its Content-Length
    ACCESS_DENIED = "access_denied"  # the firewall's 403
    RATE_LIMITED = "rate_limited"  # the rate limiter's 403
    HTTP_421 = "http_421"
    TOO_MANY = "too_many"  # 429
    SERVER_ERROR = "server_error"
    TARPIT = "tarpit"  # nothing for `seconds`, then the ordinary answer
    SLOW_DRIP = "slow_drip"  # a byte every `seconds`
    CONNECTION_RESET = "connection_reset"
    HUGE = "huge"  # `size` bytes when decoded
    NO_EXPIRY_DATES = "no_expiry_dates"
    PAST_EXPIRIES = "past_expiries"  # yesterday is still listed first
    EMPTY_DATA = "empty_data"  # `data: []`
    LOST_ROWS = "lost_rows"  # one row, under the strikes and totals of all
    OLDER_BODY = "older_body"  # as of a node that is behind
    OTHER_NODE = "other_node"  # same timestamp, other content
    LOST_SYMBOLS = "lost_symbols"  # each second stock is not listed
    WRONG_HOLIDAYS = "wrong_holidays"  # `days` days from today on are listed as well


class Fault(AnyFault):
    """One fault of the simulated exchange; by default it is of the requests for chains."""

    default_path: ClassVar = CHAIN
    paths: ClassVar = {
        FaultKind.NO_EXPIRY_DATES: CONTRACTS,
        FaultKind.PAST_EXPIRIES: CONTRACTS,
        FaultKind.LOST_SYMBOLS: UNDERLYINGS,
        FaultKind.WRONG_HOLIDAYS: HOLIDAYS,
    }

    kind: FaultKind


class Faults(ActiveFaults[Fault]):
    """The active faults of the simulated exchange."""

    def __init__(self) -> None:
        super().__init__(Fault)
