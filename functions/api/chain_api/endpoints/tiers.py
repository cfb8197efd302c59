"""The tiers that a request may name."""

from chain_api.problems.catalogue import invalid
from optionchain.settings import Settings
from optionchain.symbol_selection import BASE_TIER


def check_tier(settings: Settings, tier: str | None) -> None:
    """Raise the Problem of a tier that is not set: it has no symbols, and no row would say why."""
    known = [*(each.members for each in settings.nse_tiers), BASE_TIER]
    if tier is not None and tier not in known:
        raise invalid("tier", tier, f"must be one of {', '.join(known)}, as NSE_TIERS names them")
