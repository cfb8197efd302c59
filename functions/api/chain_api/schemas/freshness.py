"""When what an answer says held: the members that every answer about chains has."""

from datetime import datetime

from pydantic import Field

from chain_api.calculations.provenance import DatedBy
from chain_api.schemas.base import (
    DATED_BY,
    DERIVED,
    FROZEN,
    FROZEN_SINCE,
    LOT_SIZE,
    LOT_SIZE_REASON,
    SETTLED,
    SOURCE,
    STAMP,
    ResponseModel,
)


class Freshness(ResponseModel):
    """Where chains come from, how old they are, and what a contract of them is.

    It follows what names the chains: `class Answer(Freshness, WhatNamesThem)`, because pydantic
    takes the members of the last class first.
    """

    exchange_timestamp: datetime | None = Field(description=STAMP)
    source: str = Field(description=SOURCE)
    derived: list[str] = Field(description=DERIVED)
    dated_by: DatedBy = Field(description=DATED_BY)
    age_seconds: float = Field(description="seconds from last_seen_at to the moment asked for")
    gap: bool = Field(description="the ledger has no good answer near the moment asked for")
    settled: bool = Field(description=SETTLED)
    frozen: bool = Field(description=FROZEN)
    frozen_since: datetime | None = Field(description=FROZEN_SINCE)
    lot_size: int | None = Field(description=LOT_SIZE)
    lot_size_reason: str | None = Field(description=LOT_SIZE_REASON)
