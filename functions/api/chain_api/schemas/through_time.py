"""A symbol through time: snapshots, histories, changes."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from chain_api.calculations.provenance import DatedBy
from chain_api.schemas.base import (
    DATED_BY,
    DERIVED,
    FROZEN,
    ONE_SOURCE,
    SOURCE,
    STAMP,
    ResponseModel,
)
from chain_api.schemas.contract import Contract, Derived
from chain_api.schemas.freshness import Freshness

LEGS_MISSING = (
    "contracts that the snapshot before it in the session has and this one lacks, so that sums may "
    "jump; null without a snapshot before, and of older recorders"
)
NEXT = "where the next page is, relative to this address; null on the last one"


class RangeHead(ResponseModel):
    """What every list of a range begins with."""

    symbol: str
    expiry_date: str | None = Field(description="null for expiry=all")
    from_: datetime = Field(alias="from", description="the first moment, UTC")
    to: datetime = Field(description="the newest snapshot by the moment asked for, UTC")
    timestamp: datetime = Field(description="of the newest snapshot, UTC")
    last_seen_at: datetime = Field(description="the newest tick that confirmed it, UTC")
    exchange_timestamp: datetime | None = Field(description=STAMP)
    source: str = Field(description=SOURCE)
    derived: list[str] = Field(description=DERIVED)
    dated_by: DatedBy = Field(description=DATED_BY)
    age_seconds: float = Field(description="seconds from last_seen_at to the end asked for")
    settled: bool = Field(description="the newest snapshot is the settled chain of its day")


class SnapshotRow(ResponseModel):
    """One stored snapshot of one expiry. Totals are null where a part of them is missing."""

    expiry_date: str
    timestamp: datetime = Field(description="its tick, UTC")
    last_seen_at: datetime = Field(description="the newest tick that confirmed it, UTC")
    exchange_timestamp: datetime | None = Field(description=STAMP)
    underlying_value: float | None = Field(description="rupees or index points")
    total_calls: int
    total_puts: int
    call_open_interest: float | None = Field(description="contracts (lots), of all strikes")
    put_open_interest: float | None = Field(description="contracts (lots), of all strikes")
    call_volume: float | None = Field(description="contracts, that day by then")
    put_volume: float | None = Field(description="contracts, that day by then")
    revised: bool = Field(
        description="the numbers were changed under the same stamp, or after the close"
    )
    legs_missing: int | None = Field(description=LEGS_MISSING)
    source: str = Field(description=ONE_SOURCE)
    dated_by: DatedBy = Field(description=DATED_BY)
    settled: bool = Field(description="it is the settled chain of its day, read in the evening")


class Snapshots(RangeHead):
    """A page of snapshots, by tick and expiry."""

    records: list[SnapshotRow]
    next: str | None = Field(description=NEXT)


class Candle(Derived):
    """One interval of one contract. No candle stands for an interval without a document.

    With `greeks=true` it has what is derived of the last document in it as well.
    """

    symbol: str
    type: Literal["CE", "PE"]
    strike_price: float = Field(description="rupees or index points")
    expiry_date: str
    identifier: str
    timestamp: datetime = Field(description="where the interval begins, UTC")
    snapshot_timestamp: datetime = Field(description="the tick of its last document, UTC")
    open: float | None = Field(
        description="first last_price of the day's trades, rupees; null without a trade that day"
    )
    high: float | None = Field(description="highest last_price of the day's trades, rupees")
    low: float | None = Field(description="lowest last_price of the day's trades, rupees")
    close: float | None = Field(
        description="last last_price, rupees; where settled is true the settled chain's, which the "
        "exchange may have set beyond high and low"
    )
    open_interest: float | None = Field(description="contracts (lots), last in the interval")
    total_traded_volume: float | None = Field(description="the day's contracts by its end")
    volume: float | None = Field(
        description="contracts traded in it; null where `volume_reason` says why"
    )
    volume_reason: Literal["not_sent", "start_unknown", "sources_differ"] | None = Field(
        description="of a volume that is null: none was sent; the counter before it is not known; "
        "the counters before it and at its end are of two sources, which are never mixed"
    )
    count: int = Field(description="documents in it")
    settled: bool = Field(
        description="close, open interest and volume are those of the settled chain of the day; "
        "false of an interval shorter than a day"
    )
    source: str = Field(
        description="where its documents come from; several names in order of time, with commas "
        "between, if the recorder went from one source to another",
        examples=["nse", "upstox,nse"],
    )


class HistoryContract(Derived, Contract):
    """One document of a history: the contract at one tick.

    With `greeks=true` it has what is derived of it as well.
    """

    source: str = Field(description=ONE_SOURCE)


class History(RangeHead):
    """A page of documents or candles, contract by contract, by time."""

    interval: str | None = Field(description="of candles; null where records are documents")
    records: list[Candle] | list[HistoryContract]
    next: str | None = Field(description=NEXT)


class EndMoment(ResponseModel):
    """The chain of one of the two moments, and when it held."""

    underlying_value: float | None = Field(description="rupees or index points")
    timestamp: datetime = Field(description="its tick, UTC")
    last_seen_at: datetime = Field(description="the newest tick by then that confirmed it, UTC")


class ChangeEnd(Freshness, EndMoment):
    """One of the two moments: the chain as it stood then."""

    age_seconds: float = Field(description="seconds from last_seen_at to that moment")
    gap: bool = Field(description="the ledger has no good answer near it")


class Change(ResponseModel):
    """One contract at two moments. A change is null where either number is."""

    type: Literal["CE", "PE"]
    strike_price: float = Field(description="rupees or index points")
    expiry_date: str
    identifier: str
    open_interest_from: float | None = Field(description="contracts (lots)")
    open_interest_to: float | None = Field(description="contracts (lots)")
    open_interest_change: float | None = Field(description="contracts (lots)")
    total_traded_volume_from: float | None = Field(description="contracts, that day by then")
    total_traded_volume_to: float | None = Field(description="contracts, that day by then")
    total_traded_volume_change: float | None = Field(
        description="contracts; null where `volume_reason` says why"
    )
    last_price_from: float | None = Field(description="rupees")
    last_price_to: float | None = Field(description="rupees")
    last_price_change: float | None = Field(description="rupees")
    implied_volatility_from: float | None = Field(
        description="percent a year, as its source sent it"
    )
    implied_volatility_to: float | None = Field(description="percent a year, as its source sent it")
    implied_volatility_change: float | None = Field(description="percentage points")


class ChangesMoment(ResponseModel):
    """Of which chains the changes are, and when the later one held."""

    symbol: str
    expiry_date: str
    timestamp: datetime = Field(description="of the later chain, UTC")
    last_seen_at: datetime = Field(description="the newest tick that confirmed it, UTC")


class Changes(Freshness, ChangesMoment):
    """A page of changes between two moments, by strike and side."""

    age_seconds: float = Field(description="seconds from last_seen_at to the end asked for")
    gap: bool = Field(description="the ledger has no good answer near one of the two moments")
    settled: bool = Field(description="both chains are the settled ones of their days")
    frozen: bool = Field(description="of the later chain: " + FROZEN)
    from_: ChangeEnd = Field(alias="from")
    to: ChangeEnd
    underlying_change: float | None = Field(description="of the underlying, rupees or index points")
    underlying_change_percent: float | None = Field(
        description="underlying_change in percent of the underlying_value of `from`"
    )
    underlying_reason: Literal["not_sent", "zero_before"] | None = Field(
        description="why one of these is null: a source sent no price of the underlying; the price "
        "before was 0"
    )
    volume_reason: Literal["days_differ", "sources_differ"] | None = Field(
        description="why no contract has a change of volume: the counter restarts each day; the "
        "volumes of two sources are never mixed"
    )
    records: list[Change]
    next: str | None = Field(description=NEXT)
