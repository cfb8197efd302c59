"""The columns of the files of an archive: the public names and types of MongoDB's documents.

A column has one type in every file of every day: a whole number in a column of doubles is a double.
What a document has that its columns cannot hold exactly is kept beside them, so that it can be made
again as it was. A new column makes a new schema version of the manifest.
"""

from typing import Literal

from optionchain.archive.layout import FileKind

type ColumnType = Literal[
    "text", "double", "integer", "instant", "flag", "texts", "bytes", "analytics"
]

ABSENT = "absent"
"""Names of the columns that a contract's document does not have, with commas; null: it has all."""
EXTRA = "extra"
"""BSON of what a document has and its columns cannot hold exactly; null: there is nothing."""
DOCUMENT = "document"
"""BSON of a whole document, without its `_id`."""

CONTRACT_COLUMNS: dict[str, ColumnType] = {
    "symbol": "text",
    "type": "text",
    "strike_price": "double",
    "expiry_date": "text",
    "identifier": "text",
    "fetched_at": "instant",
    "open_interest": "double",
    "change_in_oi": "double",
    "pchange_in_oi": "double",
    "last_price": "double",
    "change": "double",
    "pchange": "double",
    "total_traded_volume": "double",
    "implied_volatility": "double",
    "bid_qty": "integer",
    "bid_price": "double",
    "ask_price": "double",
    "ask_qty": "integer",
    "underlying_value": "double",
    "expiry": "instant",
    "exchange_timestamp": "instant",
    "total_buy_qty": "double",
    "total_sell_qty": "double",
    "iv_as_of": "instant",
    "listed_on": "text",
    "newly_listed": "flag",
    "source": "text",
    "settlement_price": "double",
}

ANALYTICS_COLUMNS: dict[str, ColumnType] = {
    "model": "text",
    "iv_source": "text",
    "forward": "double",
    "forward_source": "text",
    "rate": "double",
    "days_to_expiry": "double",
    "payoff_fixed": "flag",
    "reference_price": "double",
    "reference_source": "text",
    "pcr_oi": "double",
    "pcr_volume": "double",
    "pcr_change": "double",
    "max_pain": "double",
    "atm_strike": "double",
    "atm_iv": "double",
    "straddle_price": "double",
    "implied_move_percent": "double",
    "skew_25_delta": "double",
    "call_gamma_exposure": "double",
    "put_gamma_exposure": "double",
    "total_gamma_exposure": "double",
    "net_gamma_exposure": "double",
    "unpriced_legs": "integer",
    "newly_listed": "integer",
    "support": "double",
    "resistance": "double",
}
"""The members of a header's `analytics` that are one value; the others are in its document."""

HEADER_COLUMNS: dict[str, ColumnType] = {
    "symbol": "text",
    "expiry": "instant",
    "expiry_date": "text",
    "fetched_at": "instant",
    "last_seen_at": "instant",
    "exchange_timestamp": "instant",
    "underlying_value": "double",
    "calls": "integer",
    "puts": "integer",
    "call_open_interest": "double",
    "put_open_interest": "double",
    "call_volume": "double",
    "put_volume": "double",
    "content_hash": "text",
    "earlier_hashes": "texts",
    "revised": "flag",
    "legs_missing": "integer",
    "legs_hash": "text",
    "settled": "flag",
    "settled_at": "instant",
    "unlisted_since": "instant",
    "underlying_since": "instant",
    "frozen_since": "instant",
    "source": "text",
    "derived": "texts",
    "lot_size": "integer",
    "lot_size_reason": "text",
    "analytics": "analytics",
}

TICK_COLUMNS: dict[str, ColumnType] = {
    "symbol": "text",
    "tick": "instant",
    "outcome": "text",
    "reason": "text",
    "source": "text",
    "owner": "text",
    "claimed_at": "instant",
    "lateness_ms": "double",
    "fetch_ms": "double",
    "parse_ms": "double",
    "store_ms": "double",
    "data_age_seconds": "double",
    "legs": "integer",
    "inserted": "integer",
    "duplicates": "integer",
    "revised": "integer",
    "out_of_order": "integer",
    "detail": "text",
}

RECORD_COLUMNS: dict[str, ColumnType] = {"collection": "text"}
"""What else the answers about a day need: listings, duties, settlements and the like."""

COLUMNS: dict[FileKind, dict[str, ColumnType]] = {
    "contracts": {**CONTRACT_COLUMNS, ABSENT: "text", EXTRA: "bytes"},
    "headers": {**HEADER_COLUMNS, DOCUMENT: "bytes"},
    "ticks": {**TICK_COLUMNS, DOCUMENT: "bytes"},
    "records": {**RECORD_COLUMNS, DOCUMENT: "bytes"},
}
"""The columns of each kind of file, in order."""

ORDER: dict[FileKind, tuple[str, ...]] = {
    "contracts": ("expiry", "strike_price", "type", "fetched_at"),
    "headers": ("expiry", "fetched_at"),
    "ticks": ("tick",),
    "records": ("collection", DOCUMENT),
}
"""The columns that the rows of each kind of file are sorted by."""
