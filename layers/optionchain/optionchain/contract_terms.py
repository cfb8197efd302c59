"""What the exchange fixes for all contracts of an expiry: lot, tick and freeze quantity. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ContractTerms:
    """The terms of an expiry on a day; one that is not known is None, and `reasons` say why.

    `lot_size` and `freeze_quantity` are in units of the underlying, `tick_size` is in rupees.
    """

    lot_size: int | None = None
    tick_size: float | None = None
    freeze_quantity: int | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)


UNKNOWN_TERMS = ContractTerms(
    reasons=dict.fromkeys(("lot_size", "tick_size", "freeze_quantity"), "not_read")
)
"""The terms of an expiry that no contract master was read of."""
