"""Where the numbers of an answer come from, and what dates them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from chain_api.json_types import Answer
from optionchain.mongo.documents import BHAVCOPY, source_of
from optionchain.snapshot import Quote

type DatedBy = Literal["exchange", "receipt"]


def dated_by(header: Mapping[str, Any]) -> DatedBy:
    """Return what says when the numbers of a snapshot were true.

    It is the exchange, by its stamp or by the date of its daily file; else the time of receipt.
    """
    is_dated = header["exchange_timestamp"] or source_of(header) == BHAVCOPY
    return "exchange" if is_dated else "receipt"


def provenance(headers: Sequence[Mapping[str, Any]]) -> Answer:
    """Return the members of an answer that say where its numbers come from; of one header or more.

    Several sources are told in the order of the headers, with commas between.
    """
    sources = dict.fromkeys(source_of(header) for header in headers)
    derived = {name for header in headers for name in header.get("derived", ())}
    receipt = any(dated_by(header) == "receipt" for header in headers)
    return {
        "source": ",".join(sources),
        "derived": [name for name in Quote._fields if name in derived],
        "dated_by": "receipt" if receipt else "exchange",
    }
