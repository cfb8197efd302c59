"""A simulated vendor: endpoints over the exchange's feed, with or without HTTP around them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from local.nse_simulator.feed import ExchangeFeed
from local.nse_simulator.v3_format import JsonObject
from local.stand_in.faults import AnyFault


class VendorRefused(Exception):
    """The vendor answers a request with a status and a JSON body that hold no data."""

    def __init__(self, status: int, body: JsonObject) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body


@dataclass(frozen=True)
class Call:
    """What an endpoint is asked: `values` are of the query, or of the body of a POST."""

    path: str
    values: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: AnyFault | None = None

    def has(self, kind: str) -> bool:
        """Tell whether the fault of this request is of a kind."""
        return self.fault is not None and self.fault.kind == kind

    def text(self, name: str) -> str:
        """Return a value as text, empty if it is not there."""
        return str(self.values.get(name, ""))


type Answer = Callable[[Call], JsonObject]
type File = Callable[[], bytes]


class SimulatedVendor:
    """What the vendors share. A derived class says what it answers, and whom.

    `answers` has the endpoints by method and path, `files` the public files by path. Both use the
    patterns of Starlette.
    """

    name: ClassVar[str]

    def __init__(self, feed: ExchangeFeed) -> None:
        self.feed = feed
        self.answers: Mapping[tuple[str, str], Answer] = {}
        self.files: Mapping[str, File] = {}

    def admit(self, call: Call) -> None:
        """Raise VendorRefused unless the token and the limits allow this request."""

    def not_found(self) -> VendorRefused:
        """Return the answer to a path that does not exist."""
        return VendorRefused(404, {})

    def malformed(self) -> VendorRefused:
        """Return the answer to a body that is no JSON object."""
        return VendorRefused(400, {})
