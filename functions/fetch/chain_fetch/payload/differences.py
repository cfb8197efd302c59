"""Changes that a source does not send, as differences of two numbers that it sends. Pure."""

DERIVED = ("change_in_oi", "pchange_in_oi", "change", "pchange")
"""The fields of a contract that are such differences."""

_PAISE = 100

type Change = tuple[float | None, float | None]


def change_in_interest(now: float | None, before: float | None, volume: float | None) -> Change:
    """Return the change in open interest, and in percent of before; None if it is not known.

    All three numbers are of one unit. What began with nothing today holds no more than was traded
    today. If it does, the 0 of the day before is no number.
    """
    if now is None or before is None:
        return None, None
    if before:
        change = now - before
        return change, change / before * 100
    return (now, None) if volume is not None and now <= volume else (None, None)


def change_in_price(last: float | None, before: float | None, volume: float | None) -> Change:
    """Return the change of a price in rupees, and in percent of before; None if it is not known.

    0 is no price. Without a trade today the last price is of an earlier day, and so is what it
    differs by. A change of 0 is None, as from the exchange's site, whose 0 means "none" too.
    """
    if not (volume and last and before):
        return None, None
    # In whole paise: the difference of two doubles such as 244.1 and 243.05 has a tail. Adding a
    # half and flooring takes a third of the time of `round`.
    change = ((last - before) * _PAISE + 0.5) // 1 / _PAISE or None
    return change, change and change / before * 100
