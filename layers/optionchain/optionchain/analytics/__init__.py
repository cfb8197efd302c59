"""What traders derive from a snapshot: volatilities and Greeks a leg, ratios and levels a chain.

Pure, and derived throughout: nothing here is a number of the exchange's. What cannot be derived is
None, with its reason. Units are those of snapshots: percent for volatilities and rates, rupees or
index points for prices, contracts (lots) for open interest.
"""

from optionchain.analytics.buildup import Buildup, buildup
from optionchain.analytics.document import AnalyticsDocument, terms_in
from optionchain.analytics.pricing import IvSource, LegGreeks, Reason, greeks
from optionchain.analytics.summary import analytics_of
from optionchain.analytics.terms import ForwardSource, Terms, expires_at, terms_of

__all__ = [
    "AnalyticsDocument",
    "Buildup",
    "ForwardSource",
    "IvSource",
    "LegGreeks",
    "Reason",
    "Terms",
    "analytics_of",
    "buildup",
    "expires_at",
    "greeks",
    "terms_in",
    "terms_of",
]
