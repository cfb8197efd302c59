"""The exchange's endpoints over a market, as an ASGI application."""

import gzip
from collections.abc import Awaitable, Callable
from functools import partial
from html import escape

import orjson
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from local.nse_simulator import endpoints
from local.nse_simulator.faults import CHAIN, CONTRACTS, PAGE, Fault, Faults
from local.nse_simulator.market import Market
from local.nse_simulator.middleware import (
    IssuedCookies,
    RateLimit,
    ResetConnection,
    SimulatorMiddleware,
)
from local.nse_simulator.refusals import not_found
from local.nse_simulator.request_log import RequestLog
from local.nse_simulator.v3_format import JsonObject

type Endpoint = Callable[[Request], Awaitable[Response]]

ANSWERS: dict[str, Callable[[Market, Request], JsonObject]] = {
    CHAIN: endpoints.chain,
    CONTRACTS: endpoints.contract_info,
    "/api/holiday-master": endpoints.holidays,
    "/api/marketStatus": endpoints.market_status,
    "/api/underlying-information": endpoints.underlyings,
}


def build(
    market: Market,
    faults: Faults | None = None,
    log: RequestLog | None = None,
    *,
    cookie_seconds: float | None = None,
    rate: RateLimit | None = None,
    reset_connection: ResetConnection | None = None,
) -> SimulatorMiddleware:
    """Return the simulated exchange as an ASGI application.

    Cookies go stale after `cookie_seconds` (None: never). `reset_connection` resets the connection
    of a client; without it the fault `connection_reset` has no effect.
    """
    faults = Faults() if faults is None else faults
    log = RequestLog() if log is None else log
    cookies = IssuedCookies(cookie_seconds)
    routes = _admin_routes(faults, log) + _routes(market, cookies)
    return SimulatorMiddleware(
        app=Starlette(routes=routes),
        label=market.label,
        faults=faults,
        log=log,
        cookies=cookies,
        rate=rate or RateLimit(),
        reset_connection=reset_connection,
    )


def _routes(market: Market, cookies: IssuedCookies) -> list[Route]:
    routes = [Route(path, _json(partial(answer, market))) for path, answer in ANSWERS.items()]
    # Every other path answers 404, also the old `/api/option-chain-indices` and `-equities`.
    return [*routes, Route(PAGE, _page(market, cookies)), Route("/{path:path}", _not_found)]


def _json(answer: Callable[[Request], JsonObject]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return _encoded(request, orjson.dumps(answer(request)))

    return endpoint


def _encoded(request: Request, body: bytes) -> Response:
    accepted = request.headers.get("accept-encoding", "")
    headers = {"Vary": "Accept-Encoding"}
    if "br" in accepted:
        # The exchange would send Brotli. These bytes are not, so such a client fails.
        headers["Content-Encoding"] = "br"
    elif "gzip" in accepted:
        headers["Content-Encoding"] = "gzip"
    if "Content-Encoding" in headers:
        body = gzip.compress(body, 5, mtime=0)
    return Response(body, media_type="application/json", headers=headers)


def _page(market: Market, cookies: IssuedCookies) -> Endpoint:
    async def page(_: Request) -> Response:
        symbols = ", ".join(escape(symbol) for symbol in market.symbols())
        response = HTMLResponse(
            f"<!doctype html><title>{market.label}</title><h1>{market.label}</h1>"
            f"<p>A simulated exchange; no number here is today's. Symbols: {symbols}.</p>"
        )
        response.set_cookie("nsit", cookies.issue(), httponly=True)
        response.set_cookie("nseappid", cookies.issue())
        return response

    return page


async def _not_found(_: Request) -> Response:
    return not_found()


def _admin_routes(faults: Faults, log: RequestLog) -> list[Route]:
    async def list_faults(_: Request) -> Response:
        return _plain(faults.states())

    async def add_fault(request: Request) -> Response:
        try:
            fault = faults.add(Fault.model_validate_json(await request.body()))
        except ValidationError as error:
            return Response(error.json(), 422, media_type="application/json")
        return _plain(fault.model_dump(mode="json", exclude_none=True), 201)

    async def clear_faults(_: Request) -> Response:
        faults.clear()
        return Response(status_code=204)

    async def list_requests(_: Request) -> Response:
        return _plain(log.as_json())

    async def clear_requests(_: Request) -> Response:
        log.clear()
        return Response(status_code=204)

    return [
        Route("/-/faults", list_faults, methods=["GET"]),
        Route("/-/faults", add_fault, methods=["POST"]),
        Route("/-/faults", clear_faults, methods=["DELETE"]),
        Route("/-/requests", list_requests, methods=["GET"]),
        Route("/-/requests", clear_requests, methods=["DELETE"]),
    ]


def _plain(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
