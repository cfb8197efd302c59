"""A stored snapshot, made again from its documents: its numbers, and what the record knew of it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, cast

from optionchain.contract_terms import ContractTerms
from optionchain.exchange_time import parse_expiry
from optionchain.mongo.documents import ContractDocument, HeaderDocument, source_of
from optionchain.snapshot import Leg, Quote, Snapshot
from optionchain.snapshot_facts import SnapshotFacts

# The fields that documents of older versions lack.
_ADDED_FIELDS = ("iv_as_of", "listed_on", "newly_listed")


def snapshot_of(header: HeaderDocument, contracts: Iterable[ContractDocument]) -> Snapshot:
    """Return the snapshot that was stored as this header and these contracts."""
    quotes = sorted(
        (_quote(document) for document in contracts),
        key=lambda quote: (quote.strike_price, quote.side),
    )
    return Snapshot(
        symbol=header["symbol"],
        expiry=_date(header["expiry"]),
        fetched_at=header["fetched_at"],
        exchange_timestamp=header["exchange_timestamp"],
        underlying_value=header["underlying_value"],
        quotes=tuple(quotes),
        source=source_of(header),
        derived=tuple(header.get("derived", ())),
    )


def facts_in(header: HeaderDocument, contracts: Iterable[ContractDocument]) -> SnapshotFacts:
    """Return what the record knew of the snapshot that was stored as these documents."""
    iv_as_of: dict[Leg, datetime] = {}
    listed_on: dict[Leg, date] = {}
    new_legs: list[Leg] = []
    doubted_legs: list[Leg] = []
    for document in contracts:
        leg = document["strike_price"], document["type"]
        if known := document.get("iv_as_of"):
            iv_as_of[leg] = known
        if day := document.get("listed_on"):
            listed_on[leg] = parse_expiry(day)
        newly_listed = document.get("newly_listed")
        if newly_listed:
            new_legs.append(leg)
        elif newly_listed is None:
            doubted_legs.append(leg)
    return SnapshotFacts(
        underlying_since=header.get("underlying_since"),
        frozen_since=header.get("frozen_since"),
        iv_as_of=iv_as_of,
        listed_on=listed_on,
        new_legs=frozenset(new_legs),
        doubted_legs=frozenset(doubted_legs),
        terms=_terms_in(header),
    )


def _terms_in(header: HeaderDocument) -> ContractTerms:
    """Return the lot size of a header; the other terms are not stored with a snapshot."""
    reason = header.get("lot_size_reason", "not_read")
    reasons = {"tick_size": "not_read", "freeze_quantity": "not_read"}
    if reason:
        reasons["lot_size"] = reason
    return ContractTerms(lot_size=header.get("lot_size"), reasons=reasons)


def add_missing_fields(
    documents: Iterable[ContractDocument], columns: Sequence[str] | None
) -> None:
    """Give documents of older versions the fields that they lack, as None.

    `columns` are those that were read, None means all.
    """
    wanted = [name for name in _ADDED_FIELDS if columns is None or name in columns]
    for document in documents if wanted else ():
        if wanted[0] not in document:
            cast("dict[str, Any]", document).update(dict.fromkeys(wanted))


def _quote(document: ContractDocument) -> Quote:
    values: dict[str, Any] = {name: document.get(name) for name in Quote._fields}
    values["side"] = document["type"]
    return Quote(**values)


def _date(instant: datetime) -> date:
    return instant.astimezone(UTC).date()
