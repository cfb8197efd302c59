"""A snapshot's analytics as members of an answer, and as one flat record. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from chain_api.json_types import Answer
from chain_api.parameters.columns import FIGURES
from optionchain.analytics import RUPEE_FIGURES, AnalyticsDocument, IvChoice, in_rupees
from optionchain.mongo.documents import HeaderDocument

_LISTS = {"largest_oi": "open_interest", "fastest_oi": "change_in_oi"}
_SIDES = ("calls", "puts")
_RANKS = 3
STATE_COLUMNS = ("frozen", "frozen_since", "source", "dated_by", "settled")
"""What the caller of `flat_record` adds to it."""
_BUILDUPS = ("long_buildup", "short_buildup", "long_unwinding", "short_covering")
_HEAD = ("symbol", "expiry_date", "timestamp", "exchange_timestamp", "underlying_value")
_TERMS = ("forward", "forward_source", "rate", "days_to_expiry", "payoff_fixed", "iv_source")


def model_of(document: AnalyticsDocument, iv_source: IvChoice | None = None) -> Answer:
    """Return how numbers are derived, as answers tell it.

    `iv_source` is what volatilities come from, if not as the document says.
    """
    return {
        "name": document["model"],
        "forward": document["forward"],
        "forward_source": document["forward_source"],
        "rate": document["rate"],
        "days_to_expiry": document["days_to_expiry"],
        "payoff_fixed": document["payoff_fixed"],
        "iv_source": iv_source or document["iv_source"],
    }


def analytics_members(header: HeaderDocument, document: AnalyticsDocument) -> Answer:
    """Return the members of an answer with a snapshot's analytics, in the order of its schema."""
    values: Mapping[str, object] = document
    rupees = in_rupees(header, document)
    return {
        "model": model_of(document),
        **{name: values[name] for name in FIGURES},
        **rupees.numbers,
        **{name: values[name] for name in ("reference_source", *_LISTS, "buildup")},
        "reasons": document["reasons"] | rupees.reasons,
    }


def flat_record(header: HeaderDocument, answer: Answer) -> Answer:
    """Return the analytics as one flat record, without what changes at each confirmation.

    The caller adds the STATE_COLUMNS. The first strike of a list is
    `largest_oi_calls_1_strike_price`; None where the list is shorter.
    """
    record = {
        "symbol": header["symbol"],
        "expiry_date": header["expiry_date"],
        "timestamp": header["fetched_at"],
        "exchange_timestamp": header["exchange_timestamp"],
        "underlying_value": header["underlying_value"],
        "model": answer["model"]["name"],
        **{name: answer["model"][name] for name in _TERMS},
        "reference_source": answer["reference_source"],
        **{name: answer[name] for name in (*FIGURES, *RUPEE_FIGURES)},
    }
    for name, number in _LISTS.items():
        for side in _SIDES:
            record |= _ranked(f"{name}_{side}", answer[name][side], number)
    for side in _SIDES:
        for label in _BUILDUPS:
            record[f"buildup_{side}_{label}"] = answer["buildup"][side][label]
    return record | {"legs_missing": header.get("legs_missing")}


def _ranked(prefix: str, rows: Sequence[Answer], number: str) -> Answer:
    found: Answer = {}
    for rank in range(_RANKS):
        row = rows[rank] if rank < len(rows) else {}
        for name in ("strike_price", number):
            found[f"{prefix}_{rank + 1}_{name}"] = row.get(name)
    return found


def _columns() -> Iterator[str]:
    yield from (*_HEAD, "model", *_TERMS, "reference_source", *FIGURES, *RUPEE_FIGURES)
    for name, number in _LISTS.items():
        for side in _SIDES:
            yield from _ranked(f"{name}_{side}", (), number)
    for side in _SIDES:
        yield from (f"buildup_{side}_{label}" for label in _BUILDUPS)
    yield from ("legs_missing", *STATE_COLUMNS)


FLAT_COLUMNS = tuple(_columns())
