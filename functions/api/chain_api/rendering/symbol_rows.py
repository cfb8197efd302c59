"""The rows of /symbols as JSON. A row without news is written once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple, Protocol

from chain_api.calculations.ages import age_seconds
from chain_api.calculations.provenance import provenance
from chain_api.json_types import Answer, json_bytes
from chain_api.parameters.columns import SYMBOL_COLUMNS
from optionchain.mongo.documents import HeaderDocument
from optionchain.symbol_plan import SymbolPlan

type Headers = Sequence[HeaderDocument]


class Terms(Protocol):
    """What is known of contracts; while nothing changes it is the same object."""

    def of(self, symbol: str, expiry: date) -> Answer:
        """Return each term of an expiry, or the reason why it is not known."""
        ...


@dataclass(frozen=True)
class SymbolFacts:
    """What rows are made of. `headers` are of the expiries of each symbol, by date.

    `terms` may be None if no column tells them.
    """

    plan: SymbolPlan
    terms: Terms | None
    headers: Mapping[str, Headers]


@dataclass(frozen=True)
class SymbolRow:
    """A row without its age, which goes on: the beginning of its JSON object.

    `confirmed` is the newest tick that confirmed any of its snapshots, None if it has no age.
    """

    head: bytes
    confirmed: datetime | None

    @cached_property
    def digest(self) -> bytes:
        """Return a short name for everything but the age."""
        return blake2b(self.head, digest_size=8).digest()

    def json(self, now: datetime) -> bytes:
        """Return the whole object."""
        if self.confirmed is None:
            return self.head + b"}"
        return b'%b,"age_seconds":%.1f}' % (self.head, age_seconds(self.confirmed, now))


class _Written(NamedTuple):
    """A row, and what it was made of."""

    plan: SymbolPlan
    terms: Terms | None
    versions: tuple[object, ...]
    row: SymbolRow

    def holds(self, facts: SymbolFacts, versions: tuple[object, ...]) -> bool:
        """Tell whether the row would be the same."""
        is_same = self.plan is facts.plan and self.terms is facts.terms
        return is_same and self.versions == versions


class SymbolRows:
    """Writes rows, and keeps those with all columns. Safe for several threads."""

    def __init__(self) -> None:
        self._written: dict[str, _Written] = {}

    def of(self, symbol: str, facts: SymbolFacts, columns: Sequence[str]) -> SymbolRow:
        """Return the row of a symbol."""
        if columns != SYMBOL_COLUMNS:
            return _row(symbol, facts, columns)
        versions = tuple(map(_version, facts.headers[symbol]))
        known = self._written.get(symbol)
        if known is None or not known.holds(facts, versions):
            row = _row(symbol, facts, columns)
            known = _Written(facts.plan, facts.terms, versions, row)
            self._written[symbol] = known
        return known.row


def of_plan(plan: SymbolPlan, symbol: str) -> Answer:
    """Return how a symbol is recorded; None of one that is not recorded any more."""
    planned = plan.by_symbol.get(symbol)
    listed = plan.symbol_list.symbols.get(symbol) if plan.symbol_list else None
    return {
        "kind": listed.kind if listed else planned and planned.kind,
        "tier": planned and planned.tier,
        "interval_seconds": planned and planned.rhythm.interval,
        "listed_since": listed and listed.since,
        "lost_since": listed and listed.lost_since,
    }


def _row(symbol: str, facts: SymbolFacts, columns: Sequence[str]) -> SymbolRow:
    row: Answer = {"symbol": symbol, **of_plan(facts.plan, symbol)}
    headers = facts.headers.get(symbol, ())
    if headers:
        row |= _of_headers(headers)
    if headers and facts.terms:
        row["contract_terms"] = _of_lists(headers, facts.terms)
    head = json_bytes({name: row[name] for name in columns if name != "age_seconds"})[:-1]
    return SymbolRow(head, row["last_seen_at"] if "age_seconds" in columns else None)


def _of_headers(headers: Headers) -> Answer:
    newest = max(headers, key=lambda header: header["fetched_at"])
    return {
        "expiry_dates": [header["expiry_date"] for header in headers],
        "expiries": [_expiry(header) for header in headers],
        "last_snapshot": newest["fetched_at"],
        "last_seen_at": max(header["last_seen_at"] for header in headers),
        "underlying_value": newest["underlying_value"],
        "settled": all(header.get("settled", False) for header in headers),
    }


def _expiry(header: HeaderDocument) -> Answer:
    return {
        "expiry_date": header["expiry_date"],
        "last_seen_at": header["last_seen_at"],
        "exchange_timestamp": header["exchange_timestamp"],
        **provenance([header]),
    }


def _of_lists(headers: Headers, terms: Terms) -> list[Answer]:
    """Return what holds of the contracts of each expiry today."""
    return [
        {"expiry_date": each["expiry_date"], **terms.of(each["symbol"], each["expiry"].date())}
        for each in headers
    ]


def _version(header: HeaderDocument) -> tuple[object, ...]:
    """Return what a row depends on of a header."""
    instants = header["expiry"], header["fetched_at"], header["last_seen_at"]
    return (*instants, header.get("settled"))
