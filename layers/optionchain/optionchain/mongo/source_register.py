"""Whether a source answers or refuses, known to all invocations."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from optionchain.exchange_time import ist_clock
from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.documents import NSE
from optionchain.mongo.tick_ledger import Reason
from optionchain.settings import Settings

SOURCE = "source"


@dataclass(frozen=True)
class SourceState:
    """Why a source refuses, since when, and until when nothing is requested of it.

    `failures` counts failed ticks in a row, and `failures_by_reason` those of them in which each
    reason came. Without `reason` the source answers; without `until` requests go on. Until
    `left_until` another source is preferred, because of `left_reason`: the source has been left
    `times_left` times lately. It is asked all the same if no other source may be asked.
    """

    reason: Reason | None = None
    detail: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    failures: int = 0
    failures_by_reason: Mapping[Reason, int] = field(default_factory=dict)
    left_until: datetime | None = None
    left_reason: Reason | None = None
    times_left: int = 0

    def waits(self, now: datetime) -> bool:
        """Return whether nothing may be requested at this instant."""
        return self.until is not None and now < self.until

    def is_left(self, now: datetime) -> bool:
        """Return whether another source is preferred at this instant."""
        return self.left_until is not None and now < self.left_until

    def until_text(self) -> str:
        """Return the wait in words, for a state that waits."""
        until = ist_clock(self.until) if self.until else "later"
        return f"nothing is asked until {until}: {self.detail}"


# What the document of a state holds. Code from before `failures_by_reason` refuses any other field,
# and it may still run beside this code, or again after a rollback.
_LEFT = ("left_until", "left_reason", "times_left")
_FIELDS = {each.name for each in fields(SourceState)} - {"failures_by_reason", *_LEFT}


def source_key(source: str, settings: Settings) -> str:
    """Return under which key the documents of a source are kept: NSE's site is one of several."""
    return settings.nse_base_url if source == NSE else source


class SourceRegister:
    """The collection `source`, two documents for each source; raises StoreUnavailable.

    The second one counts the failures by reason. It belongs to the run of failures that began at
    its `since`, and counts for nothing in another run. It also tells whether the source is left.
    """

    def __init__(self, database: Database[Document], base_url: str) -> None:
        self._source: Collection[Any] = database[SOURCE]
        self._key = base_url
        self._counts_key = f"{base_url} failures by reason"

    def read(self) -> SourceState:
        """Return the stored state; without one, the source counts as answering."""
        with database_errors():
            found = self._source.find({"_id": {"$in": [self._key, self._counts_key]}})
            documents = {document["_id"]: document for document in found}
        stored = documents.get(self._key, {})
        more = documents.get(self._counts_key, {})
        state = {name: value for name, value in stored.items() if name in _FIELDS}
        left = {name: more[name] for name in _LEFT if name in more}
        return SourceState(**state, **left, failures_by_reason=_counts(stored, more))

    def write(self, state: SourceState) -> None:
        """Store a state."""
        document = asdict(state)
        counts = {"since": state.since, "counts": document.pop("failures_by_reason")}
        counts |= {name: document.pop(name) for name in _LEFT}
        with database_errors():
            self._source.replace_one({"_id": self._counts_key}, counts, upsert=True)
            self._source.replace_one({"_id": self._key}, document, upsert=True)


def _counts(state: Document, counts: Document) -> dict[Reason, int]:
    """Return the failures by reason; a state without counts had its own reason at each of them."""
    if counts.get("since") == state.get("since") is not None:
        return dict(counts["counts"])
    return {state["reason"]: state["failures"]} if state.get("reason") else {}
