"""A symbol is unknown if a fresh and whole list of the source does not have it, and not else."""

from collections.abc import Mapping, Sequence

import pytest

from chain_fetch.dhan.security_ids import DhanSecurityIds
from chain_fetch.refused import Refused
from chain_fetch.unknown_symbol import UnknownSymbol, unknown_in
from chain_fetch.upstox.instrument_keys import InstrumentKeys
from optionchain.errors import PayloadInvalid
from optionchain.mongo.underlying_register import UnderlyingRegister
from tests.support.fakes import SimulatedClock
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import TICK

pytestmark = uses_mongomock
MARKET = ("NIFTY", "BANKNIFTY", "RELIANCE", "INFY")
AWAY = Refused("timeout", "no answer of assets.upstox.com:443 within 2.5 s")


class List:
    """A vendor's file: what is listed in it, or why it cannot be had."""

    listed: tuple[str, ...] = MARKET
    fault: Refused | None = None

    def keys(self, symbol: str, deadline: float) -> Mapping[str, str]:  # noqa: ARG002
        if self.fault:
            raise self.fault
        return {}

    def ids(self, symbols: Sequence[str], deadline: float) -> Mapping[str, int]:  # noqa: ARG002
        if self.fault:
            raise self.fault
        return {}


def reason_of(vendor: str, file: List, symbol: str) -> tuple[str, str]:
    """Return the reason and the text of two attempts at once, which must be the same."""
    register = UnderlyingRegister(memory_database(), vendor)
    now = SimulatedClock(TICK).now
    names = (
        InstrumentKeys(file.keys, now, register, lambda: file.listed)
        if vendor == "upstox"
        else DhanSecurityIds(file.ids, register, now, listed=lambda: file.listed)
    )
    told = set()
    for _ in range(2):
        with pytest.raises((PayloadInvalid, Refused)) as caught:
            names.of(symbol, 9.0)
        assert isinstance(caught.value, PayloadInvalid | Refused)
        told.add((str(caught.value.reason), str(caught.value)))
    (found,) = told
    return found


@pytest.mark.parametrize("vendor", ["upstox", "dhan"])
def test_a_vendor_s_file_says_it(vendor: str) -> None:
    reason, told = reason_of(vendor, List(), "RELAINCE")
    assert reason == "unknown_symbol"
    text = "NSE_SYMBOLS: 'RELAINCE' is none of the 4 symbols that are listed"
    assert told == f"{text}; near to it: RELIANCE"


@pytest.mark.parametrize("vendor", ["upstox", "dhan"])
def test_a_file_that_cannot_be_had_or_is_not_whole_says_nothing(vendor: str) -> None:
    away, small, lists_it = List(), List(), List()
    away.fault, small.listed, lists_it.listed = AWAY, ("RELIANCE",), (*MARKET, "RELAINCE")
    assert reason_of(vendor, away, "RELAINCE") == ("timeout", str(AWAY))
    assert reason_of(vendor, small, "RELAINCE")[0] == "invalid_payload"
    assert reason_of(vendor, lists_it, "RELAINCE")[0] == "invalid_payload"


def test_without_a_near_one_only_the_number_is_told() -> None:
    found = unknown_in("XYZ", MARKET, PayloadInvalid("", ""))
    assert isinstance(found, UnknownSymbol)
    assert str(found) == "NSE_SYMBOLS: 'XYZ' is none of the 4 symbols that are listed"
