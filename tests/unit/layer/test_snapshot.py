"""A snapshot's content hash: the same for the same content, another for any other."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from optionchain.snapshot import Quote, Snapshot
from tests.support.snapshots import TICK, quote, snapshot
from tests.support.strategies import snapshots

NUMBERS = [name for name in Quote._fields if name != "side"]
MAY_BE_MISSING = [name for name in NUMBERS if name not in ("strike_price", "bid_qty", "ask_qty")]


def with_first(chain: Snapshot, name: str, value: object) -> Snapshot:
    changes: dict[str, Any] = {name: value}
    return replace(chain, quotes=(chain.quotes[0]._replace(**changes), *chain.quotes[1:]))


@pytest.mark.parametrize("name", NUMBERS)
def test_any_other_number_makes_another_hash(name: str) -> None:
    changed = with_first(snapshot(), name, getattr(quote(), name) + 1)
    assert changed.content_hash != snapshot().content_hash


@pytest.mark.parametrize("name", MAY_BE_MISSING)
def test_a_number_that_is_missing_is_not_zero(name: str) -> None:
    missing, zero = (with_first(snapshot(), name, value) for value in (None, 0.0))
    assert missing.content_hash != zero.content_hash != snapshot().content_hash


def test_the_other_side_another_underlying_and_a_missing_contract_make_another_hash() -> None:
    chain = snapshot()
    others = [
        with_first(chain, "side", "PE"),
        replace(chain, underlying_value=1.0),
        replace(chain, underlying_value=None),
        replace(chain, quotes=chain.quotes[:-1]),
    ]
    assert len({chain.content_hash, *(other.content_hash for other in others)}) == 5


def test_two_numbers_that_change_places_make_another_hash() -> None:
    chain = snapshot()
    first = chain.quotes[0]
    swapped = with_first(
        with_first(chain, "bid_price", first.ask_price), "ask_price", first.bid_price
    )
    assert swapped.content_hash != chain.content_hash


@given(snapshots())
@settings(max_examples=50)
def test_a_hash_of_128_bits_is_of_content_alone(chain: Snapshot) -> None:
    assert len(bytes.fromhex(chain.content_hash)) == 16
    twin = replace(chain, symbol="ANOTHER", fetched_at=TICK, exchange_timestamp=TICK)
    assert twin.content_hash == chain.content_hash
    assert (
        with_first(chain, "bid_qty", chain.quotes[0].bid_qty + 1).content_hash != chain.content_hash
    )


def test_a_snapshot_cannot_be_changed() -> None:
    chain: Any = snapshot()
    with pytest.raises(AttributeError):
        chain.symbol = "BANKNIFTY"
    with pytest.raises(AttributeError):
        chain.quotes[0].last_price = 1.0
