"""The recorded symbols: the question and the answer."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from chain_api.calculations.provenance import DatedBy
from chain_api.parameters.choices import Kind, any_case
from chain_api.parameters.columns import SymbolColumns
from chain_api.parameters.types import SymbolName, TierName
from chain_api.schemas.base import DATED_BY, DERIVED, SOURCE, STAMP, Query, ResponseModel
from chain_api.schemas.queries import Cursor
from chain_api.schemas.through_time import NEXT

type TermReason = Literal["not_read", "not_listed", "sources_differ"]

MAX_LIMIT = 500


class SymbolsQuery(Query):
    """Which symbols, a page at a time."""

    q: SymbolName | None = Field(default=None, description="a part of the name, in any case")
    kind: Annotated[Kind | None, any_case(Kind)] = Field(
        default=None, description="of one kind; all by default"
    )
    tier: TierName | None = Field(default=None, description="of one tier; all by default")
    columns: SymbolColumns | None = Field(
        default=None, description="members of a row; all by default, and always symbol"
    )
    limit: int | None = Field(
        default=None, ge=1, le=MAX_LIMIT, description="symbols a page; 500 by default"
    )
    cursor: Cursor = None


class ContractTermsRow(ResponseModel):
    """What holds of all contracts of an expiry today, by the lists of contracts."""

    expiry_date: str
    lot_size: int | None = Field(description="units of the underlying in one contract")
    lot_size_reason: TermReason | None = Field(description="why `lot_size` is null")
    tick_size: float | None = Field(description="the least step of a price, in rupees")
    tick_size_reason: TermReason | None = Field(description="why `tick_size` is null")
    freeze_quantity: int | None = Field(
        description="units of the underlying from which on the exchange stops an order"
    )
    freeze_quantity_reason: TermReason | None = Field(description="why `freeze_quantity` is null")


class SymbolExpiry(ResponseModel):
    """A listed expiry of a symbol: its newest snapshot."""

    expiry_date: str
    last_seen_at: datetime = Field(description="the newest tick that confirmed it, UTC")
    exchange_timestamp: datetime | None = Field(description=STAMP)
    source: str = Field(description=SOURCE)
    derived: list[str] = Field(description=DERIVED)
    dated_by: DatedBy = Field(description=DATED_BY)


def _only_name_required(schema: dict[str, Any]) -> None:
    schema["required"] = ["symbol"]


class SymbolRow(ResponseModel):
    """A recorded symbol; with `columns`, those members alone."""

    model_config = ConfigDict(json_schema_extra=_only_name_required)

    symbol: str
    kind: Kind | None = Field(description="null where no list of symbols tells it")
    tier: str | None = Field(
        description="as NSE_TIERS names it, or BASE; null: it is not recorded any more"
    )
    interval_seconds: int | None = Field(description="between two of its ticks; null as `tier`")
    listed_since: date | None = Field(
        description="the first day of which a list of symbols had it; null where none is known"
    )
    lost_since: date | None = Field(
        description="since when the source's list lacks it, although it still trades; null: it "
        "does not, or no list is known"
    )
    expiry_dates: list[str] = Field(description="by date, written as 30-Jan-2025")
    expiries: list[SymbolExpiry] = Field(description="the same with where they come from")
    last_snapshot: datetime = Field(description="the tick of the newest snapshot, UTC")
    last_seen_at: datetime = Field(description="the newest tick that confirmed any, UTC")
    underlying_value: float | None = Field(description="rupees or index points")
    age_seconds: float = Field(description="seconds since last_seen_at")
    settled: bool = Field(description="its newest chains are the settled ones of their day")
    contract_terms: list[ContractTermsRow] = Field(description="of each of its expiries")


class Symbols(ResponseModel):
    """A page of the recorded symbols, by name."""

    total_symbols: int = Field(description="that match, on all pages together")
    age_seconds: float | None = Field(
        description="seconds, of the freshest; null where `columns` name nothing of snapshots"
    )
    symbols: list[SymbolRow]
    next: str | None = Field(description=NEXT)
