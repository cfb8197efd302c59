"""Whose turn it is when a tick has not enough places for all: no symbol is left out twice.

A symbol that is left out is `busy` at that tick. It is then served before every other one, until
each of these was busy as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b

from chain_fetch.recording.reports.ledger_entry import LedgerEntry
from chain_fetch.recording.ticks.plan import Chain

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class Turns:
    """When each symbol was busy and was served last, and when each expiry was asked for last.

    All instants are ticks. It belongs to one thread.
    """

    busy_at: dict[str, datetime] = field(default_factory=dict)
    asked_at: dict[Chain, datetime] = field(default_factory=dict)
    _served_at: dict[str, datetime] = field(default_factory=dict)

    def order(self, symbols: Iterable[str], tick: datetime) -> list[str]:
        """Return symbols as they have their turns at a tick: who was busy last comes first.

        Of those that were busy at the same tick, or never, it is who was served longest ago, and of
        these another one at each tick.
        """
        drawn = sorted(symbols, key=lambda each: _lot(each, tick))
        longest_ago = sorted(drawn, key=lambda each: self._served_at.get(each, _NEVER))
        return sorted(longest_ago, key=lambda each: self.busy_at.get(each, _NEVER), reverse=True)

    def note(self, tick: datetime, entries: Mapping[str, LedgerEntry]) -> None:
        """Remember which symbols were busy at a tick, and which were served."""
        for symbol, entry in entries.items():
            if entry.get("reason") == "busy":
                self.busy_at[symbol] = tick
            elif entry["outcome"] != "skipped":
                self._served_at[symbol] = tick

    def note_requests(self, tick: datetime, chains: Iterable[Chain]) -> None:
        """Remember which expiries a tick has asked for."""
        self.asked_at.update(dict.fromkeys(chains, tick))

    def learn(self, busy_at: Mapping[str, datetime], asked_at: Mapping[Chain, datetime]) -> None:
        """Take over what other invocations have left since this one remembered anything."""
        _keep_newest(self.busy_at, busy_at)
        _keep_newest(self.asked_at, asked_at)


def _lot(symbol: str, tick: datetime) -> bytes:
    return blake2b(f"{symbol} {tick.timestamp()}".encode(), digest_size=8).digest()


def _keep_newest[K](known: dict[K, datetime], others: Mapping[K, datetime]) -> None:
    for key, instant in others.items():
        known[key] = max(instant, known.get(key, instant))
