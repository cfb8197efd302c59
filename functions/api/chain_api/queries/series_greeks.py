"""What is derived of the contracts of a time series: each by the model of its own snapshot."""

from collections.abc import Sequence
from datetime import datetime

from chain_api.calculations import leg_greeks
from chain_api.dependencies import Dependencies
from chain_api.store.header_series import Span, aware
from optionchain.analytics import IvChoice
from optionchain.errors import SnapshotIncomplete
from optionchain.exchange_time import expiry_text, ist_text
from optionchain.mongo.documents import ContractDocument


def add_greeks(
    deps: Dependencies,
    span: Span,
    documents: Sequence[ContractDocument],
    iv_source: IvChoice,
    names: Sequence[str] | None = None,
) -> None:
    """Add the derived columns to documents of a span in place, as those of a chain have them.

    `names` are the columns wanted, None means all. The headers of all documents are one read; one
    of an older recorder, which holds no terms, has its contracts read as well. Raises
    SnapshotIncomplete if a header has expired meanwhile.
    """
    # Some readers give documents naive ticks, others aware ones.
    ticks = {tick: tick if tick.tzinfo else aware(tick) for tick in _ticks_of(documents)}
    headers = deps.time_series.headers_at(span, ticks.values(), terms=True)
    known = {header["fetched_at"]: deps.analytics.terms(header, iv_source) for header in headers}
    if gone := set(ticks.values()) - known.keys():
        name = f"{span.symbol} {expiry_text(span.expiry)} of {ist_text(min(gone))}"
        raise SnapshotIncomplete(f"The header of the snapshot {name} has expired")
    terms = {tick: known[at] for tick, at in ticks.items()}
    leg_greeks.add_to(documents, terms, names, key="fetched_at")


def _ticks_of(documents: Sequence[ContractDocument]) -> set[datetime]:
    return {document["fetched_at"] for document in documents}
