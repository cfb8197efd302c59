"""The contracts in which two sources differ, as rows; and whether that goes on. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from chain_api.json_types import Answer
from optionchain.exchange_time import expiry_text
from optionchain.mongo.disagreement_register import CrossComparison

# Doubles: 101.35 - 101.3 is 0.04999999999999716.
_DECIMALS = 4
# One check may see a number that one source corrected a moment later.
PERSISTENT_CHECKS = 3
# A volatility is what each source computes for itself, so those of two sources always differ.
_SENT_BY_THE_EXCHANGE = ("last_price", "open_interest")


def rows_of(check: CrossComparison) -> Iterator[Answer]:
    """Yield a row for each contract that a check names, field by field."""
    for field in check.fields:
        for contract in field.largest:
            yield {
                "timestamp": check.moment,
                "expiry_date": expiry_text(check.expiry),
                "identifier": contract.identifier,
                "field": field.field,
                "source": check.recorded,
                "other_source": check.other,
                "recorded": contract.recorded,
                "other": contract.other,
                "difference": round(contract.other - contract.recorded, _DECIMALS),
                "tolerance": field.tolerance,
                "compared": field.compared,
                "differing": field.differing,
                "moved": field.moved,
                "before": check.before,
                "after": check.after,
            }


def disagreement_notices(found: Mapping[str, Sequence[CrossComparison]]) -> Iterator[Answer]:
    """Yield a notice for each symbol and field in which the newest checks all differ.

    The checks of a symbol come newest first.
    """
    for symbol, checks in found.items():
        for name in _SENT_BY_THE_EXCHANGE:
            newest = checks[:PERSISTENT_CHECKS]
            fields = [each for check in newest for each in check.fields if each.field == name]
            # A check that compared no such field says nothing of it.
            if len(fields) < PERSISTENT_CHECKS or not all(each.differing for each in fields):
                continue
            last, field = newest[0], fields[0]
            told = (
                f"{last.recorded} and {last.other} differ in the {name} of {field.differing} of "
                f"{field.compared} contracts of {symbol}, as in the checks before"
            )
            more = {"field": name, "since": newest[-1].moment}
            yield {"code": "sources_differ", "symbol": symbol, "detail": told, **more}
