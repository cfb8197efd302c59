"""New contracts, contracts without a trade, and units, on chains made here."""

from datetime import UTC, date, datetime

from local.evidence.captures import Chain, Contract
from local.evidence.contracts import NewContracts, Units, Untraded, new_contracts, units, untraded
from optionchain.snapshot import Quote
from tests.support.snapshots import quote

EXPIRY = date(2026, 6, 23)
STAMP = datetime(2026, 6, 19, 10, 10, tzinfo=UTC)


def chain(*quotes: Quote) -> Chain:
    """Return a chain of one expiry."""
    named = {Contract(EXPIRY, each.strike_price, each.side): each for each in quotes}
    return Chain(STAMP, 24_000.0, named)


def test_new_contract_is_one_that_builds_and_was_not_there() -> None:
    before = chain(quote("CE", 24_000))
    after = chain(
        quote("CE", 24_000, change_in_oi=0),
        quote("CE", 24_050, open_interest=300, change_in_oi=0),
        quote("PE", 24_050, open_interest=8, change_in_oi=8),
        quote("CE", 24_100, open_interest=0, change_in_oi=0),
    )
    assert new_contracts(before, after) == NewContracts(2, 1, 300)


def test_untraded_contract_has_a_price_and_no_volume() -> None:
    found = untraded(
        chain(
            quote("CE", 24_000),
            quote("CE", 24_050, total_traded_volume=0, change=None, implied_volatility=None),
            quote("CE", 24_100, total_traded_volume=0, bid_price=None),
            quote("CE", 24_150, total_traded_volume=0, last_price=None),
        )
    )
    assert found == Untraded(4, 2, without_change=1, with_volatility=1, without_two_quotes=1)


def test_lot_divides_quantities_and_not_open_interest() -> None:
    found = units(
        chain(
            quote("CE", 24_000, bid_qty=75, ask_qty=150, open_interest=150),
            quote("CE", 24_050, bid_qty=225, ask_qty=0, open_interest=10 / 3),
        )
    )
    assert found == Units(75, 3, 2, divided_open_interests=1, fractional_open_interests=1)


def test_chain_without_quantities_has_no_lot() -> None:
    assert units(chain(quote("CE", 24_000, bid_qty=0, ask_qty=0))).step == 0
