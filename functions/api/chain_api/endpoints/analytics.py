"""What is derived of one snapshot as one request asks for it: a summary, or arrays by strike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import orjson

from chain_api.caching.cacheable import Question, Seen
from chain_api.dependencies import Dependencies
from chain_api.endpoints import strike_profiles as strike_arrays
from chain_api.endpoints.strike_profiles import PROFILE_COLUMNS, SMILE_COLUMNS, by_strike
from chain_api.queries.freshness import Sight
from chain_api.rendering import analytics as analytics_answer
from chain_api.rendering.answers import OPTIONS, Answer
from chain_api.rendering.formats import Format, lines
from optionchain.mongo.documents import HeaderDocument

type Resource = Literal["analytics", "smile", "open-interest"]
type Table = tuple[Sequence[Answer], Sequence[str]]


class _Kind(NamedTuple):
    """What an answer says of a header, and the same as records with their names."""

    members: Callable[[Dependencies, HeaderDocument], Answer]
    table: Callable[[HeaderDocument, Answer], Table]


def _summary(deps: Dependencies, header: HeaderDocument) -> Answer:
    return analytics_answer.members(deps.analytics.of(header))


def _summary_table(header: HeaderDocument, answer: Answer) -> Table:
    return [analytics_answer.flat(header, answer)], analytics_answer.FLAT_COLUMNS


_KINDS: Mapping[Resource, _Kind] = {
    "analytics": _Kind(_summary, _summary_table),
    "smile": _Kind(strike_arrays.smile, lambda _, answer: by_strike(answer, SMILE_COLUMNS)),
    "open-interest": _Kind(
        strike_arrays.profile, lambda _, answer: by_strike(answer, PROFILE_COLUMNS)
    ),
}


@dataclass(frozen=True)
class SnapshotView:
    """One symbol's snapshot of one expiry, and what of it is asked for."""

    question: Question
    resource: Resource
    form: Format

    def seen(self) -> Seen:
        """Return what is known of the snapshot: one small read."""
        sights = self.question.look()
        (only,) = sights
        basis = self.question.deps.analytics.basis([only.header])
        represented = self.question.represented(sights, self.form, self.resource, basis)
        head = {
            "symbol": self.question.symbol,
            "expiry_date": only.header["expiry_date"],
            "underlying_value": only.header["underlying_value"],
            **only.head(),
        }
        return Seen(sights, represented, head)

    def read(self, sights: Sequence[Sight]) -> bytes:
        """Return what is derived, written; of a summary nothing more is read."""
        header, kind = sights[0].header, _KINDS[self.resource]
        answer = kind.members(self.question.deps, header)
        if self.form == "json":
            return orjson.dumps(answer, option=OPTIONS)
        return lines(*kind.table(header, answer), self.form)
