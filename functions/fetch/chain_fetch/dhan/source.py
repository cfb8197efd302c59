"""Dhan as a source. Its parts are loaded when the first request needs them."""

import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, cast

from chain_fetch.dhan.client import DhanClient, DhanSession
from chain_fetch.dhan.security_ids import DhanSecurityIds
from chain_fetch.http.lazy_session import LazySession
from chain_fetch.http.window import Window
from chain_fetch.payload.differences import DERIVED
from chain_fetch.refused import Refused
from chain_fetch.source import SentSymbol, SourceParts, SourceTerms
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid
from optionchain.exchange_time import exchange_date
from optionchain.mongo.renewal_register import RenewalRegister
from optionchain.mongo.underlying_register import UnderlyingRegister
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot

if TYPE_CHECKING:  # it is loaded with the first request
    from chain_fetch.dhan.scrip_master import ScripMaster
    from chain_fetch.dhan.token_renewal import TokenRenewal

_API, _LOGIN = "https://api.dhan.co", "https://auth.dhan.co"
_FILES_HOST, _FILES = "dhan-files", "https://images.dhan.co"
# How long a token may take that no tick waits for.
_UNHURRIED_SECONDS = 5.0


def terms(settings: Settings) -> SourceTerms:  # noqa: ARG001
    """Return what Dhan allows: one chain in 3 s.

    Its documentation allows one of each kind, but of several at once the later ones come blank.
    """
    return SourceTerms(
        windows=(Window(1, 3),),
        derived=DERIVED,
        stamped=False,
        warns_before=timedelta(hours=2),
        hosts=("dhan", _FILES_HOST, "dhan-login"),
    )


class DhanSource(DhanClient):
    """Dhan's endpoints of option chains, its bodies, its token and its list of contracts."""

    def __init__(self, parts: SourceParts) -> None:
        self._parts = parts
        self._http = LazySession(self._session)
        register = UnderlyingRegister(parts.database, "dhan")
        self._listed: Collection[str] = ()
        self._security_ids = DhanSecurityIds(
            self._read_ids, register, parts.now, parts.symbols, lambda: self._listed
        )
        super().__init__(self._http.open, self._security_ids, parts.now)

    def open(self) -> None:
        """Load what requests and bodies need, and renew a token that is due before any tick."""
        import chain_fetch.dhan.body_parser  # noqa: F401, PLC0415

        self._http.open()
        if self._parts.session is None:
            with suppress(Refused):  # the first request says it again
                self._tokens.current(time.monotonic() + _UNHURRIED_SECONDS)

    def parse(self, body: bytes, symbol: str, fetched_at: datetime) -> Snapshot:
        """Return the snapshot of a body that `chain` has returned; raise PayloadInvalid."""
        from chain_fetch.dhan.body_parser import parse  # noqa: PLC0415

        return parse(body, symbol, fetched_at, self._parts.lots.of)

    def read_master(
        self, symbols: Sequence[str], deadline: float
    ) -> Mapping[str, Mapping[date, ContractTerms]]:
        """Return the terms by symbol and expiry of today; raise Refused or PayloadInvalid."""
        master = self._master(symbols, deadline)
        self._security_ids.learn(master.share_ids)
        return master.terms

    def symbols(self, deadline: float) -> Mapping[str, SentSymbol]:
        """Return every symbol that has options in Dhan's file, which needs no token."""
        master = self._master(None, deadline)
        found = {}
        for symbol, kinds in master.kinds.items():
            if len(kinds) > 1:
                raise PayloadInvalid(f"{symbol} is index and stock", "scrip master")
            found[symbol] = SentSymbol(next(iter(kinds)), len(master.terms[symbol]))
        self._security_ids.learn(master.share_ids)
        return found

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _read_ids(self, symbols: Sequence[str], deadline: float) -> Mapping[str, int]:
        return self._master(symbols, deadline).share_ids

    def _master(self, symbols: Sequence[str] | None, deadline: float) -> "ScripMaster":
        from chain_fetch.dhan.master_file import master_lines  # noqa: PLC0415
        from chain_fetch.dhan.scrip_master import read  # noqa: PLC0415

        parts = self._parts
        if parts.session is not None and _FILES_HOST not in parts.settings.source_urls:
            raise Refused("empty", "a simulated market in memory has no files")
        lines = master_lines(parts.url(_FILES_HOST, _FILES), deadline)
        master = read(lines, symbols, exchange_date(self._parts.now()))
        self._listed = master.names
        return master

    @cached_property
    def _tokens(self) -> "TokenRenewal":
        from chain_fetch.dhan.renewal_turns import RenewalTurns  # noqa: PLC0415
        from chain_fetch.dhan.token_exchange import TokenExchange  # noqa: PLC0415
        from chain_fetch.dhan.token_renewal import TokenRenewal  # noqa: PLC0415

        parts = self._parts
        exchange = TokenExchange(parts.url("dhan", _API), parts.url("dhan-login", _LOGIN))
        turns = RenewalTurns(RenewalRegister(parts.database, "dhan"), parts.now)
        return TokenRenewal(parts.credentials, exchange, turns, parts.now)

    def _session(self) -> DhanSession:
        from chain_fetch.dhan.http_session import DhanHttpSession  # noqa: PLC0415

        parts = self._parts
        if parts.session is not None:  # a simulated market in memory
            return cast("DhanSession", parts.session)
        return DhanHttpSession(
            parts.url("dhan", _API), parts.places(), self._tokens, workers=parts.workers
        )


def open_source(parts: SourceParts) -> DhanSource:
    """Return the source; nothing is sent before the first request."""
    return DhanSource(parts)
