"""What the table of all symbols may be sorted and narrowed down by: names of its columns."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, WithJsonSchema

from chain_api.parameters.columns import names_of, sort_key, sort_schema

type Spark = Literal["underlying_value", "pcr_oi", "atm_iv"]

FIGURES = (
    "reference_price",
    "pcr_oi",
    "pcr_volume",
    "max_pain",
    "atm_strike",
    "atm_iv",
    "straddle_price",
    "implied_move_percent",
    "skew_25_delta",
    "support",
    "resistance",
)
"""Numbers of a row that are those of the snapshot's analytics."""
STATE = (
    *("timestamp", "last_seen_at", "exchange_timestamp", "age_seconds", "gap", "settled"),
    *("frozen", "frozen_since", "source", "dated_by", "lot_size"),
)
CHANGES = (
    *("underlying_change", "underlying_change_percent"),
    *("open_interest_change", "open_interest_change_percent"),
    *("pcr_oi_change", "atm_iv_change", "iv_30d_change"),
)
COLUMNS = (
    *("symbol", "kind", "tier", "expiry_date", "days_to_expiry", *STATE),
    *("underlying_value", *FIGURES, "iv_30d", "iv_rank", "iv_percentile", "iv_days"),
    *("open_interest", "call_open_interest", "put_open_interest"),
    *("volume", "call_volume", "put_volume", *CHANGES, "buildup", "previous_day"),
)
"""The columns of a row in their order, those of CSV."""
NESTED = ("reasons",)
"""Members of a row that CSV has no place for."""
# What has a least and a most value: min_… and max_….
BOUNDED: Mapping[str, str] = {
    "pcr_oi": "put/call ratio of open interest",
    "atm_iv": "implied volatility at the money, in percent a year",
    "iv_30d": "the same in 30 days",
    "iv_rank": "rank of iv_30d, 0 to 100",
    "iv_percentile": "percentile of iv_30d, 0 to 100",
    "implied_move_percent": "straddle in percent of the price",
    "underlying_change_percent": "change of the underlying's price",
    "open_interest_change_percent": "change of open interest",
    "open_interest": "open interest, in contracts (lots)",
    "volume": "volume of the day, in contracts (lots)",
    "days_to_expiry": "calendar days to the expiry",
}


def _columns(text: str) -> str:
    return names_of(text, (*COLUMNS, *NESTED), "columns")


def _schema(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


_ALL = "|".join((*COLUMNS, *NESTED))
type SortKey = Annotated[
    str,
    AfterValidator(partial(sort_key, known=COLUMNS)),
    sort_schema(COLUMNS, "-pcr_oi", "symbol"),
]
type RowColumns = Annotated[
    str,
    AfterValidator(_columns),
    _schema(f"^(?: *(?:{_ALL})(?: *, *(?:{_ALL}))* *)$", "symbol,pcr_oi,iv_rank"),
]
