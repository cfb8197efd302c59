"""Which of two bodies shows the market at a later moment, by their numbers alone. Pure.

Within a session the volume of a contract never falls. So volumes order bodies that no time stamp
orders: those of a source that sends none, and those of two sources.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from chain_fetch.recording.bodies.known_legs import KnownLeg, KnownLegs
from optionchain.snapshot import Quote, Snapshot

# What all sources send of a contract, so that two of them can be compared. Each reckons its own
# volatility, and changes may be sent or derived.
_SENT_BY_ALL = (
    "open_interest",
    "last_price",
    "total_traded_volume",
    "bid_qty",
    "bid_price",
    "ask_price",
    "ask_qty",
)


class BodyOrder(Enum):
    """How a body compares with what was stored, by the volumes of the contracts of both."""

    LATER = "later"
    EARLIER = "earlier"
    SAME_VOLUMES = "same_volumes"
    CONTRADICTORY = "contradictory"


def order_by_volume(body: Snapshot, stored: KnownLegs) -> BodyOrder:
    """Compare a body with what was stored before in the session.

    If some volumes are higher and others are lower, a trade was annulled or the body is mixed.
    """
    higher = lower = False
    for quote, known in _in_both(body, stored):
        now, before = quote.total_traded_volume, known.volume
        if now is not None and before is not None:
            higher |= now > before
            lower |= now < before
    if higher and lower:
        return BodyOrder.CONTRADICTORY
    if higher:
        return BodyOrder.LATER
    return BodyOrder.EARLIER if lower else BodyOrder.SAME_VOLUMES


def shows_day_before(body: Snapshot, stored: KnownLegs, *, opening: bool) -> bool:
    """Tell whether a body without a stamp still shows the day of what was stored last.

    Overnight volumes begin again, and the base moves to the open interest of the evening. In the
    minutes after the opening one sign of the day before is enough, because a part may be reset
    before the rest; later it takes both.
    """
    pairs = list(_in_both(body, stored))
    volumes = [
        now >= known.volume
        for quote, known in pairs
        if known.volume and (now := quote.total_traded_volume) is not None
    ]
    goes_on = 2 * sum(volumes) > len(volumes)
    bases = [
        _base(quote) == known.base
        for quote, known in pairs
        if known.base is not None and known.base != known.open_interest
    ]
    stands = 2 * sum(bases) > len(bases)
    return (goes_on or stands) if opening else (goes_on and stands)


def shows_same_numbers(
    body: Snapshot, underlying: float | None, stored: Iterable[Mapping[str, Any]]
) -> bool:
    """Tell whether every number that two sources send is the same, in the contracts of both."""
    quotes = {quote.leg: quote for quote in body.quotes}
    pairs = [
        (quote, document)
        for document in stored
        if (quote := quotes.get((document["strike_price"], document["type"])))
    ]
    return (
        bool(pairs)
        and body.underlying_value == underlying
        and all(_is_same(quote, document) for quote, document in pairs)
    )


def has_traded_since(body: Snapshot, before: Snapshot) -> bool:
    """Tell whether volumes have risen since an earlier body, none fell, and some were there."""
    volumes = {quote.leg: quote.total_traded_volume for quote in before.quotes}
    pairs = [(quote.total_traded_volume, volumes.get(quote.leg)) for quote in body.quotes]
    known = [(now, then) for now, then in pairs if now is not None and then is not None]
    return (
        any(then > 0 for _, then in known)
        and any(now > then for now, then in known)
        and all(now >= then for now, then in known)
    )


def _in_both(body: Snapshot, stored: KnownLegs) -> Iterator[tuple[Quote, KnownLeg]]:
    for quote in body.quotes:
        if known := stored.get(quote.leg):
            yield quote, known


def _base(quote: Quote) -> float | None:
    interest, change = quote.open_interest, quote.change_in_oi
    return None if interest is None or change is None else interest - change


def _is_same(quote: Quote, document: Mapping[str, Any]) -> bool:
    return all(getattr(quote, name) == document[name] for name in _SENT_BY_ALL)
