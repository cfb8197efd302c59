"""Which symbols are recorded, and how often: the settings NSE_SYMBOLS and NSE_TIERS. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from optionchain.setting_values import SECONDS_PER_MINUTE, SYMBOL_PATTERN

type Kind = Literal["index", "stock"]

ALL, INDICES, STOCKS = "ALL", "INDICES", "STOCKS"
_KINDS: Mapping[str, tuple[Kind, ...]] = {
    ALL: ("index", "stock"),
    INDICES: ("index",),
    STOCKS: ("stock",),
}
_LIQUID = re.compile(r"LIQUID([1-9]\d{0,2})", re.ASCII)

BASE_TIER = "BASE"
"""The name of the tier of symbols that NSE_TIERS does not name: each NSE_FETCH_INTERVAL."""


class Tier(NamedTuple):
    """Symbols that are read equally often, in seconds.

    `members` is a symbol, ALL, INDICES, STOCKS, or LIQUID50 for the 50 stocks that traded most.
    """

    members: str
    interval: int

    def has(self, symbol: str, kind: Kind | None, rank: int | None) -> bool:
        """Tell whether a symbol belongs here; `rank` 1 is the stock that traded most."""
        if most := _LIQUID.fullmatch(self.members):
            return rank is not None and rank <= int(most[1])
        if self.members in _KINDS:
            return kind in _KINDS[self.members]
        return symbol == self.members


def selection_of(text: str) -> tuple[str, ...]:
    """Read `NIFTY,BANKNIFTY`, `ALL,-IDEA` or `INDICES,RELIANCE` into words without repeats."""
    words = tuple(dict.fromkeys(part.strip().upper() for part in text.split(",")))
    if not all(SYMBOL_PATTERN.fullmatch(word.removeprefix("-")) for word in words):
        raise ValueError("symbols are letters, digits, & and -")
    if is_fixed(words) and not select(words, {}):
        raise ValueError("no symbol is left")
    return words


def is_fixed(words: Sequence[str]) -> bool:
    """Tell whether a selection names each symbol, so that no list of the source is needed."""
    return not any(word in _KINDS for word in words)


def select(words: Sequence[str], kinds: Mapping[str, Kind]) -> tuple[str, ...]:
    """Return the symbols of a selection: those named, then the listed ones, indices first.

    A symbol that is named is selected whether it is listed or not. `kinds` are of the listed ones.
    """
    wanted = {kind for word in words for kind in _KINDS.get(word, ())}
    left_out = {word.removeprefix("-") for word in words if word.startswith("-")}
    left_out_kinds = {kind for word in left_out for kind in _KINDS.get(word, ())}
    named = [word for word in words if word not in _KINDS and not word.startswith("-")]
    listed = sorted(
        (symbol for symbol, kind in kinds.items() if kind in wanted - left_out_kinds),
        key=lambda symbol: (kinds[symbol], symbol),
    )
    return tuple(each for each in dict.fromkeys([*named, *listed]) if each not in left_out)


def tiers_of(text: str) -> tuple[Tier, ...]:
    """Read `INDICES=5,LIQUID50=15,STOCKS=60`: the first one that has a symbol counts."""
    tiers = []
    for part in text.split(","):
        members, _, seconds = part.strip().partition("=")
        if not SYMBOL_PATTERN.fullmatch(members.strip().upper()) or not seconds.strip().isdigit():
            raise ValueError("tiers are name=seconds")
        tiers.append(Tier(members.strip().upper(), int(seconds)))
    if len({tier.members for tier in tiers}) < len(tiers):
        raise ValueError("a tier is named twice")
    if any(not tier.interval or SECONDS_PER_MINUTE % tier.interval for tier in tiers):
        raise ValueError("an interval divides 60")
    return tuple(tiers)
