"""Upstox as a source. Its parts are loaded when the first request needs them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from chain_fetch.http.lazy_session import HttpSession, LazyHttpSession
from chain_fetch.http.window import Window
from chain_fetch.payload.differences import DERIVED
from chain_fetch.refused import Refused
from chain_fetch.source import SentSymbol, SourceParts, SourceTerms
from chain_fetch.upstox.client import UpstoxClient
from chain_fetch.upstox.instrument_keys import InstrumentKeys
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid
from optionchain.exchange_time import exchange_date
from optionchain.mongo.underlying_register import UnderlyingRegister
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot

if TYPE_CHECKING:  # the file is read once a day
    from chain_fetch.upstox.instruments import Instruments

_ORIGIN = "https://api.upstox.com"
_FILES = "https://assets.upstox.com"
# The vendor's limits for a user and an endpoint. All windows hold at once.
_WINDOWS = (Window(50, 1), Window(500, 60), Window(2_000, 1_800))


def terms(settings: Settings) -> SourceTerms:
    """Return what the vendor allows a user, and what it never sends."""
    return SourceTerms(
        windows=_WINDOWS,
        # Quotes and chains may have windows of their own; only the vendor's word says so.
        requests_per_chain=2 if settings.upstox_quotes else 1,
        derived=DERIVED,
        stamped=False,
        lists_holidays=True,
        warns_before=timedelta(days=7),
        hosts=("upstox", "upstox-files"),
    )


class UpstoxSource(UpstoxClient):
    """The vendor's endpoints and its bodies."""

    def __init__(self, parts: SourceParts) -> None:
        self._http = LazyHttpSession(lambda: parts.session or _session(parts))
        register = UnderlyingRegister(parts.database, "upstox")
        self._listed: Collection[str] = ()
        self._underlyings = InstrumentKeys(
            self._read_keys, parts.now, register, lambda: self._listed
        )
        self._files = parts.url("upstox-files", _FILES)
        self._has_files = parts.session is None or self._files != _FILES
        self._now = parts.now
        self._lots_of = parts.lots.of
        quotes = parts.settings.upstox_quotes
        super().__init__(self._http, parts.now, parts.lots, self._underlyings, quotes=quotes)

    def open(self) -> None:
        """Load what requests and bodies need."""
        import chain_fetch.upstox.body_parser  # noqa: PLC0415
        import chain_fetch.upstox.quotes  # noqa: F401, PLC0415

        self._http.open()

    def parse(self, body: bytes, symbol: str, fetched_at: datetime) -> Snapshot:
        """Return the snapshot of a body of `chain`; raise PayloadInvalid."""
        from chain_fetch.payload.lots import lot_size  # noqa: PLC0415
        from chain_fetch.upstox.body_parser import parse  # noqa: PLC0415
        from chain_fetch.upstox.quotes import parted, with_totals  # noqa: PLC0415

        def lot_of(expiry: date) -> int:
            day = exchange_date(fetched_at)
            return lot_size(self._lots_of(symbol, expiry, day), symbol, expiry)

        chain, quotes = parted(body)
        snapshot = parse(chain, symbol, fetched_at, lot_of, self._underlyings.known(symbol))
        return with_totals(snapshot, chain, quotes) if quotes else snapshot

    def read_master(
        self, symbols: Sequence[str], deadline: float
    ) -> Mapping[str, Mapping[date, ContractTerms]]:
        """Return the terms by symbol and expiry of the vendor's file, which needs no token."""
        found = self._instruments(symbols, deadline)
        self._underlyings.learn(found.keys)
        return found.terms

    def symbols(self, deadline: float) -> Mapping[str, SentSymbol]:
        """Return every symbol that has options in the vendor's file, which needs no token."""
        found = self._instruments(None, deadline)
        if unclear := sorted(found.terms.keys() - found.kinds.keys()):
            what = f"{', '.join(unclear[:5])}: neither index nor stock"
            raise PayloadInvalid(what, "instruments: underlying_type")
        self._underlyings.learn(found.keys)
        terms, kinds = found.terms, found.kinds
        return {symbol: SentSymbol(kinds[symbol], len(terms[symbol])) for symbol in terms}

    def _read_keys(self, symbol: str, deadline: float) -> Mapping[str, str]:
        try:
            return self._instruments([symbol], deadline).keys
        except (Refused, PayloadInvalid) as refusal:
            # It is no refusal of the API: other symbols are asked for as before.
            what = f"the list of instruments cannot be had: {refusal}"
            raise PayloadInvalid(what, f"key of {symbol}") from refusal

    def _instruments(self, symbols: Sequence[str] | None, deadline: float) -> "Instruments":
        # Imported here because the file is read once a day.
        from chain_fetch.upstox.instrument_file import instrument_chunks  # noqa: PLC0415
        from chain_fetch.upstox.instruments import read  # noqa: PLC0415

        if not self._has_files:
            raise Refused("empty", "a simulated market in memory has no files")
        chunks = instrument_chunks(self._files, deadline)
        found = read(chunks, symbols, exchange_date(self._now()))
        self._listed = found.names
        return found

    def close(self) -> None:
        """Close the connections."""
        self._http.close()


def open_source(parts: SourceParts) -> UpstoxSource:
    """Return the source; nothing is sent before the first request."""
    return UpstoxSource(parts)


def _session(parts: SourceParts) -> HttpSession:
    from chain_fetch.upstox.http_session import UpstoxHttpSession  # noqa: PLC0415

    url = parts.url("upstox", _ORIGIN)
    return UpstoxHttpSession(url, parts.places(), parts.credentials, workers=parts.workers)
