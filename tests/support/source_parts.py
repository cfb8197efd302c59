"""What a source is built from, with fakes that note what they are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from chain_fetch.refused import Refused
from chain_fetch.source import SourceParts
from optionchain.contract_terms import UNKNOWN_TERMS, ContractTerms
from optionchain.settings import Settings
from tests.support.mongomock_database import AnyDatabase, memory_database


@dataclass
class FakeLots:
    """The terms that a test gives, and those that a source tells."""

    known: dict[tuple[str, date], ContractTerms] = field(default_factory=dict)

    def of(self, symbol: str, expiry: date, day: date, /) -> ContractTerms:  # noqa: ARG002
        return self.known.get((symbol, expiry), UNKNOWN_TERMS)

    def learn(
        self,
        source: str,  # noqa: ARG002
        symbol: str,
        terms: Mapping[date, ContractTerms],
        day: date,  # noqa: ARG002
        /,
    ) -> None:
        self.known |= {(symbol, expiry): each for expiry, each in terms.items()}


@dataclass
class FakeCredentials:
    """A token, and the one that is found once it was refused."""

    values: Mapping[str, str]
    found_later: Mapping[str, str] | None = None
    refusals: list[str] = field(default_factory=list)
    renewals: list[Mapping[str, str]] = field(default_factory=list)
    shared: bool = True

    def current(self) -> Mapping[str, str]:
        if not self.values:
            raise Refused("unauthorised", "there is no token")
        return self.values

    def refused(self, token: str) -> None:
        self.refusals.append(token)
        self.values = self.found_later or self.values

    def renewed(self, values: Mapping[str, str]) -> None:
        self.renewals.append(values)
        self.values = {**self.values, **values}


@dataclass
class CountedPlaces:
    """So many places for requests; `taken` counts them."""

    places: int = 1_000
    taken: int = 0

    def take(self, deadline: float) -> bool:  # noqa: ARG002
        if self.taken >= self.places:
            return False
        self.taken += 1
        return True


@dataclass
class Parts:
    """The fakes of a source, and the parts that they are of."""

    settings: Settings
    now: Callable[[], datetime]
    credentials: FakeCredentials
    lots: FakeLots = field(default_factory=FakeLots)
    places: CountedPlaces = field(default_factory=CountedPlaces)
    database: AnyDatabase = field(default_factory=memory_database)

    def source_parts(self, **changes: Any) -> SourceParts:  # noqa: ANN401
        """Return them as the source gets them."""
        given: dict[str, Any] = {
            "settings": self.settings,
            "symbols": lambda: self.settings.nse_symbols,
            "database": self.database,
            "now": self.now,
            "lots": self.lots,
            "credentials": self.credentials,
            "places": lambda: self.places,
            "workers": 4,
        }
        return SourceParts(**given | changes)
