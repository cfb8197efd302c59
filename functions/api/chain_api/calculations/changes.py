"""The changes between two snapshots of a chain, contract by contract. Pure."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, Literal

from chain_api.json_types import Answer
from chain_api.parameters.columns import CHANGES_OF_MEASURES, MEASURES
from optionchain.exchange_time import exchange_date, parse_expiry
from optionchain.mongo.documents import HeaderDocument, source_of

_CONTRACT = ("type", "strike_price", "expiry_date", "identifier")
# The exchange counts the volume of each day from zero.
_COUNTED_DAILY = "total_traded_volume"
# Differences are rounded, because with doubles 101.35 - 101.3 is 0.04999999999999716. The exchange
# sends prices and volatility with two decimals, so four lose nothing. Open interest is a whole
# number, or thirds and sevenths of a lot after the lot size changed: four decimals are enough.
_DECIMALS = 4

CHANGE_COLUMNS = (*_CONTRACT, *CHANGES_OF_MEASURES)


type VolumesDifferBy = Literal["days_differ", "sources_differ"]


def volumes_differ_by(earlier: HeaderDocument, later: HeaderDocument) -> VolumesDifferBy | None:
    """Return why the volumes of two snapshots have no difference, None if they have one."""
    headers = earlier, later
    if len({exchange_date(header["fetched_at"]) for header in headers}) > 1:
        return "days_differ"
    return "sources_differ" if len({source_of(header) for header in headers}) > 1 else None


def underlying_changes(earlier: HeaderDocument, later: HeaderDocument) -> Answer:
    """Return by how much the underlying's price changed, in rupees or points and in percent.

    `underlying_reason` says why one of them is None.
    """
    start, end = earlier["underlying_value"], later["underlying_value"]
    change = _difference(start, end)
    percent = round(100 * change / start, _DECIMALS) if change is not None and start else None
    missing = "not_sent" if change is None else "zero_before"
    return {
        "underlying_change": change,
        "underlying_change_percent": percent,
        "underlying_reason": missing if percent is None else None,
    }


def changes(
    earlier: Sequence[Mapping[str, Any]],
    later: Sequence[Mapping[str, Any]],
    *,
    volumes_differ_by: VolumesDifferBy | None,
) -> list[Answer]:
    """Return a record for each contract of either snapshot, by expiry, strike, call before put.

    Each measure has `…_from`, `…_to` and `…_change`. The change is null if one of them is, and for
    volumes that `volumes_differ_by` a day, because the counter restarts, or by their source.
    """
    before = {document["identifier"]: document for document in earlier}
    after = {document["identifier"]: document for document in later}
    either = before | after
    expiries = {text: parse_expiry(text) for text in _expiry_dates(either)}

    def place(identifier: str) -> tuple[Any, ...]:
        contract = either[identifier]
        return expiries[contract["expiry_date"]], contract["strike_price"], contract["type"]

    return [
        {
            **{name: either[identifier][name] for name in _CONTRACT},
            **_measured(
                before.get(identifier), after.get(identifier), volumes=volumes_differ_by is None
            ),
        }
        for identifier in sorted(either, key=place)
    ]


def in_order(records: Sequence[Answer], sort: str) -> list[Answer]:
    """Return records by one of their numbers, with `-` in front descending.

    Those without that number come last in either order; equal ones stay as they were.
    """
    name = sort.removeprefix("-")
    known = [record for record in records if record[name] is not None]
    known.sort(key=itemgetter(name), reverse=sort.startswith("-"))
    return known + [record for record in records if record[name] is None]


def _expiry_dates(contracts: Mapping[str, Mapping[str, Any]]) -> set[str]:
    return {contract["expiry_date"] for contract in contracts.values()}


def _measured(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, *, volumes: bool
) -> Answer:
    numbers: Answer = {}
    for name in MEASURES:
        start = None if before is None else before[name]
        end = None if after is None else after[name]
        comparable = volumes or name != _COUNTED_DAILY
        numbers[f"{name}_from"] = start
        numbers[f"{name}_to"] = end
        numbers[f"{name}_change"] = _difference(start, end) if comparable else None
    return numbers


def _difference(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round(end - start, _DECIMALS)
