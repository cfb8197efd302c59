"""A symbol as the table of all symbols has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

import orjson

from chain_api.calculations.symbol_record import SymbolRecord
from chain_api.queries.freshness import Freshness, is_settled
from chain_api.queries.known_headers import Headers
from optionchain.exchange_time import exchange_date
from optionchain.mongo.documents import HeaderDocument


class Facts(NamedTuple):
    """What a symbol of the table is made of: its newest headers, its expiries, its days.

    `nearest` is None without any header, and `around` are the expiries around 30 days.
    """

    symbol: str
    nearest: date | None
    around: Sequence[date]
    headers: Headers
    gap: bool
    record: SymbolRecord


@dataclass(frozen=True)
class TableSymbol:
    """A symbol with its nearest chain, None without any, and the headers of expiries around.

    It is the same object as long as it has no news. Its chain's `last_seen_at` and age are then as
    old as the object: the present ones are in the table.
    """

    symbol: str
    chain: Freshness | None
    around: Sequence[HeaderDocument]
    record: SymbolRecord

    @cached_property
    def day(self) -> date | None:
        """Return the day in India of the chain's tick, None without a chain."""
        return exchange_date(self.chain.header["fetched_at"]) if self.chain else None

    @cached_property
    def version(self) -> str:
        """Return a text that names what a row made of this depends on, beside its days."""
        own = self.chain.version_parts if self.chain else []
        around = [each["content_hash"] for each in self.around]
        return orjson.dumps([self.symbol, own, around]).decode()


class TableSymbols:
    """Makes them, each anew only if it has news. For one thread at a time."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Facts, TableSymbol]] = {}

    def of(self, facts: Facts, now: datetime) -> TableSymbol:
        """Return the symbol of these facts; headers that are the same objects have no news."""
        known = self._made.get(facts.symbol)
        if known is None or known[0] != facts:
            known = self._made[facts.symbol] = facts, _made(facts, now)
        return known[1]


def _made(facts: Facts, now: datetime) -> TableSymbol:
    headers, chain = facts.headers, None
    if facts.nearest and (header := headers.get(facts.nearest)):
        seen, settled = header["last_seen_at"], is_settled(header, None)
        chain = Freshness(header, now, seen, facts.gap, settled)
    around = [headers[day] for day in facts.around if day in headers]
    return TableSymbol(facts.symbol, chain, around, facts.record)
