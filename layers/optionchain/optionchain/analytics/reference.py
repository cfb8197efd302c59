"""The price that says where the money is: of the underlying, or the forward in its place."""

from typing import Literal, NamedTuple

from optionchain.analytics.terms import Terms

type ReferenceSource = Literal["spot", "forward"]


class Reference(NamedTuple):
    """A price in rupees or index points, and what it is. Without one, `missing` says why."""

    price: float | None
    source: ReferenceSource | None
    missing: Literal["no_underlying", "no_forward"] = "no_underlying"


def reference_of(spot: float | None, terms: Terms, *, frozen: bool) -> Reference:
    """Return the price of the underlying; without one, or while it is frozen, the forward.

    The forward of a payoff that is fixed may be the price of the underlying itself: the closing
    price that it stands at.
    """
    if spot and (not frozen or terms.forward_source == "spot"):
        return Reference(spot, "spot")
    if terms.forward:
        return Reference(terms.forward, "forward")
    return Reference(None, None, "no_forward" if frozen else "no_underlying")
