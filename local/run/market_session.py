"""The simulated market in memory: asked without HTTP, in the dialect of each source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request

from chain_fetch.http.answer import Answer
from local.dhan_simulator.vendor import SimulatedDhan
from local.nse_simulator.app import ANSWERS
from local.nse_simulator.feed import ExchangeFeed
from local.nse_simulator.market import SimulatedMarket
from local.upstox_simulator.vendor import SimulatedUpstox
from local.vendor_simulator.vendor import Call, SimulatedVendor, VendorRefused

type CheckAnswer = Callable[[Answer], None]


@dataclass(frozen=True)
class MarketSession:
    """Asks the endpoints of the simulated exchange and of the simulated vendors.

    Tokens and limits are not asked for: those are of HTTP. A refusal is one to the source, too.
    """

    market: SimulatedMarket

    def get(self, path: str, params: Mapping[str, str], deadline: float) -> bytes:  # noqa: ARG002
        """Return the body of an answer; raise Refused."""
        if path not in ANSWERS:
            return self._ask_vendor("GET", path, params)
        query = urlencode(params).encode()
        scope: dict[str, Any] = {
            "type": "http",
            "query_string": query,
            "headers": [],
            "fault": None,
        }
        return orjson.dumps(ANSWERS[path](self.market, Request(scope)))

    def post(self, path: str, content: Mapping[str, Any], deadline: float) -> bytes:  # noqa: ARG002
        """Return the body of an answer; raise Refused."""
        return self._ask_vendor("POST", path, content)

    def close(self) -> None:
        """Do nothing: there are no connections."""

    def _ask_vendor(self, method: str, path: str, values: Mapping[str, Any]) -> bytes:
        name, vendor = next(
            (name, each) for name, each in self._vendors.items() if (method, path) in each.answers
        )
        try:
            status, answer = 200, vendor.answers[method, path](Call(path, values))
        except VendorRefused as refused:
            status, answer = refused.status, refused.body
        body = orjson.dumps(answer)
        check: CheckAnswer = import_module(f"chain_fetch.{name}.refusals").check_answer
        check(Answer(status, {}, sets_cookies=False, body=body))
        return body

    @cached_property
    def _vendors(self) -> Mapping[str, SimulatedVendor]:
        feed = ExchangeFeed(self.market)
        return {"upstox": SimulatedUpstox(feed), "dhan": SimulatedDhan(feed, windows=())}
