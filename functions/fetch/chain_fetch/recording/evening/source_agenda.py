"""The evening's agenda of a recorder of several sources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chain_fetch.recording.evening.evening_agenda import EveningAgenda
from chain_fetch.recording.reports.ledger_entry import LedgerEntry
from chain_fetch.recording.source_choice.source_reader import SourceOrder
from optionchain.mongo.source_register import SourceState


@dataclass(frozen=True)
class AgendaOfSources:
    """The agenda of the source that may be asked now; that of the first one if all wait.

    Each source has the list of expiries by which it reads the evening. Raises StoreUnavailable.
    """

    order: SourceOrder
    agendas: Mapping[str, EveningAgenda]

    def due(self, symbols: Sequence[str], tick: datetime) -> list[str]:
        """Return the symbols of which a tick reads something; in a session all of them."""
        if not self._any.market().is_optional(tick):
            return list(symbols)
        return self._chosen().due(symbols, tick)

    def remarks(self, symbol: str, tick: datetime, *, database_away: bool = False) -> LedgerEntry:
        """Return what the ledger says of an evening tick beside its outcome; else nothing."""
        if self._any.market().evening_round(tick) is None:
            return {}
        return self._chosen().remarks(symbol, tick, database_away=database_away)

    @property
    def _any(self) -> EveningAgenda:
        return next(iter(self.agendas.values()))

    def _chosen(self) -> EveningAgenda:
        chosen = self.order.choose()
        return self._any if isinstance(chosen, SourceState) else self.agendas[chosen.name]
