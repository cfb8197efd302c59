"""The exchange's endpoints over a market, as an ASGI application."""

from collections.abc import Awaitable, Callable
from functools import partial
from html import escape

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from local.nse_simulator import archive, endpoints
from local.nse_simulator.admission import Admission, IssuedCookies, RateLimit
from local.nse_simulator.faults import (
    CHAIN,
    CONTRACTS,
    HOLIDAYS,
    PAGE,
    UNDERLYINGS,
    Fault,
    Faults,
)
from local.nse_simulator.market import Market
from local.nse_simulator.refusals import ANSWERS as REFUSALS
from local.nse_simulator.refusals import access_denied, not_found
from local.nse_simulator.v3_format import JsonObject
from local.stand_in.admin import admin_routes
from local.stand_in.json_response import json_response
from local.stand_in.middleware import ResetConnection, StandInMiddleware
from local.stand_in.request_log import RequestLog

# The archive answers whoever seems to come from the exchange's pages.
ARCHIVE_REFERER = "https://www.nseindia.com/"

type Endpoint = Callable[[Request], Awaitable[Response]]

ANSWERS: dict[str, Callable[[Market, Request], JsonObject]] = {
    CHAIN: endpoints.chain,
    CONTRACTS: endpoints.contract_info,
    HOLIDAYS: endpoints.holidays,
    "/api/marketStatus": endpoints.market_status,
    UNDERLYINGS: endpoints.underlyings,
}


def build(
    market: Market,
    faults: Faults | None = None,
    log: RequestLog | None = None,
    *,
    cookies: IssuedCookies | None = None,
    rate: RateLimit | None = None,
    reset_connection: ResetConnection | None = None,
) -> StandInMiddleware[Fault]:
    """Return the simulated exchange as an ASGI application.

    `reset_connection` resets the connection of a client; without it the fault `connection_reset`
    has no effect.
    """
    faults = Faults() if faults is None else faults
    log = RequestLog() if log is None else log
    cookies = IssuedCookies() if cookies is None else cookies
    routes = admin_routes(faults, log) + _routes(market, cookies)
    return StandInMiddleware(
        app=Starlette(routes=routes),
        name="simulated exchange",
        label=market.label,
        faults=faults,
        log=log,
        answers=REFUSALS,
        refusal=Admission(cookies, rate or RateLimit()).refusal,
        reset_connection=reset_connection,
    )


def _routes(market: Market, cookies: IssuedCookies) -> list[Route]:
    routes = [Route(path, _json(partial(answer, market))) for path, answer in ANSWERS.items()]
    # Every other path answers 404, also the old `/api/option-chain-indices` and `-equities`.
    return [
        *routes,
        Route(PAGE, _page(market, cookies)),
        Route(f"{archive.FOLDER}{{name}}", _archive(market)),
        Route("/{path:path}", _not_found),
    ]


def _json(answer: Callable[[Request], JsonObject]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return json_response(request, orjson.dumps(answer(request)))

    return endpoint


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


def _archive(market: Market) -> Endpoint:
    async def file(request: Request) -> Response:
        headers = request.headers
        if not headers.get("referer", "").startswith(ARCHIVE_REFERER):
            return access_denied()
        found = archive.file_of(market, request.path_params["name"])
        if found is None:
            return not_found()
        return StreamingResponse(found, media_type="application/zip")

    return file


async def _not_found(_: Request) -> Response:
    return not_found()
