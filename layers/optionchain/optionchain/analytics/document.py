"""The analytics of a snapshot as its header keeps them, under `analytics`."""

from typing import Literal, TypedDict

from optionchain.analytics.buildup import Buildup
from optionchain.analytics.terms import ForwardSource, Terms


class InterestRow(TypedDict):
    """A strike and its open interest, in contracts."""

    strike_price: float
    open_interest: float


class ChangeRow(TypedDict):
    """A strike and the change of its open interest since the previous close, in contracts."""

    strike_price: float
    change_in_oi: float


class LargestInterest(TypedDict):
    """The strikes with the most open interest, three a side at most, the largest first."""

    calls: list[InterestRow]
    puts: list[InterestRow]


class FastestInterest(TypedDict):
    """The strikes whose open interest changed most since the previous close, either way."""

    calls: list[ChangeRow]
    puts: list[ChangeRow]


class BuildupCounts(TypedDict):
    """How many legs a side are in each class."""

    calls: dict[Buildup, int]
    puts: dict[Buildup, int]


class AnalyticsDocument(TypedDict):
    """What is derived of one snapshot; None has its reason in `reasons`, under the same name.

    `atm_iv` and `skew_25_delta` are in percent, `implied_move_percent` of the underlying; prices
    and strikes in rupees or index points. Gamma exposures are the sum over legs of
    gamma x open interest x forward² / 100: rupees a lot for a move of 1 %, to be multiplied by
    the contract's lot size, which the exchange does not send; `unpriced_legs` are not in it.
    """

    model: Literal["black-76"]
    forward: float | None
    forward_source: ForwardSource | None
    rate: float
    days_to_expiry: float
    pcr_oi: float | None
    pcr_volume: float | None
    pcr_change: float | None
    max_pain: float | None
    atm_strike: float | None
    atm_iv: float | None
    straddle_price: float | None
    implied_move_percent: float | None
    skew_25_delta: float | None
    call_gamma_exposure: float | None
    put_gamma_exposure: float | None
    total_gamma_exposure: float | None
    net_gamma_exposure: float | None
    unpriced_legs: int
    support: float | None
    resistance: float | None
    largest_oi: LargestInterest
    fastest_oi: FastestInterest
    buildup: BuildupCounts
    reasons: dict[str, str]


def terms_in(document: AnalyticsDocument) -> Terms:
    """Return the terms that a header's analytics were derived on."""
    return Terms(
        document["forward"],
        document["forward_source"],
        document["rate"],
        document["days_to_expiry"],
    )
