"""Which list of symbols is believed, and what is listed after it was read. Pure.

The exchange changes its list on few days a year. The largest changes known are 45 new symbols on
29 November 2024 and 16 symbols less, of some 225, on 28 February 2025.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from chain_fetch.source import SentSymbol
from optionchain.setting_values import SYMBOL_PATTERN
from optionchain.symbol_list import ListedSymbol, SymbolList
from optionchain.symbol_selection import Kind

# A list that lacks more than a tenth of what the one before had is taken for one that was cut
# short: that is once and a half as much as the exchange ever took away on one day.
_LARGEST_LOSS = 1 / 10
_LOSS_OF_A_SHORT_LIST = 2
# More than twice as many as there are. To ask for them would leave no request for the true ones.
_MOST_SYMBOLS = 500
# So many symbols of each kind of doubt are asked about when a list is read.
_MOST_ASKED = 5
_NAMED = 5
_KINDS: set[Kind] = {"index", "stock"}


class SymbolFacts(NamedTuple):
    """What the record knows of a symbol: the expiries in the list of them that was read last.

    `traded` are the rupees (notional) of its trades in the last session; None if not known.
    """

    expiries: tuple[date, ...] = ()
    traded: float | None = None

    def current(self, today: date) -> list[date]:
        """Return the expiries that have not passed, nearest first."""
        return sorted(day for day in self.expiries if day >= today)


UNKNOWN = SymbolFacts()


class ListReading(NamedTuple):
    """A list as a source sent it on a day in India."""

    day: date
    read_at: datetime
    source: str
    sent: Mapping[str, SentSymbol]


def doubt_of(sent: Mapping[str, SentSymbol], before: SymbolList | None) -> str | None:
    """Return why a list is not believed beside the one before; None if it is."""
    if not sent:
        return "it has no symbol"
    if odd := [symbol for symbol in sent if not SYMBOL_PATTERN.fullmatch(symbol)]:
        return f"it has what is no symbol: {odd[0]!r:.40}"
    if len(sent) > _MOST_SYMBOLS:
        return f"it has {len(sent)} symbols"
    # A market has options on indices and on stocks, so the first list may not lack either.
    kinds = set(before.kinds.values()) if before else _KINDS
    if lacking := kinds - {each.kind for each in sent.values()}:
        return f"it has no {min(lacking)}"
    return _contradiction(sent, before) if before else None


def _contradiction(sent: Mapping[str, SentSymbol], before: SymbolList) -> str | None:
    known = before.kinds
    if turned := [each for each in sent if known.get(each, sent[each].kind) != sent[each].kind]:
        return f"it gives another kind for {_named(turned)}"
    listed = [each.symbol for each in before.symbols.values() if each.lost_since is None]
    missing = [symbol for symbol in listed if symbol not in sent]
    if len(missing) > max(_LOSS_OF_A_SHORT_LIST, len(listed) * _LARGEST_LOSS):
        return f"it lacks {len(missing)} of {len(listed)} symbols: {_named(missing)}"
    return None


def lost(reading: ListReading, before: SymbolList | None) -> list[str]:
    """Return the known symbols that a list lacks, and that are asked about today.

    Where they are many, they take turns from day to day.
    """
    missing = [symbol for symbol in before.symbols if symbol not in reading.sent] if before else []
    return _some(sorted(missing), reading.day)


def new(reading: ListReading, before: SymbolList | None) -> list[str]:
    """Return the new symbols that are asked about today: the list does not name their expiries.

    Where they are many, the list is believed of the others. So is the very first list.
    """
    if before is None:
        return []
    known = before.symbols
    unsure = [symbol for symbol, each in reading.sent.items() if each.expiries is None]
    return sorted(symbol for symbol in unsure if symbol not in known)[:_MOST_ASKED]


def has_ended(facts: SymbolFacts, today: date, *, trades: bool | None) -> bool:
    """Tell whether a lost symbol is gone; `trades` is None where no answer tells.

    No contract is listed anew of a symbol that the exchange takes off its list, but those that are
    listed trade to their expiry.
    """
    return not facts.current(today) if trades is None else not trades


def next_list(
    reading: ListReading,
    before: SymbolList | None,
    ended: Collection[str],
    facts: Mapping[str, SymbolFacts],
) -> SymbolList:
    """Return what is listed after a believed list was read.

    `ended` are the lost symbols that are gone, and the new ones that have no expiry yet.
    """
    known = before.symbols if before else {}
    kept = [symbol for symbol in known if symbol not in reading.sent and symbol not in ended]
    taken = [symbol for symbol in reading.sent if symbol in known or symbol not in ended]
    symbols = {}
    for symbol in sorted({*kept, *taken}):
        sent, old = reading.sent.get(symbol), known.get(symbol)
        fact = facts.get(symbol, UNKNOWN)
        listed = old or ListedSymbol(symbol, reading.sent[symbol].kind, reading.day)
        counted = sent.expiries if sent else None
        symbols[symbol] = listed._replace(
            expiries=counted or len(fact.current(reading.day)) or None,
            traded=fact.traded,
            lost_since=None if sent else listed.lost_since or reading.day,
        )
    return SymbolList(
        reading.day,
        reading.read_at,
        reading.source,
        symbols,
        added=tuple(symbol for symbol in symbols if before and symbol not in known),
        removed=tuple(sorted(symbol for symbol in known if symbol not in symbols)),
    )


def _some(symbols: Sequence[str], day: date) -> list[str]:
    first = day.toordinal() * _MOST_ASKED % max(len(symbols), 1)
    return [*symbols[first:], *symbols[:first]][:_MOST_ASKED]


def _named(symbols: Sequence[str]) -> str:
    more = len(symbols) - _NAMED
    return ", ".join(sorted(symbols)[:_NAMED]) + (f" and {more} more" if more > 0 else "")
