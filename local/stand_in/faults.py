"""The faults that a stand-in can be told to have, and which of them are active."""

from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field


class AnyFault(BaseModel):
    """One fault and its requests: it skips the first `after` ones, then applies to `times`.

    Each stand-in derives its own model, with its own `kind`. `path` is a prefix of the path, by
    default of the endpoint that can have the fault. `query` is a part of the query string such as
    `symbol=NIFTY`. Without `times` the fault applies until it is cleared. `status`, `retry_after`
    (seconds), `seconds` and `size` (bytes) replace the defaults of the kind, and so does `days`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    default_path: ClassVar[str]
    paths: ClassVar[dict[Any, str]] = {}  # of kinds whose endpoint is not `default_path`

    kind: StrEnum
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
        prefix = self.path or self.paths.get(self.kind, self.default_path)
        return path.startswith(prefix) and self.query in query


@dataclass
class ActiveFault[F: AnyFault]:
    """An active fault, and the counts of its requests."""

    fault: F
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


class ActiveFaults[F: AnyFault]:
    """The active faults; the first one that applies to a request is used.

    So faults with limited `times` form a queue. Safe to change from any thread.
    """

    def __init__(self, model: type[F]) -> None:
        self.model = model
        self._lock = Lock()
        self._active: list[ActiveFault[F]] = []

    def add(self, fault: F | str, **details: object) -> F:
        """Activate a fault: `add("server_error", times=2, retry_after=1)`."""
        if isinstance(fault, str):
            fault = self.model.model_validate({"kind": fault, **details})
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

    def take(self, path: str, query: str = "") -> F | None:
        """Count a request and return its fault; None for an ordinary answer."""
        with self._lock:
            for row in self._active:
                if row.fault.covers(path, query) and row.applies():
                    return row.fault
        return None
