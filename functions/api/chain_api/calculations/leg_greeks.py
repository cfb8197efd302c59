"""Derived columns of the contracts of a chain: volatility, Greeks, build-up. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from chain_api.parameters.columns import GREEK_COLUMNS
from optionchain.analytics import Terms, buildup, greeks
from optionchain.mongo.documents import ContractDocument

_INPUT_FIELDS = (
    "type",
    "strike_price",
    "expiry_date",
    "implied_volatility",
    "bid_price",
    "ask_price",
    "last_price",
    "change",
    "change_in_oi",
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
            document["bid_price"],
            document["ask_price"],
            document["last_price"],
            terms[document["expiry_date"]],
        )
        class_ = buildup(document["change"], document["change_in_oi"])
        derived = zip(GREEK_COLUMNS, (*leg, class_), strict=True)
        cast("dict[str, Any]", document).update(derived)
