"""Analytics in rupees are what a hand computes from the lot size."""

from typing import Any

import pytest

from optionchain.analytics import RUPEE_FIGURES, analytics_of, in_rupees, rupee_sources
from optionchain.contract_terms import ContractTerms
from optionchain.mongo.documents import header_document
from optionchain.snapshot_facts import SnapshotFacts
from tests.support.snapshots import snapshot

# By hand. NIFTY at 25,000 with a lot of 65: one contract is worth 65 x 25,000 = 16,25,000 rupees.
#   calls: 1,000 contracts = 1,625,000,000; puts: 400 contracts = 650,000,000
# Gamma 0.0004 per point and contract unit, forward 25,000: 0.0004 x 25,000^2 / 100 = 2,500 rupees
# for a move of 1 % and a lot of one unit.
#   calls: 2,500 x 1,000 = 2,500,000, times 65 = 162,500,000
#   puts:  2,500 x   400 = 1,000,000, times 65 =  65,000,000
HEADER: dict[str, Any] = {"lot_size": 65, "lot_size_reason": None}
HEADER |= {"call_open_interest": 1_000.0, "put_open_interest": 400.0}
ANALYTICS: dict[str, Any] = {
    "reference_price": 25_000.0,
    "call_gamma_exposure": 2_500_000.0,
    "put_gamma_exposure": 1_000_000.0,
    "total_gamma_exposure": 3_500_000.0,
    "net_gamma_exposure": 1_500_000.0,
    "reasons": {},
}
BY_HAND = {
    "call_gamma_exposure_rupees": 162_500_000.0,
    "put_gamma_exposure_rupees": 65_000_000.0,
    "total_gamma_exposure_rupees": 227_500_000.0,
    "net_gamma_exposure_rupees": 97_500_000.0,
    "call_open_interest_rupees": 1_625_000_000.0,
    "put_open_interest_rupees": 650_000_000.0,
}


def test_numbers_in_rupees_are_those_of_the_table() -> None:
    found = in_rupees(HEADER, ANALYTICS)
    assert found.numbers == BY_HAND
    assert found.reasons == {}
    assert tuple(found.numbers) == RUPEE_FIGURES


@pytest.mark.parametrize("reason", ["not_read", "not_listed", "sources_differ"])
def test_without_a_lot_there_is_no_number_but_its_reason(reason: str) -> None:
    found = in_rupees(HEADER | {"lot_size": None, "lot_size_reason": reason}, ANALYTICS)
    assert set(found.numbers.values()) == {None}
    assert found.reasons == dict.fromkeys(RUPEE_FIGURES, reason)


def test_a_snapshot_of_an_older_recorder_does_not_tell_its_lot() -> None:
    found = in_rupees({"call_open_interest": 1.0, "put_open_interest": 1.0}, ANALYTICS)
    assert set(found.reasons.values()) == {"not_read"}


@pytest.mark.parametrize(
    ("header", "analytics", "name", "reason"),
    [
        ({"call_open_interest": None}, {}, "call_open_interest_rupees", "missing_leg"),
        (
            {},
            {"reference_price": None, "reasons": {"reference_price": "no_forward"}},
            "put_open_interest_rupees",
            "no_forward",
        ),
        (
            {},
            {"net_gamma_exposure": None, "reasons": {"net_gamma_exposure": "payoff_fixed"}},
            "net_gamma_exposure_rupees",
            "payoff_fixed",
        ),
    ],
)
def test_what_is_missing_below_is_the_reason_above(
    header: dict[str, Any], analytics: dict[str, Any], name: str, reason: str
) -> None:
    found = in_rupees(HEADER | header, ANALYTICS | analytics)
    assert found.numbers[name] is None
    assert found.reasons[name] == reason


def test_they_follow_from_what_a_header_keeps() -> None:
    one = snapshot()
    facts = SnapshotFacts(terms=ContractTerms(lot_size=65))
    header = header_document(one, facts=facts, analytics=analytics_of(one, 5.5, facts))
    found = in_rupees(header, header["analytics"]).numbers
    exposure = header["analytics"]["call_gamma_exposure"]
    assert exposure
    assert found["call_gamma_exposure_rupees"] == pytest.approx(65 * exposure)


def test_a_history_reads_only_what_it_needs() -> None:
    names = ["pcr_oi", "net_gamma_exposure_rupees", "call_open_interest_rupees"]
    assert rupee_sources(names) == [
        "analytics.net_gamma_exposure",
        "lot_size",
        "call_open_interest",
        "analytics.reference_price",
    ]
