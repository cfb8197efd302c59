"""What GET /v2/option/contract tells of a symbol: its expiries, and the terms of each. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct
from msgspec.json import Decoder

from chain_fetch.payload.decoding import decoded
from chain_fetch.payload.stated_terms import StatedTerms, terms_by_expiry
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadEmpty, PayloadInvalid

OPTION_TYPES = ("CE", "PE")

Number = Annotated[float, Meta(ge=0, lt=1e12)]

_PLACE = "option contracts"
_PAISE = 100


class Terms(Struct, gc=False):
    """The terms of one contract: lot and freeze quantity are in shares, the tick is in paise.

    Without a lot the contract is listed all the same: another list may tell it.
    """

    lot_size: Number | None = None
    tick_size: Number | None = None
    freeze_quantity: Number | None = None

    def stated(self) -> StatedTerms:
        """Return them in the units of this project; a fraction would be in another unit."""
        ticks = _whole(self.tick_size)
        return StatedTerms(
            _whole(self.lot_size), ticks and ticks / _PAISE, _whole(self.freeze_quantity)
        )


class _Row(Terms, gc=False, kw_only=True):
    expiry: str
    instrument_type: str
    underlying_key: str


class _Contracts(Struct, gc=False):
    status: str
    data: list[_Row] | None


_CONTRACTS: Decoder[_Contracts] = Decoder(_Contracts)


def listed_terms(body: bytes, underlying_key: str) -> dict[date, ContractTerms]:
    """Return the terms of every listed expiry; raise PayloadInvalid.

    Where the rows of one expiry contradict each other, a term is None.
    """
    answer = decoded(body, _CONTRACTS)
    if answer.status != "success":
        raise PayloadInvalid("the status is not success", _PLACE)
    rows = [row for row in answer.data or () if row.instrument_type in OPTION_TYPES]
    if not rows:
        raise PayloadEmpty("no contract", _PLACE)
    if any(row.underlying_key != underlying_key for row in rows):
        raise PayloadInvalid(f"a contract is not of {underlying_key}", _PLACE)
    try:
        return terms_by_expiry((date.fromisoformat(row.expiry), row.stated()) for row in rows)
    except ValueError as error:
        raise PayloadInvalid("an expiry is not a date", _PLACE) from error


def listed_from(terms: Mapping[date, ContractTerms], today: date) -> list[date]:
    """Return the expiries from today on, nearest first; raise PayloadInvalid without any."""
    if not (days := sorted(day for day in terms if day >= today)):
        raise PayloadInvalid("no expiry from today on", _PLACE)
    return days


def _whole(value: float | None) -> int | None:
    return None if value is None or not value.is_integer() else int(value)
