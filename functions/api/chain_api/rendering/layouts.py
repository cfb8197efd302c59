"""The three layouts of a chain: by side, by strike, by column. Pure.

Documents are as stored, without `_id`, in the order of expiry, strike and side, the call before the
put. Each holds `type`, `strike_price`, `expiry_date` and every field wanted; a KeyError says that
the caller read too few fields. `names` are the columns wanted, in order; None means all.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from chain_api.json_types import Answer
from optionchain.mongo.documents import CONTRACT_FIELDS

type Contract = Mapping[str, Any]

ALL_COLUMNS = CONTRACT_FIELDS

_STRIKE = itemgetter("expiry_date", "strike_price")


def sides(documents: Sequence[Contract], names: Sequence[str] | None) -> Answer:
    """Return `calls` and `puts`, each by expiry and strike. Whole documents are not copied."""
    calls = [document for document in documents if document["type"] == "CE"]
    puts = [document for document in documents if document["type"] == "PE"]
    return {
        "total_calls": len(calls),
        "total_puts": len(puts),
        "calls": [_with_columns(document, names) for document in calls],
        "puts": [_with_columns(document, names) for document in puts],
    }


def rows(documents: Sequence[Contract], names: Sequence[str] | None) -> Answer:
    """Return one row for each expiry and strike, as the exchange shows a chain.

    A row holds `expiry_date`, `strike_price`, `call` and `put`; a missing side is None.
    """
    found: list[Answer] = []
    for (expiry_date, strike_price), legs in groupby(documents, _STRIKE):
        pair = {leg["type"]: _with_columns(leg, names) for leg in legs}
        row = {
            "expiry_date": expiry_date,
            "strike_price": strike_price,
            "call": pair.get("CE"),
            "put": pair.get("PE"),
        }
        found.append(row)
    return {**_totals(documents), "total_rows": len(found), "rows": found}


def columns(documents: Sequence[Contract], names: Sequence[str] | None) -> Answer:
    """Return one list of values for each name: `pandas.DataFrame(answer["columns"])`."""
    values = {
        name: [document[name] for document in documents] for name in columns_of(documents, names)
    }
    return {**_totals(documents), "columns": values}


def columns_of(documents: Sequence[Contract], names: Sequence[str] | None) -> Sequence[str]:
    """Return the columns wanted; if all are, the fields of the first document."""
    if names is not None:
        return names
    return tuple(documents[0]) if documents else ALL_COLUMNS


def _with_columns(document: Contract, names: Sequence[str] | None) -> Contract:
    return document if names is None else {name: document[name] for name in names}


def _totals(documents: Sequence[Contract]) -> Answer:
    calls = sum(document["type"] == "CE" for document in documents)
    return {"total_calls": calls, "total_puts": len(documents) - calls}
