"""The faults of the simulated exchange, and which of them are active."""

from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

CHAIN = "/api/option-chain-v3"
CONTRACTS = "/api/option-chain-contract-info"
HOLIDAYS = "/api/holiday-master"
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
    WRONG_HOLIDAYS = "wrong_holidays"  # `days` days from today on are listed as well


class Fault(BaseModel):
    """One fault and its requests: it skips the first `after` ones, then applies to `times`.

    `path` is a prefix of the path, by default of the endpoint that can have the fault. `query` is a
    part of the query string such as `symbol=NIFTY`. Without `times` the fault applies until it is
    cleared. `status`, `retry_after` (seconds), `seconds` and `size` (bytes) replace the defaults of
    the kind, and so does `days`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind
    path: str = ""
    query: str = ""
    times: Annotated[int, Field(gt=0)] | None = None
    after: Annotated[int, Field(ge=0)] = 0
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    retry_after: Annotated[int, Field(ge=0)] | None = None
    seconds: Annotated[float, Field(ge=0)] | None = None
    size: Annotated[int, Field(gt=0)] = 20_000_000
    days: Annotated[int, Field(gt=0)] = 61

    def covers(self, path: str, query: str) -> bool:
        """Tell whether a request has the path and query of the fault."""
        prefix = self.path or _ENDPOINTS.get(self.kind, CHAIN)
        return path.startswith(prefix) and self.query in query


# The endpoint that can have a fault, where it is not that of the chains.
_ENDPOINTS = {
    FaultKind.NO_EXPIRY_DATES: CONTRACTS,
    FaultKind.PAST_EXPIRIES: CONTRACTS,
    FaultKind.WRONG_HOLIDAYS: HOLIDAYS,
}


@dataclass
class ActiveFault:
    """An active fault, and the counts of its requests."""

    fault: Fault
    skipped: int = 0
    applied: int = 0

    def applies(self) -> bool:
        """Count a covered request; tell whether the fault applies to it."""
        if self.skipped < self.fault.after:
            self.skipped += 1
            return False
        if self.fault.times is not None and self.applied >= self.fault.times:
            return False
        self.applied += 1
        return True


class Faults:
    """The active faults; the first one that applies to a request is used.

    So faults with limited `times` form a queue. Safe to change from any thread.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._active: list[ActiveFault] = []

    def add(self, fault: Fault | FaultKind | str, **details: object) -> Fault:
        """Activate a fault: `add("server_error", times=2, retry_after=1)`."""
        if not isinstance(fault, Fault):
            fault = Fault.model_validate({"kind": fault, **details})
        with self._lock:
            self._active.append(ActiveFault(fault))
        return fault

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._active.clear()

    def states(self) -> list[dict[str, Any]]:
        """Return every active fault with its counts, as JSON."""
        with self._lock:
            return [
                row.fault.model_dump(mode="json", exclude_none=True)
                | {"skipped": row.skipped, "applied": row.applied}
                for row in self._active
            ]

    def take(self, path: str, query: str = "") -> Fault | None:
        """Count a request and return its fault; None for an ordinary answer."""
        with self._lock:
            for row in self._active:
                if row.fault.covers(path, query) and row.applies():
                    return row.fault
        return None
