"""The analytics of a snapshot as they are stored in its header, under `analytics`."""

from typing import Literal, TypedDict

from optionchain.analytics.buildup import Buildup
from optionchain.analytics.reference import ReferenceSource
from optionchain.analytics.terms import ForwardSource, IvChoice, Terms


class InterestRow(TypedDict):
    """A strike and its open interest, in contracts."""

    strike_price: float
    open_interest: float


class ChangeRow(TypedDict):
    """A strike and the change of its open interest since the day before, in contracts."""

    strike_price: float
    change_in_oi: float


class LargestInterest(TypedDict):
    """The strikes with the most open interest: at most three of each side, the largest first."""

    calls: list[InterestRow]
    puts: list[InterestRow]


class FastestInterest(TypedDict):
    """The strikes whose open interest changed most since the day before, up or down."""

    calls: list[ChangeRow]
    puts: list[ChangeRow]


class BuildupCounts(TypedDict):
    """How many legs of each side are in each class."""

    calls: dict[Buildup, int]
    puts: dict[Buildup, int]


class AnalyticsDocument(TypedDict):
    """The analytics of one snapshot. If one is None, `reasons` says why under the same name.

    `atm_iv` and `skew_25_delta` are in percent, `implied_move_percent` is in percent of the
    underlying; prices and strikes are in rupees or index points. A gamma exposure is the sum over
    legs of gamma x open interest x forward² / 100: rupees for a move of 1 % and a lot of one unit.
    `in_rupees` multiplies it by the lot size. `unpriced_legs` are not in it.
    `iv_source` says what all volatilities come from.
    `reference_price` says where the money is: the underlying, or the forward while that is frozen.
    `newly_listed` is how many contracts had no close the day before; None where the record does not
    tell. Of each one that was listed today, all open interest counts as its change.
    `payoff_fixed` says that nothing is left to happen to the contracts though they trade. Stored
    documents of older recorders have none of these four: their volatilities come from the exchange
    where it sent one.
    """

    model: Literal["black-76"]
    iv_source: IvChoice
    forward: float | None
    forward_source: ForwardSource | None
    rate: float
    days_to_expiry: float
    payoff_fixed: bool
    reference_price: float | None
    reference_source: ReferenceSource | None
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
    newly_listed: int | None
    support: float | None
    resistance: float | None
    largest_oi: LargestInterest
    fastest_oi: FastestInterest
    buildup: BuildupCounts
    reasons: dict[str, str]


def terms_in(document: AnalyticsDocument) -> Terms:
    """Return the terms that stored analytics were derived with."""
    return Terms(
        document["forward"],
        document["forward_source"],
        document["rate"],
        document["days_to_expiry"],
        document["iv_source"],
        document["payoff_fixed"],
    )
