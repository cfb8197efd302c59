"""Whether the settled chains of a day are those of the exchange, as one answer. Pure."""

from collections.abc import Sequence

from chain_api.json_types import Answer
from optionchain.exchange_time import expiry_text
from optionchain.mongo.settlement_register import LegDifference, Settlement, SettlementStatus

# The worst first: a wrong number is worse than none.
_ORDER: tuple[SettlementStatus, ...] = ("differs", "missing", "matched")
# So many of the contracts that differ are named.
_NAMED = 5


def settlement_answer(settlements: Sequence[Settlement]) -> Answer | None:
    """Return what became of the settled chains of one symbol and day; None if none is judged.

    The day is `matched` only if every chain that is judged is.
    """
    if not settlements:
        return None
    statuses = {each.status for each in settlements}
    differing = [leg for each in settlements for leg in each.differing]
    return {
        "status": next(status for status in _ORDER if status in statuses),
        "checked_at": max(each.checked_at for each in settlements),
        "expiries": len(settlements),
        "missing": [expiry_text(each.expiry) for each in settlements if each.status == "missing"],
        "legs": sum(each.legs for each in settlements),
        "legs_differing": sum(each.legs_differing for each in settlements),
        "contracts_differing": sum(each.contracts_differing for each in settlements),
        "differing": [leg._asdict() for leg in sorted(differing, key=_size, reverse=True)[:_NAMED]],
    }


def _size(leg: LegDifference) -> float:
    return abs(leg.base - leg.open_interest)
