"""Analytics in rupees: what follows from the lot size. Pure.

These numbers are not stored, because they follow from those that are. One contract is a lot of
units of the underlying. So open interest in rupees is contracts x lot x reference price, the
notional value; and an exposure of a lot of one unit becomes that of the contracts by the lot.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

_EXPOSURES = (
    "call_gamma_exposure",
    "put_gamma_exposure",
    "total_gamma_exposure",
    "net_gamma_exposure",
)
_INTERESTS = ("call_open_interest", "put_open_interest")
RUPEE_FIGURES = tuple(f"{name}_rupees" for name in (*_EXPOSURES, *_INTERESTS))
"""The names of these numbers, in the order of answers."""

# A snapshot of an older recorder does not tell its lot size.
_NOT_READ = "not_read"


class InRupees(NamedTuple):
    """The numbers by their names, and by the same names why one is None."""

    numbers: dict[str, float | None]
    reasons: dict[str, str]


def in_rupees(header: Mapping[str, Any], analytics: Mapping[str, Any]) -> InRupees:
    """Return the numbers in rupees of a snapshot.

    `header` has `lot_size` and the open interest of both sides, `analytics` the exposures, the
    reference price, and the reasons of what is None in them.
    """
    numbers: dict[str, float | None] = {}
    reasons: dict[str, str] = {}
    lot, price = header.get("lot_size"), analytics.get("reference_price")
    for name in _EXPOSURES:
        numbers[f"{name}_rupees"] = _product(lot, analytics.get(name))
    for name in _INTERESTS:
        numbers[f"{name}_rupees"] = _product(lot, header.get(name), price)
    told: Mapping[str, str] = analytics.get("reasons") or {}
    for name, number in numbers.items():
        if number is None:
            reasons[name] = _reason(name.removesuffix("_rupees"), header, told)
    return InRupees(numbers, reasons)


def _product(*factors: float | None) -> float | None:
    product = 1.0
    for factor in factors:
        if factor is None:
            return None
        product *= factor
    return product


def _reason(name: str, header: Mapping[str, Any], told: Mapping[str, str]) -> str:
    if header.get("lot_size") is None:
        return str(header.get("lot_size_reason") or _NOT_READ)
    if name in _INTERESTS:
        if header.get(name) is None:
            return "missing_leg"
        return told.get("reference_price", "no_underlying")
    return told.get(name, "no_iv")


def rupee_sources(names: Iterable[str]) -> list[str]:
    """Return the paths in a header that some of these numbers are made of."""
    paths: list[str] = []
    for name in (each.removesuffix("_rupees") for each in names if each in RUPEE_FIGURES):
        of_interest = [name, "analytics.reference_price"]
        paths += of_interest if name in _INTERESTS else [f"analytics.{name}"]
        paths.append("lot_size")
    return list(dict.fromkeys(paths))
