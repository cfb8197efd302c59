"""What GET /v2/option/contract tells of a symbol: its expiries, and the terms of each. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.json import Decoder

from chain_fetch.payload.decoding import decoded
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadEmpty, PayloadInvalid

_PLACE = "option contracts"
_OPTION_TYPES = ("CE", "PE")
_PAISE = 100


class _Row(Struct, gc=False):
    """One contract. The lot and the freeze quantity are in shares, the tick is in paise."""

    expiry: str
    instrument_type: str
    underlying_key: str
    lot_size: Annotated[float, Meta(gt=0, lt=1e9)]
    tick_size: Annotated[float, Meta(ge=0, lt=1e9)] | None = None
    freeze_quantity: Annotated[float, Meta(ge=0, lt=1e12)] | None = None


class _Contracts(Struct, gc=False):
    status: str
    data: list[_Row] | None


_CONTRACTS: Decoder[_Contracts] = Decoder(_Contracts)


def terms_by_expiry(body: bytes, underlying_key: str) -> dict[date, ContractTerms]:
    """Return the terms of every listed expiry; raise PayloadInvalid.

    Where the rows of one expiry contradict each other, a term is None.
    """
    answer = decoded(body, _CONTRACTS)
    if answer.status != "success":
        raise PayloadInvalid("the status is not success", _PLACE)
    rows = [row for row in answer.data or () if row.instrument_type in _OPTION_TYPES]
    if not rows:
        raise PayloadEmpty("no contract", _PLACE)
    by_expiry: dict[str, list[_Row]] = {}
    for row in rows:
        if row.underlying_key != underlying_key:
            raise PayloadInvalid(f"a contract is not of {underlying_key}", _PLACE)
        by_expiry.setdefault(row.expiry, []).append(row)
    try:
        return {date.fromisoformat(text): _terms(rows) for text, rows in by_expiry.items()}
    except ValueError as error:
        raise PayloadInvalid("an expiry is not a date", _PLACE) from error


def _terms(rows: Sequence[_Row]) -> ContractTerms:
    reasons: dict[str, str] = {}
    lot = _shared("lot_size", (row.lot_size for row in rows), reasons)
    freeze = _shared("freeze_quantity", (row.freeze_quantity for row in rows), reasons)
    paise = _shared("tick_size", (row.tick_size for row in rows), reasons)
    return ContractTerms(
        lot_size=_whole(lot, "lot_size", reasons),
        # In paise it is never a fraction; what is one would be in another unit.
        tick_size=None
        if (ticks := _whole(paise, "tick_size", reasons)) is None
        else ticks / _PAISE,
        freeze_quantity=_whole(freeze, "freeze_quantity", reasons),
        reasons=reasons,
    )


def _shared(name: str, values: Iterable[float | None], reasons: dict[str, str]) -> float | None:
    """Return the value that all contracts share; 0 is none."""
    distinct = set(values)
    if len(distinct) > 1:
        reasons[name] = "sources_differ"
        return None
    (value,) = distinct
    if not value:
        reasons[name] = "not_listed"
    return value or None


def _whole(value: float | None, name: str, reasons: dict[str, str]) -> int | None:
    if value is not None and not value.is_integer():
        reasons[name] = "not_listed"
        return None
    return None if value is None else int(value)


def listed_from(terms: Mapping[date, ContractTerms], today: date) -> list[date]:
    """Return the expiries from today on, nearest first; raise PayloadInvalid without any."""
    if not (days := sorted(day for day in terms if day >= today)):
        raise PayloadInvalid("no expiry from today on", _PLACE)
    return days
