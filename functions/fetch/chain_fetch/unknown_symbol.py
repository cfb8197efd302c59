"""The error of a symbol that its source's own list of symbols does not have."""

from collections.abc import Collection
from difflib import get_close_matches

from optionchain.errors import PayloadInvalid

_MOST_NEAR = 3
_ALWAYS = "NIFTY"


class UnknownSymbol(PayloadInvalid):
    """The source lists options on other symbols, and none on this one.

    `listed` are all symbols of the list. It must be fresh and whole: an empty answer to a question
    about one symbol may be a refusal, and says nothing of what is listed.
    """

    reason = "unknown_symbol"

    def __init__(self, symbol: str, listed: Collection[str]) -> None:
        near = get_close_matches(symbol, sorted(listed), _MOST_NEAR)
        others = f"; near to it: {', '.join(near)}" if near else ""
        what = f"{symbol!r} is none of the {len(listed)} symbols that are listed{others}"
        super().__init__(what, "NSE_SYMBOLS")


def unknown_in(symbol: str, listed: Collection[str], otherwise: PayloadInvalid) -> PayloadInvalid:
    """Return that a file of all contracts does not have a symbol, if it does not; else `otherwise`.

    `listed` are the symbols that have options in the file. One without NIFTY, or with nothing else,
    is not whole.
    """
    is_whole = _ALWAYS in listed and len(listed) > 1
    return UnknownSymbol(symbol, listed) if is_whole and symbol not in listed else otherwise
