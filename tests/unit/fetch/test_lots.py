"""Shares become contracts exactly, or not at all."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.payload.lots import in_contracts, lot_size
from optionchain.contract_terms import UNKNOWN_TERMS, ContractTerms
from optionchain.errors import PayloadInvalid

EXPIRY = date(2026, 12, 1)


def named(index: int) -> str:
    return f"leg {index}"


@pytest.mark.parametrize(
    ("shares", "lot", "contracts"),
    [
        ([0.0, 65.0, 130.0], 65, [0.0, 1.0, 2.0]),
        ([152_754_975.0], 25, [6_110_199.0]),
        ([None, 75.0, None], 75, [None, 1.0, None]),
        ([], 75, []),
        ([1.0, 2.0], 1, [1.0, 2.0]),
    ],
)
def test_shares_are_divided_by_the_lot(
    shares: list[float | None], lot: int, contracts: list[float | None]
) -> None:
    assert in_contracts(shares, lot, named) == contracts


@pytest.mark.parametrize(
    ("shares", "lot", "told"),
    [
        ([65.0, 66.0], 65, "leg 1: 66 shares are no whole number of contracts of 65 shares"),
        ([None, 0.5], 1, "leg 1: 0.5 shares are no whole number of contracts of 1 shares"),
        (
            [152_754_976.0],
            25,
            "leg 0: 152754976 shares are no whole number of contracts of 25 shares",
        ),
    ],
)
def test_a_remainder_names_the_place_the_shares_and_the_lot(
    shares: list[float | None], lot: int, told: str
) -> None:
    with pytest.raises(PayloadInvalid) as caught:
        in_contracts(shares, lot, named)
    assert str(caught.value) == told


@given(st.integers(0, 10**12), st.integers(1, 1_000))
def test_division_is_exact_or_refused(shares: int, lot: int) -> None:
    if shares % lot:
        with pytest.raises(PayloadInvalid):
            in_contracts([float(shares)], lot, named)
    else:
        (contracts,) = in_contracts([float(shares)], lot, named)
        assert contracts is not None
        assert Fraction(contracts) == Fraction(shares, lot)


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        (UNKNOWN_TERMS, "not_read: no list of contracts that states it was read"),
        (
            ContractTerms(reasons={"lot_size": "not_listed"}),
            "not_listed: no list of contracts that was read has this expiry",
        ),
        (
            ContractTerms(reasons={"lot_size": "sources_differ"}),
            "sources_differ: the lists of contracts that were read contradict each other",
        ),
        (ContractTerms(reasons={"lot_size": "a new reason"}), "a new reason"),
        (ContractTerms(), "not_read: no list of contracts that states it was read"),
    ],
)
def test_an_unknown_lot_says_why(terms: ContractTerms, told: str) -> None:
    with pytest.raises(PayloadInvalid) as caught:
        lot_size(terms, "NIFTY", EXPIRY)
    assert str(caught.value) == (
        f"NIFTY 01-Dec-2026: the source counts in shares, and the lot size is not known ({told})"
    )


def test_a_known_lot_is_returned() -> None:
    assert lot_size(ContractTerms(lot_size=65), "NIFTY", EXPIRY) == 65
