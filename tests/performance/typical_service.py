"""A service as it is usually written: newest document, a model per leg, a response model."""

from datetime import datetime
from typing import Any

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from pymongo import ASCENDING, DESCENDING
from pymongo.database import Database

from optionchain.mongo.client import Document
from optionchain.mongo.indexes import CONTRACTS

_MOST = 500


class Leg(BaseModel):
    """One contract."""

    symbol: str
    type: str
    strike_price: float
    expiry_date: str
    identifier: str
    fetched_at: datetime
    open_interest: float | None
    change_in_oi: float | None
    pchange_in_oi: float | None
    last_price: float | None
    change: float | None
    pchange: float | None
    total_traded_volume: float | None
    implied_volatility: float | None
    bid_qty: int
    bid_price: float | None
    ask_price: float | None
    ask_qty: int
    underlying_value: float | None
    expiry: datetime
    exchange_timestamp: datetime
    total_buy_qty: float | None
    total_sell_qty: float | None


class Chain(BaseModel):
    """The latest chain."""

    symbol: str
    expiry_date: str
    underlying_value: float | None
    timestamp: datetime
    total_calls: int
    total_puts: int
    calls: list[Leg]
    puts: list[Leg]


def typical_service(database: Database[Document]) -> FastAPI:
    """Return the service over the same documents and indexes."""
    app = FastAPI()
    contracts = database[CONTRACTS]

    def side(symbol: str, fetched_at: datetime, name: str) -> list[Leg]:
        query: dict[str, Any] = {"symbol": symbol, "fetched_at": fetched_at, "type": name}
        rows = contracts.find(query).sort("strike_price", ASCENDING).limit(_MOST)
        return [Leg(**row) for row in rows]

    @app.get("/option-chain/{symbol}", response_model=Chain)
    def option_chain(symbol: str) -> Chain:
        newest = contracts.find_one({"symbol": symbol}, sort=[("fetched_at", DESCENDING)])
        if newest is None:
            raise HTTPException(404)
        calls, puts = (side(symbol, newest["fetched_at"], name) for name in ("CE", "PE"))
        return Chain(
            symbol=symbol,
            expiry_date=newest["expiry_date"],
            underlying_value=newest["underlying_value"],
            timestamp=newest["fetched_at"],
            total_calls=len(calls),
            total_puts=len(puts),
            calls=calls,
            puts=puts,
        )

    return app
