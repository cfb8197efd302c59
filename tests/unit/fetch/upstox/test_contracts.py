"""The list of contracts tells the expiries and the terms of each."""

from datetime import date

import pytest

from chain_fetch.upstox.contracts import listed_from, listed_terms
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid
from tests.support.bodies import Json
from tests.support.upstox_bodies import KEY, contracts, encoded

NEAR, FAR = date(2026, 12, 1), date(2031, 6, 24)
BOTH = {FAR: 75.0, NEAR: 65.0}


def test_each_expiry_has_its_terms() -> None:
    terms = listed_terms(encoded(contracts(BOTH, strikes=[24_000.0, 24_050.0])), KEY)
    # The vendor's tick is in paise.
    assert terms == {
        NEAR: ContractTerms(lot_size=65, tick_size=0.05, freeze_quantity=1755),
        FAR: ContractTerms(lot_size=75, tick_size=0.05, freeze_quantity=2025),
    }


@pytest.mark.parametrize(
    ("changes", "expected", "reasons"),
    [
        ({"tick_size": None}, ContractTerms(65, None, 1755), {"tick_size": "not_listed"}),
        ({"tick_size": 0.05}, ContractTerms(65, None, 1755), {"tick_size": "not_listed"}),
        ({"freeze_quantity": 0.0}, ContractTerms(65, 0.05), {"freeze_quantity": "not_listed"}),
        ({"lot_size": None}, ContractTerms(None, 0.05, 1755), {"lot_size": "not_listed"}),
        ({"lot_size": 0}, ContractTerms(None, 0.05, 1755), {"lot_size": "not_listed"}),
        ({"lot_size": 65.5}, ContractTerms(None, 0.05, 1755), {"lot_size": "not_listed"}),
    ],
)
def test_a_term_that_is_not_sent_is_not_known(
    changes: Json, expected: ContractTerms, reasons: Json
) -> None:
    terms = listed_terms(encoded(contracts({NEAR: 65.0}, **changes)), KEY)[NEAR]
    assert (terms.lot_size, terms.tick_size, terms.freeze_quantity) == (
        expected.lot_size,
        expected.tick_size,
        expected.freeze_quantity,
    )
    assert terms.reasons == reasons


def test_contracts_of_one_expiry_that_differ_leave_the_lot_unknown() -> None:
    body = contracts({NEAR: 65.0})
    body["data"][1]["lot_size"] = 75
    terms = listed_terms(encoded(body), KEY)[NEAR]
    assert (terms.lot_size, terms.reasons) == (None, {"lot_size": "sources_differ"})


def test_futures_are_no_options() -> None:
    body = contracts(BOTH)
    body["data"][0]["instrument_type"] = "FUT"
    assert listed_terms(encoded(body), KEY).keys() == {NEAR, FAR}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"status": "success", "data": []}, "empty"),
        ({"status": "success", "data": None}, "empty"),
        (contracts(BOTH, instrument_type="FUT"), "empty"),
        (contracts(BOTH, key="NSE_INDEX|Nifty Bank"), "invalid_payload"),
        (contracts(BOTH, expiry="24 Jun 2031"), "invalid_payload"),
        (contracts(BOTH, lot_size=-65), "invalid_payload"),
        ({"status": "partial_success", "data": []}, "invalid_payload"),
    ],
)
def test_a_list_that_cannot_be_trusted_is_refused(body: Json, reason: str) -> None:
    with pytest.raises(PayloadInvalid) as caught:
        listed_terms(encoded(body), KEY)
    assert caught.value.reason == reason


def test_expiries_are_listed_from_today_on() -> None:
    terms = dict.fromkeys([FAR, NEAR], ContractTerms())
    assert listed_from(terms, NEAR) == [NEAR, FAR]
    assert listed_from(terms, date(2026, 12, 2)) == [FAR]
    with pytest.raises(PayloadInvalid, match="no expiry from today on"):
        listed_from(terms, date(2031, 6, 25))
