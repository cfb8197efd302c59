"""NSE's own site as a source. Its parts are loaded when the first request needs them."""

from datetime import date, datetime

from chain_fetch.http.lazy_session import HttpSession, LazyHttpSession
from chain_fetch.http.sent_body import IsKnown, SentBody
from chain_fetch.http.window import Window
from chain_fetch.nse.client import CHAIN, NseClient
from chain_fetch.source import SourceParts, SourceTerms
from optionchain.mongo.underlying_register import UnderlyingRegister
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot


def terms(settings: Settings) -> SourceTerms:
    """Return what the exchange's site tolerates; there is no published limit."""
    return SourceTerms(
        windows=(Window(settings.nse_max_requests_per_second, 1),),
        by_address=True,
        turns=True,
        lists_holidays=True,
        hosts=("nse-files",),
    )


class NseSource(NseClient):
    """The exchange's endpoints and its bodies."""

    def __init__(self, parts: SourceParts) -> None:
        self._http = LazyHttpSession(lambda: parts.session or _session(parts))
        kinds = UnderlyingRegister(parts.database, parts.settings.nse_base_url)
        super().__init__(self._http, parts.now, kinds)

    def open(self) -> None:
        """Load what requests and bodies need."""
        import chain_fetch.nse.body_parser  # noqa: F401, PLC0415

        self._http.open()

    def sent_chain(self, symbol: str, expiry: date, deadline: float, is_known: IsKnown) -> SentBody:
        """Return the v3 body of one expiry as it was sent; not decoded if it is known."""
        return self._http.get_sent(CHAIN, self.named(symbol, expiry, deadline), deadline, is_known)

    def parse(self, body: bytes, symbol: str, fetched_at: datetime) -> Snapshot:
        """Return the snapshot of a v3 body; raise PayloadInvalid."""
        from chain_fetch.nse.body_parser import parse  # noqa: PLC0415

        return parse(body, symbol, fetched_at)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def open_source(parts: SourceParts) -> NseSource:
    """Return the source; nothing is sent before the first request."""
    return NseSource(parts)


def _session(parts: SourceParts) -> HttpSession:
    from chain_fetch.nse.http_session import NseHttpSession  # noqa: PLC0415

    return NseHttpSession(parts.settings.nse_base_url, parts.places(), workers=parts.workers)
