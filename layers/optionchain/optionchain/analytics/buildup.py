"""The build-up of a leg: what its price and its open interest say together."""

from typing import Literal

type Buildup = Literal["long_buildup", "short_buildup", "long_unwinding", "short_covering"]

BUILDUPS: tuple[Buildup, ...] = (
    "long_buildup",
    "short_buildup",
    "long_unwinding",
    "short_covering",
)


def buildup(
    change: float | None, change_in_oi: float | None, volume: float | None
) -> Buildup | None:
    """Return the class of a leg by the changes of its price and its open interest in the day.

    Both up is long build-up; price down and interest up is short build-up; both down is long
    unwinding; price up and interest down is short covering. None if either did not change or is
    not known, and without a trade today, `volume`: then the price is of an earlier day.
    """
    if not change or not change_in_oi or not volume:
        return None
    if change_in_oi > 0:
        return "long_buildup" if change > 0 else "short_buildup"
    return "short_covering" if change > 0 else "long_unwinding"
