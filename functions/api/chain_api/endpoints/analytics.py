"""What is derived of one snapshot: the summary, the smile, or the open interest by strike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from chain_api.caching.http_cache import Content, content_of
from chain_api.caching.resource import ChainQuery, Chains, Description
from chain_api.dependencies import Dependencies
from chain_api.endpoints.strike_profiles import (
    PROFILE_COLUMNS,
    SMILE_COLUMNS,
    open_interest_profile,
    rows_by_strike,
    smile,
)
from chain_api.json_types import Answer, json_bytes
from chain_api.queries.freshness import Freshness
from chain_api.rendering.analytics import (
    FLAT_COLUMNS,
    STATE_COLUMNS,
    analytics_members,
    flat_record,
)
from chain_api.rendering.formats import Format, lines
from optionchain.analytics import IvChoice
from optionchain.mongo.documents import HeaderDocument

type Kind = Literal["analytics", "smile", "open-interest"]
type Table = tuple[Sequence[Answer], Sequence[str]]


class _Renderer(NamedTuple):
    """How one kind is derived from a header, and how it becomes records with named columns."""

    members: Callable[[Dependencies, HeaderDocument, IvChoice], Answer]
    table: Callable[[Freshness, Answer], Table]


def _summary(deps: Dependencies, header: HeaderDocument, iv_source: IvChoice) -> Answer:
    return analytics_members(header, deps.analytics.of(header, iv_source))


def _summary_table(chain: Freshness, answer: Answer) -> Table:
    told = chain.members()
    state = {name: told[name] for name in STATE_COLUMNS}
    return [flat_record(chain.header, answer) | state], FLAT_COLUMNS


_RENDERERS: Mapping[Kind, _Renderer] = {
    "analytics": _Renderer(_summary, _summary_table),
    "smile": _Renderer(smile, lambda _, answer: rows_by_strike(answer, SMILE_COLUMNS)),
    "open-interest": _Renderer(
        lambda deps, header, _: open_interest_profile(deps, header),
        lambda _, answer: rows_by_strike(answer, PROFILE_COLUMNS),
    ),
}


@dataclass(frozen=True)
class AnalyticsResource:
    """One kind of analytics of one symbol's snapshot; volatilities come from `iv_source`."""

    query: ChainQuery
    kind: Kind
    form: Format
    iv_source: IvChoice = "price"

    def find(self) -> Chains:
        """Return the snapshot: one small read."""
        return self.query.find()

    def describe(self, state: Chains) -> Description:
        """Return the answer without what is derived."""
        (chain,) = state
        rates = self.query.deps.analytics.rates([chain.header])
        representation = self.query.representation(
            state, self.form, self.kind, self.iv_source, rates
        )
        members = {
            "symbol": self.query.symbol,
            "expiry_date": chain.header["expiry_date"],
            "underlying_value": chain.header["underlying_value"],
            **chain.members(),
            "legs_missing": chain.header.get("legs_missing"),
        }
        return Description(representation, members)

    def read(self, state: Chains) -> Content:
        """Return what is derived. A summary of prices is in the header: nothing more is read."""
        (chain,), renderer = state, _RENDERERS[self.kind]
        answer = renderer.members(self.query.deps, chain.header, self.iv_source)
        if self.form == "json":
            return content_of(json_bytes(answer), self.form)
        return content_of(lines(*renderer.table(chain, answer), self.form), self.form)
