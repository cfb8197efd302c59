"""A second source for tests: NSE's own dialect under another name, of another market or server."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chain_fetch.http.lazy_session import HttpSession
from chain_fetch.http.window import Window
from chain_fetch.nse.source import NseSource
from chain_fetch.source import Source, SourceParts, SourceTerms
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot
from tests.support.settings import changed

TWIN = "upstox"
# More than a setting allows: real seconds are in the way of simulated ones.
_WINDOWS = (Window(200, 1),)


class _Twin(NseSource):
    """NSE's client, whose snapshots name the twin; they are stamped only if it is."""

    def __init__(self, parts: SourceParts, *, stamped: bool) -> None:
        super().__init__(parts)
        self._stamped = stamped

    def parse(self, body: bytes, symbol: str, fetched_at: datetime) -> Snapshot:
        snapshot = super().parse(body, symbol, fetched_at)
        stamp = snapshot.exchange_timestamp if self._stamped else None
        return replace(snapshot, source=TWIN, exchange_timestamp=stamp)


@dataclass(frozen=True)
class TwinModule:
    """The module of the twin, which asks the server at `url`, or `session` in memory."""

    url: str = "http://twin.example"
    session: Callable[[], HttpSession | None] = lambda: None
    stamped: bool = True
    windows: tuple[Window, ...] = _WINDOWS

    def terms(self, settings: Settings) -> SourceTerms:  # noqa: ARG002
        return SourceTerms(
            windows=self.windows, turns=True, lists_holidays=True, stamped=self.stamped
        )

    def open_source(self, parts: SourceParts) -> Source:
        settings = changed(parts.settings, nse_base_url=self.url)
        of_twin = replace(parts, settings=settings, session=self.session())
        return _Twin(of_twin, stamped=self.stamped)
