"""A chain as one request asks for it: where to look, what it depends on, how it is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from chain_api import rendering
from chain_api.answers import Answer
from chain_api.deps import Deps
from chain_api.reading import headers_of
from chain_api.rendering import Format, Layout, instant_text
from chain_api.representation import Representation, cache_control, version_of
from chain_api.selection import Selection, around_the_money
from chain_api.sights import Sight, sight
from optionchain.documents import ContractDocument, HeaderDocument

# What layouts and the order of contracts need, whatever columns are asked for.
ALWAYS = ("type", "strike_price", "expiry_date", "expiry")


class Seen(NamedTuple):
    """A chain before its contracts are read: what is known, how it goes out, how it begins."""

    sights: list[Sight]
    represented: Representation
    head: Answer


@dataclass(frozen=True)
class ChainView:
    """One symbol's chain of one expiry, or of all; `at` None is the latest."""

    deps: Deps
    symbol: str
    expiry: str
    at: datetime | None
    absolute: bool
    selection: Selection
    columns: tuple[str, ...] | None
    layout: Layout
    form: Format

    def seen(self) -> Seen:
        """Return what look finds, and what it makes of the answer."""
        sights = self.look()
        return Seen(sights, self.representation(sights), self.head(sights))

    def look(self) -> list[Sight]:
        """Return what is known of the chain now, of each expiry: one small read, where it is one.

        Raises Problem and StoreUnavailable.
        """
        found = headers_of(self.deps, self.symbol, self.expiry, self.at)
        return [sight(self.deps, header, self.at) for header in found]

    def representation(self, sights: Sequence[Sight]) -> Representation:
        """Return what the answer is, before its contracts are read."""
        version = version_of(
            *(each.key for each in sights),
            *(self.symbol, self.expiry, self.selection, self.columns, self.layout, self.form),
        )
        fresh = cache_control(
            self.deps.calendar.market(),
            self.deps.settings.nse_fetch_interval,
            self.deps.now(),
            self.at,
            absolute=self.absolute,
        )
        return Representation(version, self.form, fresh, standing(sights))

    def head(self, sights: Sequence[Sight]) -> Answer:
        """Return the members of the answer that are not its contracts."""
        one = len(sights) == 1
        newest = max(sights, key=lambda each: each.header["fetched_at"])
        return {
            "symbol": self.symbol,
            "expiry_date": sights[0].header["expiry_date"] if one else None,
            "underlying_value": newest.header["underlying_value"],
            **together(sights),
            "layout": self.layout,
            "expiries": [_expiry_row(each) for each in sights],
        }

    def read(self, sights: Sequence[Sight]) -> bytes:
        """Return the contracts, read and written."""
        headers = [each.header for each in sights]
        documents = chosen(self.deps, headers, self.selection, self.columns)
        return rendering.chain(documents, self.layout, self.form, self.columns)


def chosen(
    deps: Deps,
    headers: Sequence[HeaderDocument],
    selection: Selection,
    columns: Sequence[str] | None = None,
) -> list[ContractDocument]:
    """Return the contracts of these headers that are wanted, by expiry, strike and side.

    `columns` are the fields that are wanted, None all; some more are read to put them in order.
    """
    store, fields = deps.store, tuple({*columns, *ALWAYS}) if columns else None
    if selection.strikes_around_atm is None and len(headers) > 1:
        return store.contracts_of(headers, selection.where(), fields)
    found = (store.contracts(header, where(deps, header, selection), fields) for header in headers)
    return list(chain.from_iterable(found))


def where(deps: Deps, header: HeaderDocument, selection: Selection) -> dict[str, Any]:
    """Return the conditions of a selection on the documents of a header."""
    each_side = selection.strikes_around_atm
    if each_side is None:
        return selection.where()
    strikes = deps.store.strikes(header)
    return selection.where(around_the_money(strikes, header["underlying_value"], each_side))


def together(sights: Sequence[Sight]) -> Answer:
    """Return the members that say when the numbers of several headers held.

    Together they are as old as the oldest of them.
    """
    newest = max(sights, key=lambda each: each.header["fetched_at"])
    oldest = min(sights, key=lambda each: each.last_seen_at)
    return newest.head() | {
        "last_seen_at": oldest.last_seen_at,
        "age_seconds": oldest.age_seconds,
        "gap": any(each.gap for each in sights),
    }


def standing(sights: Sequence[Sight]) -> dict[str, str]:
    """Return the same as headers, for CSV and for a 304."""
    head = together(sights)
    return {
        "X-Timestamp": instant_text(head["timestamp"]),
        "X-Last-Seen-At": instant_text(head["last_seen_at"]),
        "X-Age-Seconds": f"{head['age_seconds']:.0f}",
        "X-Gap": str(head["gap"]).lower(),
    }


def _expiry_row(each: Sight) -> Answer:
    header = each.header
    return {
        "expiry_date": header["expiry_date"],
        "underlying_value": header["underlying_value"],
        **each.head(),
    }
