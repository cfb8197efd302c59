"""The documents of MongoDB: other people's programs read the collections by these names."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings

from optionchain.analytics import analytics_of
from optionchain.mongo.documents import contract_documents, header_document, identifier
from optionchain.mongo.stored_snapshot import snapshot_of
from optionchain.snapshot import Side, Snapshot
from tests.support.bodies import STAMP
from tests.support.snapshots import TICK, quote, snapshot
from tests.support.strategies import snapshots


def types_of(text: str) -> dict[str, type]:
    kinds = {kind.__name__: kind for kind in (str, float, int, datetime, list, bool)}
    return {name: kinds[kind] for name, kind in (word.split(":") for word in text.split())}


# As the design names them: public.
CONTRACT_TYPES = types_of("""
    symbol:str type:str strike_price:float expiry_date:str identifier:str fetched_at:datetime
    open_interest:float change_in_oi:float pchange_in_oi:float last_price:float change:float
    pchange:float total_traded_volume:float implied_volatility:float bid_qty:int bid_price:float
    ask_price:float ask_qty:int underlying_value:float expiry:datetime exchange_timestamp:datetime
    total_buy_qty:float total_sell_qty:float iv_as_of:datetime listed_on:str newly_listed:bool""")
HEADER_TYPES = types_of("""
    symbol:str expiry:datetime expiry_date:str fetched_at:datetime last_seen_at:datetime
    exchange_timestamp:datetime underlying_value:float calls:int puts:int call_open_interest:float
    put_open_interest:float call_volume:float put_volume:float content_hash:str earlier_hashes:list
    revised:bool legs_missing:int legs_hash:str settled:bool underlying_since:datetime
    frozen_since:datetime source:str derived:list lot_size:int lot_size_reason:str""")
MAY_BE_NONE = (
    {name for name, type_ in (CONTRACT_TYPES | HEADER_TYPES).items() if type_ is float}
    - {"strike_price"}
) | {"legs_missing", "underlying_since", "frozen_since", "iv_as_of", "listed_on", "lot_size"}


def check_fields(document: Mapping[str, object], types: dict[str, type]) -> None:
    """Check names, order and types; the exchange may not have sent a number."""
    assert list(document) == list(types)
    for name, value in document.items():
        assert type(value) is types[name] or (value is None and name in MAY_BE_NONE)


@pytest.mark.parametrize(
    ("side", "strike", "name"),
    [
        ("CE", 25000.0, "NIFTY_CE_25000_30-Jan-2025"),
        ("PE", 42.5, "NIFTY_PE_42.5_30-Jan-2025"),
        ("PE", 42.05, "NIFTY_PE_42.05_30-Jan-2025"),
        ("CE", 8.0, "NIFTY_CE_8_30-Jan-2025"),
        ("CE", 0.5, "NIFTY_CE_0.5_30-Jan-2025"),
        ("CE", 100000.0, "NIFTY_CE_100000_30-Jan-2025"),
    ],
)
@pytest.mark.parametrize("symbol", ["NIFTY", "M&M"])
def test_names_have_no_trailing_zeros(symbol: str, side: Side, strike: float, name: str) -> None:
    expected = name.replace("NIFTY", symbol)
    assert identifier(symbol, side, strike, "30-Jan-2025") == expected


@given(snapshots())
@settings(max_examples=100)
def test_documents_have_exactly_the_public_fields_and_types(chain: Snapshot) -> None:
    check_fields(header_document(chain), HEADER_TYPES)
    for document in contract_documents(chain):
        check_fields(document, CONTRACT_TYPES)


@given(snapshots())
@settings(max_examples=100)
def test_a_snapshot_equals_the_one_read_from_its_documents(chain: Snapshot) -> None:
    header, documents = header_document(chain), contract_documents(chain)
    assert snapshot_of(header, reversed(documents)) == chain
    assert snapshot_of(header, documents).content_hash == header["content_hash"]
    keys = {(document["identifier"], document["fetched_at"]) for document in documents}
    assert len(keys) == len(chain.quotes), "two documents share the key"


def test_every_document_carries_the_tick_the_expiry_and_the_underlying() -> None:
    for document in contract_documents(snapshot(expiry=date(2026, 6, 23), underlying=24013.1)):
        assert document["fetched_at"] == TICK
        assert document["exchange_timestamp"] == STAMP
        assert document["expiry"] == datetime(2026, 6, 23, tzinfo=UTC)
        assert document["expiry_date"] == "23-Jun-2026"
        assert document["underlying_value"] == 24013.1


def test_a_header_counts_and_totals_each_side() -> None:
    chain = snapshot([24000.0, 24050.0], open_interest=10.5, total_traded_volume=3.0)
    header = header_document(replace(chain, quotes=chain.quotes[:3]))
    assert (header["calls"], header["puts"]) == (2, 1)
    assert (header["call_open_interest"], header["put_open_interest"]) == (21.0, 10.5)
    assert (header["call_volume"], header["put_volume"]) == (6.0, 3.0)


def test_a_total_with_a_part_missing_is_missing_and_one_of_no_contract_is_zero() -> None:
    """A sum over the rest would be a number that the exchange did not send."""
    quotes = (quote("CE", 1.0, open_interest=None), quote("CE", 2.0))
    header = header_document(replace(snapshot(), quotes=quotes))
    assert (header["call_open_interest"], header["call_volume"]) == (None, 11200)
    assert (header["puts"], header["put_open_interest"], header["put_volume"]) == (0, 0.0, 0.0)


def test_a_new_header_was_last_seen_at_its_own_tick_and_revises_nothing() -> None:
    header = header_document(snapshot())
    assert header["last_seen_at"] == header["fetched_at"] == TICK
    assert (header["revised"], header["earlier_hashes"]) == (False, [])
    revision = header_document(snapshot(), revised=True, earlier_hashes=("a", "b"))
    assert (revision["revised"], revision["earlier_hashes"]) == (True, ["a", "b"])


def test_analytics_are_added_to_a_header_and_change_nothing_else() -> None:
    derived = analytics_of(snapshot(), 5.5)
    header = header_document(snapshot(), analytics=derived)
    assert header == header_document(snapshot()) | {"analytics": derived}
