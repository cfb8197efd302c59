"""Puts the reading of contract lists together: files of the sources, and the exchange's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from chain_fetch.nse.bhavcopy_server import ORIGIN, BhavcopyServer
from chain_fetch.recording.lists.contract_watch import ContractListReader
from chain_fetch.source import ListsContracts, Source
from optionchain.contract_terms import ContractTerms
from optionchain.market import Market
from optionchain.settings import Settings


@dataclass(frozen=True)
class SourceFile:
    """The file of a source as a list of contracts of today."""

    name: str
    source: ListsContracts

    def day(self, today: date, market: Market, /) -> date:  # noqa: ARG002
        """Return today."""
        return today

    def read(
        self,
        symbols: Sequence[str],
        day: date,  # noqa: ARG002
        deadline: float,
        /,
    ) -> Mapping[str, Mapping[date, ContractTerms]]:
        """Return the terms by symbol and expiry; raise Refused or PayloadInvalid."""
        return self.source.read_master(symbols, deadline)


def list_readers(
    settings: Settings, sources: Mapping[str, Source], *, simulated: bool
) -> list[ContractListReader]:
    """Return the lists of contracts that are read, by the sources with their names.

    Beside a simulated market the real files are not read, because their contracts are not the same
    ones: they must be given in SOURCE_URLS then.
    """
    hosts = settings.source_urls
    readers: list[ContractListReader] = []
    for name, source in sources.items():
        list_name, is_real = f"{name}-files", not simulated and name not in hosts
        if isinstance(source, ListsContracts) and (is_real or list_name in hosts):
            readers.append(SourceFile(list_name, source))
    own_market = simulated or settings.nse_base_url != Settings.nse_base_url
    if origin := hosts.get("nse-files", "" if own_market else ORIGIN):
        readers.append(BhavcopyServer(origin))
    return readers
