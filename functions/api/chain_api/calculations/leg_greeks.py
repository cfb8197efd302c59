"""Derived columns of the contracts of a chain: volatility, Greeks, build-up. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from chain_api.calculations.new_contracts import CHANGE_FIELDS, change_of, change_reason
from chain_api.parameters.columns import GREEK_COLUMNS
from optionchain.analytics import Terms, buildup, price_now, pricer
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
)
_CHANGE_FIELDS = ("change", *CHANGE_FIELDS)
_CHANGE_COLUMNS = frozenset({"buildup", "oi_since_previous_close", "change_reason"})


def fields_for(names: Sequence[str]) -> tuple[str, ...]:
    """Return the fields to read from documents for these columns, some of them derived."""
    wanted = {*names, *_INPUT_FIELDS, *(_CHANGE_FIELDS if _has_changes(names) else ())}
    return tuple(wanted.difference(GREEK_COLUMNS))


def _has_changes(names: Sequence[str] | None) -> bool:
    return names is None or not _CHANGE_COLUMNS.isdisjoint(names)


def add_to(
    documents: Sequence[ContractDocument],
    terms: Mapping[Any, Terms],
    names: Sequence[str] | None = None,
    key: Literal["expiry_date", "fetched_at"] = "expiry_date",
) -> None:
    """Add the derived columns to documents in place; `terms` are by their field `key`.

    `names` are the columns wanted, None means all.
    """
    has_changes = _has_changes(names)
    priced = {name: pricer(each) for name, each in terms.items()}
    for document in documents:
        leg = priced[document[key]](
            document["type"],
            document["strike_price"],
            document["implied_volatility"],
            price_now(
                document["bid_price"],
                document["ask_price"],
                document["last_price"],
                document["total_traded_volume"],
            ),
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
        if has_changes:
            _add_changes(document, columns)


def _add_changes(document: ContractDocument, columns: dict[str, Any]) -> None:
    reason = change_reason(document)
    if reason:
        # The exchange reckons a new contract's change of price from a price that nobody paid.
        columns["buildup"] = None
        columns["oi_since_previous_close"] = change_of(document)
    else:
        columns["buildup"] = buildup(
            document["change"], document["change_in_oi"], document["total_traded_volume"]
        )
        columns["oi_since_previous_close"] = document["change_in_oi"]
    columns["change_reason"] = reason
