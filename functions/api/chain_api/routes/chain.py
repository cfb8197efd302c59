"""Routes of the option chain: the chain itself, its strikes, its expiries, a filter."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from chain_api import answers, schemas
from chain_api.deps import Deps
from chain_api.parameters import SymbolPath
from chain_api.problems import documented, invalid
from chain_api.reading import latest, latest_of_all
from chain_api.rendering import json

# A model, so that a parameter of another name is refused and not passed over.
type ChainQuery = Annotated[schemas.ChainQuery, Query()]


def router(deps: Deps) -> APIRouter:
    """Return the routes over these parts."""
    routes = APIRouter(tags=["Option chain"], responses=documented(404, 422, 503))

    @routes.get(
        "/option-chain/{symbol}",
        operation_id="getOptionChain",
        summary="The latest chain of a symbol",
        response_model=schemas.Chain,
    )
    def option_chain(symbol: SymbolPath, query: ChainQuery) -> Response:
        header = latest(deps, symbol, query.expiry)
        return json(answers.chain(header, deps.store.contracts(header), deps.now()))

    @routes.get(
        "/option-chain/{symbol}/strikes",
        operation_id="getStrikes",
        summary="The strikes of the latest chain, in order",
        response_model=schemas.Strikes,
    )
    def strikes(symbol: SymbolPath, query: ChainQuery) -> Response:
        header = latest(deps, symbol, query.expiry)
        return json(answers.strikes(header, deps.store.strikes(header), deps.now()))

    @routes.get(
        "/option-chain/{symbol}/expiry-dates",
        operation_id="getExpiryDates",
        summary="The expiry dates of the latest chains, by date",
        response_model=schemas.ExpiryDates,
    )
    def expiry_dates(symbol: SymbolPath) -> Response:
        return json(answers.expiry_dates(symbol, latest_of_all(deps, symbol), deps.now()))

    @routes.post(
        "/option-chain/filter",
        operation_id="filterOptionChain",
        summary="Contracts of the latest chains by side, strike and expiry",
        response_model=schemas.FilterAnswer,
    )
    def filter_chain(wanted: schemas.FilterRequest) -> Response:
        where = _conditions(wanted)
        headers = (
            [latest(deps, wanted.symbol, wanted.expiry_date, "expiry_date")]
            if wanted.expiry_date
            else latest_of_all(deps, wanted.symbol)
        )
        found = deps.store.contracts_of(headers, where)
        return json(answers.page(headers, found, wanted.limit, wanted.offset, deps.now()))

    return routes


def _conditions(wanted: schemas.FilterRequest) -> dict[str, Any]:
    """Return the conditions on a contract's fields; every value is a checked number or side."""
    low, high = wanted.strike_price_min, wanted.strike_price_max
    if low is not None and high is not None and low > high:
        raise invalid("strike_price_min", low, f"must not be above strike_price_max ({high})")
    bounds = {"$gte": low, "$lte": high}
    strikes = {name: bound for name, bound in bounds.items() if bound is not None}
    where: dict[str, Any] = {"strike_price": strikes} if strikes else {}
    return where | ({"type": wanted.option_type} if wanted.option_type else {})
