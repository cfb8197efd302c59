"""The route of the gaps of a day: what was recorded, and what was not."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from chain_api import schemas
from chain_api.calculations.tick_gaps import gaps_answer
from chain_api.dependencies import Dependencies
from chain_api.parameters.types import SymbolPath
from chain_api.queries.headers import ticks_of_day
from chain_api.rendering.formats import json_response
from chain_api.routes.api_router import api_router
from optionchain.exchange_time import exchange_date


def router(deps: Dependencies) -> APIRouter:
    """Return the route over these parts."""
    routes = api_router(deps, "Option chain", 404, 422, 503)

    @routes.get(
        "/option-chain/{symbol}/gaps",
        operation_id="getGaps",
        summary="What was, and was not, recorded of a day",
        response_model=schemas.Gaps,
    )
    def day_gaps(symbol: SymbolPath, query: Annotated[schemas.GapsQuery, Query()]) -> Response:
        """Each tick of a session has one recorded outcome; here are those without data, and why."""
        now = deps.now()
        day = query.date or exchange_date(now)
        rows = ticks_of_day(deps, symbol, day)
        session = next(iter(deps.calendar.market().sessions(day)), None)
        interval = deps.settings.nse_fetch_interval
        return json_response(gaps_answer(symbol, day, session, interval, rows, now))

    return routes
