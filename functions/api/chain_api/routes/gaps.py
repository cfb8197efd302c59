"""The route of the gaps of a day: what was recorded, and what was not."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from chain_api import schemas
from chain_api.calculations.tick_gaps import DayOfTicks, gaps_answer
from chain_api.dependencies import Dependencies
from chain_api.parameters.types import SymbolPath
from chain_api.queries.duty_history import duty_hours_of, reads_evenings
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
        """Each tick has one outcome; here are those without data, and why.

        A day's ticks are those of its sessions, one after each close, and those of the evening.

        `settlement` says whether the day's settled chains are those of the exchange, which the next
        session shows.

        A day is judged by the interval that held then, which every shift of the recorder leaves.
        """
        now = deps.now()
        day = query.date or exchange_date(now)
        rows = ticks_of_day(deps, symbol, day)
        duty = duty_hours_of(deps, symbol, day)
        settlements = deps.settlements.of_day(symbol, day)
        evenings = reads_evenings(deps, symbol, day)
        filled = deps.snapshots.is_backfilled(symbol, day)
        market = deps.calendar.market()
        known = DayOfTicks(symbol, day, market, duty, rows, settlements, evenings, filled)
        return json_response(gaps_answer(known, now))

    return routes
