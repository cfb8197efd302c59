"""What a leg's price and open interest say together, in the words of Indian desks."""

from typing import Literal

type Buildup = Literal["long_buildup", "short_buildup", "long_unwinding", "short_covering"]

BUILDUPS: tuple[Buildup, ...] = (
    "long_buildup",
    "short_buildup",
    "long_unwinding",
    "short_covering",
)


def buildup(change: float | None, change_in_oi: float | None) -> Buildup | None:
    """Return the class of a leg by the day's changes of its price and its open interest.

    Both up: long build-up; price down, interest up: short build-up; both down: long unwinding;
    price up, interest down: short covering. None where either did not change or is not known.
    """
    if not change or not change_in_oi:
        return None
    if change_in_oi > 0:
        return "long_buildup" if change > 0 else "short_buildup"
    return "short_covering" if change > 0 else "long_unwinding"
