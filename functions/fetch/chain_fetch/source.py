"""The port of the recorder: what a source of option chains answers, and what it is built from.

A source is a folder beside `recording/`. It says which expiries a symbol has, brings one chain as
bytes, and makes a Snapshot of bytes. It declares how many requests it gets and what it never sends.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol, runtime_checkable

from pymongo.database import Database

from chain_fetch.http.lazy_session import HttpSession
from chain_fetch.http.sent_body import IsKnown, SentBody
from chain_fetch.http.window import Window
from optionchain.contract_terms import ContractTerms
from optionchain.mongo.client import Document
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot
from optionchain.symbol_selection import Kind


@dataclass(frozen=True)
class SourceTerms:
    """What a source allows and what it never sends.

    All `windows` hold at once. They hold for an account, whoever uses it, or with `by_address` for
    each address apart. A chain takes `requests_per_chain` requests of them. With `turns`, symbols
    that have no place in a tick have their turn in the next one; without it such a setting is
    refused at the start. `derived` are the fields of a contract that are differences of two sent
    numbers. Without `stamped` its chains have no time stamp of the exchange. `warns_before` is how
    long before the end of its token a warning is due; None if it needs no token. `hosts` are the
    names in SOURCE_URLS that it looks at.
    """

    windows: tuple[Window, ...]
    by_address: bool = False
    requests_per_chain: int = 1
    turns: bool = False
    derived: tuple[str, ...] = ()
    stamped: bool = True
    lists_holidays: bool = False
    warns_before: timedelta | None = None
    hosts: tuple[str, ...] = ()


class Source(Protocol):
    """Where chains come from. Each `deadline` is a `time.monotonic()` second.

    Its methods may be called by several threads. They raise Refused or PayloadInvalid.
    """

    def open(self) -> None:
        """Load what requests need; the first request does it otherwise.

        Nothing is connected, unless a token is due to be renewed before the first tick.
        """

    def expiries(self, symbol: str, deadline: float) -> list[date]:
        """Return the expiries that are listed now, from today on, nearest first."""

    def chain(self, symbol: str, expiry: date, deadline: float) -> bytes:
        """Return the body of one expiry, as received.

        What `parse` needs and a body does not say may stand in front of it.
        """

    def parse(self, body: bytes, symbol: str, fetched_at: datetime) -> Snapshot:
        """Return the snapshot of a body; raise PayloadInvalid and nothing else."""

    def holidays(self, deadline: float) -> frozenset[date]:
        """Return the days without trading; only asked of a source that lists holidays."""

    def close(self) -> None:
        """Close the connections."""


@runtime_checkable
class SendsWholeBodies(Protocol):
    """A source whose body says all that becomes of it: equal bytes are an equal chain, always."""

    def sent_chain(self, symbol: str, expiry: date, deadline: float, is_known: IsKnown) -> SentBody:
        """Return the body of one expiry as it was sent, not decoded if `is_known` by its digest."""


@runtime_checkable
class ListsContracts(Protocol):
    """A source that also offers a file of all contracts, for which it asks no token."""

    def read_master(
        self, symbols: Sequence[str], deadline: float
    ) -> Mapping[str, Mapping[date, ContractTerms]]:
        """Return the terms by symbol and expiry; raise Refused or PayloadInvalid.

        A symbol without options has no expiry. The file is of today.
        """


class SentSymbol(NamedTuple):
    """A symbol in a source's list of those that have options, with the source's word for its kind.

    `expiries` is how many of its expiries the list has; None if the list names none of any symbol.
    """

    kind: Kind
    expiries: int | None = None


@runtime_checkable
class ListsSymbols(Protocol):
    """A source that says which symbols have options.

    One that also lists contracts takes it out of that file, for which it asks no token.
    """

    def symbols(self, deadline: float) -> Mapping[str, SentSymbol]:
        """Return every symbol that has options now; raise Refused or PayloadInvalid."""


class LotSizes(Protocol):
    """The terms of contracts as they are known: ContractMaster, or a fake in tests."""

    def of(self, symbol: str, expiry: date, day: date, /) -> ContractTerms:
        """Return the terms of an expiry on a day; what is not known is None, with its reason."""

    def learn(
        self, source: str, symbol: str, terms: Mapping[date, ContractTerms], day: date, /
    ) -> None:
        """Take note of the terms that a source's own list of a symbol's contracts gives on a day.

        They are by expiry. A list is whole: an expiry that it lacks is not listed by that source.
        """


class Credentials(Protocol):
    """The present credentials of one source: those of SourceCredentials, or a fake in tests."""

    @property
    def shared(self) -> bool:
        """Tell whether all recorders find a token that one of them renews."""

    def current(self) -> Mapping[str, str]:
        """Return the present values, such as `access_token`; raise Refused if there are none.

        A token that has ended is refused here, unless the values have a `totp_secret` with which
        the source makes a new one.
        """

    def refused(self, token: str) -> None:
        """Take note that the source has refused a token, so that it is looked up again."""

    def login_refused(self) -> None:
        """Take note that the source makes no token of the present values: a person must act."""

    def renewed(self, values: Mapping[str, str]) -> None:
        """Keep what the source gave in exchange for a token that still held."""


class Places(Protocol):
    """The request budget of a source: RequestBudget, or a fake in tests."""

    def take(self, deadline: float) -> bool:
        """Wait for a place until a `time.monotonic()` second; return whether there was one."""


@dataclass(frozen=True)
class SourceParts:
    """What a source is built from. `places` loads the request budget when it is first needed.

    `symbols` returns the recorded symbols, as far as they are known without asking anybody.
    `session` takes the place of HTTP where a market is simulated in memory.
    """

    settings: Settings
    symbols: Callable[[], Sequence[str]]
    database: Database[Document]
    now: Callable[[], datetime]
    lots: LotSizes
    credentials: Credentials
    places: Callable[[], Places]
    workers: int
    session: HttpSession | None = None

    def url(self, name: str, default: str) -> str:
        """Return the origin of a host by its name in SOURCE_URLS, else the public one.

        Beside a stand-in of `upstox`, the real host of `upstox-files` is not asked.
        """
        urls = self.settings.source_urls
        return urls.get(name) or urls.get(name.partition("-")[0], default)


class SourceModule(Protocol):
    """What the folder of a source offers in its module `source`."""

    def terms(self, settings: Settings, /) -> SourceTerms:
        """Return what the source allows and never sends."""

    def open_source(self, parts: SourceParts, /) -> Source:
        """Return the source; nothing is sent before the first request."""
