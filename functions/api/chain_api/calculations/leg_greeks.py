"""Derived columns of the contracts of a chain: volatility, Greeks, build-up. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from chain_api.calculations.new_contracts import CHANGE_FIELDS, change_of
from chain_api.parameters.columns import GREEK_COLUMNS
from optionchain.analytics import Terms, buildup, greeks, price_now
from optionchain.mongo.documents import ContractDocument

_INPUT_FIELDS = (
    "type",
    "strike_price",
    "expiry_date",
    "implied_volatility",
    "bid_price",
    "ask_price",
    "last_price",
    "total_traded_volume",
    "change",
    *CHANGE_FIELDS,
)


def fields_for(names: Sequence[str]) -> tuple[str, ...]:
    """Return the fields to read from documents for these columns, some of them derived."""
    return tuple({*names, *_INPUT_FIELDS}.difference(GREEK_COLUMNS))


def add_to(documents: Sequence[ContractDocument], terms: Mapping[str, Terms]) -> None:
    """Add the derived columns to documents in place; `terms` are by `expiry_date`."""
    for document in documents:
        leg = greeks(
            document["type"],
            document["strike_price"],
            document["implied_volatility"],
            price_now(
                document["bid_price"],
                document["ask_price"],
                document["last_price"],
                document["total_traded_volume"],
            ),
            terms[document["expiry_date"]],
        )
        # Written out: a loop over the names takes four times as long.
        columns = cast("dict[str, Any]", document)
        (
            columns["iv"],
            columns["iv_source"],
            columns["delta"],
            columns["gamma"],
            columns["theta"],
            columns["vega"],
            columns["rho"],
            columns["iv_reason"],
        ) = leg
        _add_changes(document, columns)


def _add_changes(document: ContractDocument, columns: dict[str, Any]) -> None:
    if document["newly_listed"]:
        # The exchange reckons its change of price from a price that nobody paid.
        columns["buildup"] = None
        columns["oi_since_previous_close"] = change_of(document)
        columns["change_reason"] = "newly_listed"
    else:
        columns["buildup"] = buildup(document["change"], document["change_in_oi"])
        columns["oi_since_previous_close"] = document["change_in_oi"]
        columns["change_reason"] = None
