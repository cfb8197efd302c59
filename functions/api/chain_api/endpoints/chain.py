"""The chain of a symbol: which contracts, which of their fields, in which layout."""

from dataclasses import dataclass

from chain_api.caching.http_cache import Content, content_of
from chain_api.caching.resource import ChainQuery, Chains, Description
from chain_api.calculations import leg_greeks
from chain_api.dependencies import Dependencies
from chain_api.json_types import Answer
from chain_api.parameters.columns import CHAIN_COLUMNS
from chain_api.parameters.selection import Selection
from chain_api.queries.contracts import selected_contracts
from chain_api.queries.freshness import Freshness, combined_members
from chain_api.rendering import formats
from chain_api.rendering.analytics import model_of
from chain_api.rendering.formats import Format, Layout
from optionchain.analytics import IvChoice, Terms
from optionchain.mongo.documents import HeaderDocument


@dataclass(frozen=True)
class ChainResource:
    """One symbol's chain of one expiry or of all; with `greeks`, each contract has its own.

    The volatilities of these come from `iv_source`.
    """

    query: ChainQuery
    selection: Selection
    columns: tuple[str, ...] | None
    layout: Layout
    form: Format
    greeks: bool = False
    iv_source: IvChoice = "price"

    def find(self) -> Chains:
        """Return the newest snapshot of each expiry."""
        return self.query.find()

    def describe(self, state: Chains) -> Description:
        """Return the answer without its contracts."""
        options = (self.selection, self.columns, self.layout, self.greeks, self.iv_source)
        headers = [chain.header for chain in state]
        rates = self._deps.analytics.rates(headers) if self.greeks else None
        representation = self.query.representation(state, self.form, "chain", *options, rates)
        return Description(representation, self._members(state))

    def read(self, state: Chains) -> Content:
        """Return the contracts."""
        headers, names = [chain.header for chain in state], self.columns
        fields = leg_greeks.fields_for(names) if self.greeks and names else names
        documents = selected_contracts(self._deps, headers, self.selection, fields)
        if self.greeks:
            terms = {each["expiry_date"]: self._terms(each) for each in headers}
            leg_greeks.add_to(documents, terms, names)
            # In JSON whole documents are written as they are. Other formats need the names.
            if self.form != "json" or self.layout == "columns":
                names = names or CHAIN_COLUMNS
        body = formats.chain_bytes(documents, self.layout, self.form, names)
        return content_of(body, self.form)

    def _terms(self, header: HeaderDocument) -> Terms:
        return self._deps.analytics.terms(header, self.iv_source)

    @property
    def _deps(self) -> Dependencies:
        return self.query.deps

    def _members(self, chains: Chains) -> Answer:
        rows = [self._expiry_row(chain) for chain in chains]
        newest = max(chains, key=lambda chain: chain.header["fetched_at"])
        one = rows[0] if len(rows) == 1 else {"expiry_date": None, "model": None}
        return {
            "symbol": self.query.symbol,
            "expiry_date": one["expiry_date"],
            "underlying_value": newest.header["underlying_value"],
            **combined_members(chains),
            "layout": self.layout,
            **({"model": one["model"]} if self.greeks else {}),
            "expiries": rows,
        }

    def _expiry_row(self, chain: Freshness) -> Answer:
        header = chain.header
        model = {}
        if self.greeks:
            model["model"] = model_of(self._deps.analytics.of(header), self.iv_source)
        return {
            "expiry_date": header["expiry_date"],
            "underlying_value": header["underlying_value"],
            **chain.members(),
            **model,
        }
