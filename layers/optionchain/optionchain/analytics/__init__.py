"""Numbers derived from a snapshot: volatility and Greeks by leg, ratios and levels by chain. Pure.

No number here was sent by the exchange. A number that cannot be derived is None, with a reason.
Units are those of snapshots: percent for volatilities and rates, rupees or index points for prices,
contracts (lots) for open interest.
"""

from optionchain.analytics.buildup import Buildup, buildup
from optionchain.analytics.document import AnalyticsDocument, terms_in
from optionchain.analytics.gamma_profile import (
    ExposedChain,
    ExposedLeg,
    GammaProfile,
    StrikeExposure,
    exposures_by_strike,
    gamma_profile,
)
from optionchain.analytics.new_contracts import oi_since_previous_close
from optionchain.analytics.pricing import IvSource, LegGreeks, Reason, greeks, pricer
from optionchain.analytics.quotes import price_now
from optionchain.analytics.reference import ReferenceSource
from optionchain.analytics.rupees import RUPEE_FIGURES, in_rupees, rupee_sources
from optionchain.analytics.summary import analytics_of
from optionchain.analytics.terms import ForwardSource, IvChoice, Terms, terms_of

__all__ = [
    "RUPEE_FIGURES",
    "AnalyticsDocument",
    "Buildup",
    "ExposedChain",
    "ExposedLeg",
    "ForwardSource",
    "GammaProfile",
    "IvChoice",
    "IvSource",
    "LegGreeks",
    "Reason",
    "ReferenceSource",
    "StrikeExposure",
    "Terms",
    "analytics_of",
    "buildup",
    "exposures_by_strike",
    "gamma_profile",
    "greeks",
    "in_rupees",
    "oi_since_previous_close",
    "price_now",
    "pricer",
    "rupee_sources",
    "terms_in",
    "terms_of",
]
