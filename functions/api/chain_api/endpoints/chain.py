"""A chain as one request asks for it: which contracts, which of their fields, how written."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from chain_api.caching.cacheable import Question, Seen, together
from chain_api.calculations import leg_greeks
from chain_api.dependencies import Dependencies
from chain_api.parameters.columns import CHAIN_COLUMNS
from chain_api.parameters.selection import Selection, around_the_money
from chain_api.queries.freshness import Sight
from chain_api.rendering import formats as rendering
from chain_api.rendering.answers import Answer
from chain_api.rendering.formats import Format, Layout
from optionchain.mongo.documents import ContractDocument, HeaderDocument

# What layouts and the order of contracts need, whatever columns are asked for.
ALWAYS = ("type", "strike_price", "expiry_date", "expiry")


@dataclass(frozen=True)
class ChainView:
    """One symbol's chain of one expiry, or of all; with `greeks` each contract has its own."""

    question: Question
    selection: Selection
    columns: tuple[str, ...] | None
    layout: Layout
    form: Format
    greeks: bool = False

    def seen(self) -> Seen:
        """Return what look finds, and what it makes of the answer."""
        sights = self.question.look()
        asked = (self.selection, self.columns, self.layout, self.greeks)
        rates = self._deps.analytics.basis(each.header for each in sights) if self.greeks else None
        represented = self.question.represented(sights, self.form, "chain", *asked, rates)
        return Seen(sights, represented, self.head(sights))

    def head(self, sights: Sequence[Sight]) -> Answer:
        """Return the members of the answer that are not its contracts."""
        rows = [self._expiry_row(each) for each in sights]
        newest = max(sights, key=lambda each: each.header["fetched_at"])
        one = rows[0] if len(rows) == 1 else {"expiry_date": None, "model": None}
        return {
            "symbol": self.question.symbol,
            "expiry_date": one["expiry_date"],
            "underlying_value": newest.header["underlying_value"],
            **together(sights),
            "layout": self.layout,
            **({"model": one["model"]} if self.greeks else {}),
            "expiries": rows,
        }

    def read(self, sights: Sequence[Sight]) -> bytes:
        """Return the contracts, read and written."""
        headers, names = [each.header for each in sights], self.columns
        fields = leg_greeks.fields_for(names) if self.greeks and names else names
        documents = chosen(self._deps, headers, self.selection, fields)
        if self.greeks:
            terms = {each["expiry_date"]: self._deps.analytics.terms(each) for each in headers}
            leg_greeks.add(documents, terms)
            # Whole documents in JSON are not taken apart; all else is written by name.
            if self.form != "json" or self.layout == "columns":
                names = names or CHAIN_COLUMNS
        return rendering.chain(documents, self.layout, self.form, names)

    @property
    def _deps(self) -> Dependencies:
        return self.question.deps

    def _expiry_row(self, each: Sight) -> Answer:
        header = each.header
        priced = {"model": self._deps.analytics.model(header)} if self.greeks else {}
        return {
            "expiry_date": header["expiry_date"],
            "underlying_value": header["underlying_value"],
            **each.head(),
            **priced,
        }


def chosen(
    deps: Dependencies,
    headers: Sequence[HeaderDocument],
    selection: Selection,
    columns: Sequence[str] | None = None,
) -> list[ContractDocument]:
    """Return the contracts of these headers that are wanted, by expiry, strike and side.

    `columns` are the fields that are wanted, None all; some more are read to put them in order.
    """
    store, fields = deps.snapshots, tuple({*columns, *ALWAYS}) if columns else None
    if selection.strikes_around_atm is None and len(headers) > 1:
        return store.contracts_of(headers, selection.where(), fields)
    found = (store.contracts(header, where(deps, header, selection), fields) for header in headers)
    return list(chain.from_iterable(found))


def where(deps: Dependencies, header: HeaderDocument, selection: Selection) -> dict[str, Any]:
    """Return the conditions of a selection on the documents of a header."""
    each_side = selection.strikes_around_atm
    if each_side is None:
        return selection.where()
    strikes = deps.snapshots.strikes(header)
    return selection.where(around_the_money(strikes, header["underlying_value"], each_side))
