"""The ways in which the stand-in can refuse or misbehave, and which of them are switched on."""

from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

CHAIN = "/api/option-chain-v3"
CONTRACTS = "/api/option-chain-contract-info"
PAGE = "/option-chain"


class FaultKind(StrEnum):
    """Everything that can go wrong, one name each."""

    UNAUTHORISED = "unauthorised"  # 401
    NOT_FOUND_TEXT = "not_found_text"  # "Resource not found"
    EMPTY = "empty"  # `{}` with 200
    HTML_200 = "html_200"
    UNDECODABLE = "undecodable"  # not what Content-Encoding says
    TRUNCATED = "truncated"  # less than Content-Length says
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
    OLDER_BODY = "older_body"  # a node that lags
    OTHER_NODE = "other_node"  # same timestamp, other content


class Fault(BaseModel):
    """One fault and the requests it applies to: none of the first `after`, then `times`.

    `path` is a prefix (by default that of the chain, or of the contract info where only that can
    have the fault), `query` a part of the query string such as `symbol=NIFTY`. Without `times` it
    applies until it is cleared. `status`, `retry_after` (seconds), `seconds` and `size` (bytes)
    replace what the kind does by default.
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

    def covers(self, path: str, query: str) -> bool:
        """True if a request is of the kind the fault applies to."""
        of_contracts = self.kind in {FaultKind.NO_EXPIRY_DATES, FaultKind.PAST_EXPIRIES}
        prefix = self.path or (CONTRACTS if of_contracts else CHAIN)
        return path.startswith(prefix) and self.query in query


@dataclass
class ActiveFault:
    """A fault that was switched on, and the requests it has met."""

    fault: Fault
    skipped: int = 0
    applied: int = 0

    def meets(self) -> bool:
        """Counts a request it covers; true if the fault applies to it."""
        if self.skipped < self.fault.after:
            self.skipped += 1
            return False
        if self.fault.times is not None and self.applied >= self.fault.times:
            return False
        self.applied += 1
        return True


class Faults:
    """The faults that are switched on; the earliest that applies to a request wins.

    Faults of limited `times` so form a queue. Safe to change from any thread.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._switched: list[ActiveFault] = []

    def add(self, fault: Fault | FaultKind | str, **details: object) -> Fault:
        """Switches a fault on: `add("server_error", times=2, retry_after=1)`."""
        if not isinstance(fault, Fault):
            fault = Fault.model_validate({"kind": fault, **details})
        with self._lock:
            self._switched.append(ActiveFault(fault))
        return fault

    def clear(self) -> None:
        """Switches all faults off."""
        with self._lock:
            self._switched.clear()

    def applied(self, kind: FaultKind | str) -> int:
        """How many requests the faults of a kind have been applied to since they were added."""
        with self._lock:
            return sum(row.applied for row in self._switched if row.fault.kind == kind)

    def states(self) -> list[dict[str, Any]]:
        """Every fault with what it has met, as JSON."""
        with self._lock:
            return [
                row.fault.model_dump(mode="json", exclude_none=True)
                | {"skipped": row.skipped, "applied": row.applied}
                for row in self._switched
            ]

    def take(self, path: str, query: str = "") -> Fault | None:
        """The fault for a request, which is thereby counted; None if it is to go well."""
        with self._lock:
            for row in self._switched:
                if row.fault.covers(path, query) and row.meets():
                    return row.fault
        return None
