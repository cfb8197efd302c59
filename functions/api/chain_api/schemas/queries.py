"""The parameters of requests: the same names for the chain, its history and the filter."""

from typing import Annotated

from pydantic import Field

from chain_api.parameters.choices import SIDES, OptionType, any_case
from chain_api.parameters.columns import ChangeSort, Columns, LegColumns
from chain_api.parameters.interval import IntervalName
from chain_api.parameters.moments import MomentOrClose, MomentText
from chain_api.parameters.selection import Selection
from chain_api.parameters.types import ContractName, ExpiryChoice, Flag, OneExpiry
from chain_api.rendering.formats import Format, Layout
from chain_api.schemas.base import Query
from optionchain.analytics.terms import IvChoice

HIGHEST_STRIKE = 1e9
MAX_LIMIT = 10_000
MOST_CONTRACTS = 1e12
WIDEST_WINDOW = 500

AS_OF = (
    "the chain as it stood at this moment: a time of today such as 10:15:05 (IST), a day such as "
    "2026-06-19 (its end), an instant such as 2026-06-19T10:15:05 (IST) or …T04:45:05Z, or how "
    "long ago, such as -15m; now by default"
)
IV_SOURCE = (
    "price: volatilities solved of the contracts' own prices; exchange: as the source of "
    "the chain sent them, the exchange up to ten minutes ago or a vendor, else solved"
)
_IV_SOURCE_OF_GREEKS = f"with greeks=true: {IV_SOURCE}; price by default"
_FROM = (
    "the first moment, written as as_of is; a day is its beginning, and -15m is a quarter of an "
    "hour before `to`, without which it is before now"
)
_TO = "the last moment, inclusive; a day is its end; now by default"


Cursor = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=2_000,
        description="of a `next` link, which carries the other parameters",
    ),
]


FormatChoice = Annotated[Format | None, any_case(Format)]
OptionTypeChoice = Annotated[OptionType | None, any_case(OptionType, SIDES)]
IvSourceChoice = Annotated[IvChoice | None, any_case(IvChoice)]


class FormatQuery(Query):
    """How an answer is written."""

    format: FormatChoice = Field(
        default=None, description="else what the Accept header prefers, else json"
    )


class WindowQuery(Query):
    """Which strikes."""

    strike_min: float | None = Field(
        default=None,
        ge=0,
        le=HIGHEST_STRIKE,
        description="lowest strike, inclusive, in rupees or index points",
        examples=[24000],
    )
    strike_max: float | None = Field(
        default=None,
        ge=0,
        le=HIGHEST_STRIKE,
        description="highest strike, inclusive, in rupees or index points",
        examples=[26000.5],
    )
    strikes_around_atm: int | None = Field(
        default=None,
        ge=0,
        le=WIDEST_WINDOW,
        description="the strike nearest to the underlying and as many on each side",
        examples=[5],
    )


class StrikeQuery(WindowQuery):
    """Which contracts."""

    option_type: OptionTypeChoice = Field(
        default=None, description="CE: calls, PE: puts; both by default"
    )


class SelectionQuery(StrikeQuery):
    """Which contracts, by their numbers too."""

    min_open_interest: float | None = Field(
        default=None,
        ge=0,
        le=MOST_CONTRACTS,
        description="least open interest, inclusive, in contracts (lots)",
        examples=[1000],
    )
    min_volume: float | None = Field(
        default=None,
        ge=0,
        le=MOST_CONTRACTS,
        description="least volume of that day by then, inclusive, in contracts",
        examples=[1000],
    )

    def selection(self) -> Selection:
        """Return the conditions."""
        names = SelectionQuery.model_fields
        return Selection(**{name: getattr(self, name) for name in names})


class MomentQuery(Query):
    """Which expiry of a symbol, and when."""

    expiry: OneExpiry = Field(
        default="nearest", description="30-Jan-2025, 2025-01-30, nearest or next"
    )
    as_of: MomentText | None = Field(default=None, description=AS_OF)


class DatesQuery(Query):
    """When."""

    as_of: MomentText | None = Field(default=None, description=AS_OF)


class OptionChainQuery(SelectionQuery, FormatQuery):
    """Which chain of a symbol, which of its contracts, and how they are written."""

    expiry: ExpiryChoice = Field(
        default="nearest", description="30-Jan-2025, 2025-01-30, nearest, next or all"
    )
    as_of: MomentText | None = Field(default=None, description=AS_OF)
    columns: LegColumns | None = Field(
        default=None, description="fields of a contract, separated by commas; all by default"
    )
    greeks: Flag = Field(
        default=False,
        description="true adds to every contract what is derived of it: implied volatility, Greeks "
        "and build-up; and to each expiry the model they are derived with",
    )
    iv_source: IvSourceChoice = Field(default=None, description=_IV_SOURCE_OF_GREEKS)
    layout: Annotated[Layout, any_case(Layout)] = Field(
        default="sides",
        description="sides: calls and puts; rows: one row a strike with both sides; columns: "
        "an array a field",
    )


class RangeQuery(FormatQuery):
    """Which moments, a page at a time."""

    from_: MomentText | None = Field(default=None, alias="from", description=_FROM)
    to: MomentText | None = Field(default=None, description=_TO)
    limit: int | None = Field(
        default=None,
        ge=1,
        le=MAX_LIMIT,
        description="records a page; 1000 by default",
        examples=[100],
    )
    cursor: Cursor = None


class SnapshotsQuery(RangeQuery):
    """Which snapshots of a symbol."""

    expiry: ExpiryChoice = Field(
        default="nearest", description="30-Jan-2025, 2025-01-30, nearest, next or all"
    )


class HistoryQuery(RangeQuery, StrikeQuery):
    """Whose history: one contract, or a window of strikes of one expiry."""

    expiry: OneExpiry = Field(
        default="nearest", description="30-Jan-2025, 2025-01-30, nearest or next"
    )
    strike: float | None = Field(
        default=None,
        ge=0,
        le=HIGHEST_STRIKE,
        description="of one contract, or of both sides, in rupees or index points",
        examples=[25000],
    )
    identifier: ContractName | None = Field(
        default=None, description="of one contract, such as NIFTY_CE_25000_30-Jan-2025"
    )
    interval: IntervalName | None = Field(
        default=None, description="of candles, 5s to 1d; without it every document"
    )
    columns: Columns | None = Field(
        default=None, description="fields of a document, separated by commas; all by default"
    )
    greeks: Flag = Field(
        default=False,
        description="true adds to every document what is derived of it, as the chain of its tick "
        "tells it; to a candle what is derived of its last document",
    )
    iv_source: IvSourceChoice = Field(default=None, description=_IV_SOURCE_OF_GREEKS)


class ChangesQuery(RangeQuery, SelectionQuery):
    """Between which moments, and of which contracts."""

    from_: MomentOrClose | None = Field(
        default=None,
        alias="from",
        description=f"{_FROM}; previous_close: the settled chain of the trading day before, else "
        "the last one of that day",
    )
    expiry: OneExpiry = Field(
        default="nearest", description="30-Jan-2025, 2025-01-30, nearest or next"
    )
    sort: ChangeSort | None = Field(
        default=None,
        description="a number of a record, with - in front for descending; records without it "
        "come last in either order; by default by strike and side",
    )
