"""An answer about chains at a moment: where to look, what it depends on, how old it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from chain_api.caching.http_cache import Representation, cache_control, version_of
from chain_api.dependencies import Dependencies
from chain_api.queries.freshness import Sight, sight
from chain_api.queries.headers import headers_of
from chain_api.rendering.answers import Answer
from chain_api.rendering.formats import Format, instant_text


class Seen(NamedTuple):
    """An answer before its contracts are read: what is known, how it goes out, how it begins."""

    sights: list[Sight]
    represented: Representation
    head: Answer


class View(Protocol):
    """What one request asks for, ready to be asked again."""

    def seen(self) -> Seen:
        """Return what a small read finds; raise Problem and StoreUnavailable."""
        ...

    def read(self, sights: Sequence[Sight]) -> bytes:
        """Return the rest of the answer, read and written."""
        ...


@dataclass(frozen=True)
class Question:
    """Which chain, and when: `expiry` as requests name it, `at` None the latest, UTC.

    `absolute` says that the request will mean the same tomorrow.
    """

    deps: Dependencies
    symbol: str
    expiry: str
    at: datetime | None
    absolute: bool

    def look(self) -> list[Sight]:
        """Return what is known of the chain now, of each expiry: one small read, where it is one.

        Raises Problem and StoreUnavailable.
        """
        found = headers_of(self.deps, self.symbol, self.expiry, self.at)
        return [sight(self.deps, header, self.at) for header in found]

    def represented(self, sights: Sequence[Sight], form: Format, *more: object) -> Representation:
        """Return what the answer is, before it is read; `more` is what else it depends on."""
        keys = (each.key for each in sights)
        version = version_of(*keys, self.symbol, self.expiry, form, *more)
        fresh = cache_control(
            self.deps.calendar.market(),
            self.deps.settings.nse_fetch_interval,
            self.deps.now(),
            self.at,
            absolute=self.absolute,
        )
        return Representation(version, form, fresh, standing(sights))


def together(sights: Sequence[Sight]) -> Answer:
    """Return the members that say when the numbers of several headers held.

    Together they are as old as the oldest of them.
    """
    if len(sights) == 1:
        return sights[0].head()
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
