"""A contract takes the totals of its quote only where both are of the same moment."""

import pytest

from chain_fetch.upstox.body_parser import parse
from chain_fetch.upstox.quotes import joined, keys_in, parted, with_totals
from tests.support.bodies import Json
from tests.support.snapshots import TICK
from tests.support.upstox_bodies import LOT, MARKET_DATA, chain, encoded, quotes

CHAIN = encoded(chain([24_000.0]))
NOT_KNOWN = (None, None)


def totals(*answers: object) -> list[tuple[float | None, float | None]]:
    """The totals of both sides of a chain of one strike, with these answers of quotes."""
    snapshot = parse(CHAIN, "NIFTY", TICK, lambda _: LOT)
    texts = [each if isinstance(each, bytes) else encoded(each) for each in answers]
    filled = with_totals(snapshot, CHAIN, texts)
    assert [quote[:-2] for quote in filled.quotes] == [quote[:-2] for quote in snapshot.quotes]
    return [(quote.total_buy_qty, quote.total_sell_qty) for quote in filled.quotes]


def test_totals_of_the_same_moment_are_taken() -> None:
    assert totals(quotes(CHAIN)) == [(98_700.0, 87_600.0)] * 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # A price in binary is the same price.
        ({"last_price": 101.3499984741211}, (98_700.0, 87_600.0)),
        ({"last_price": 101.4}, NOT_KNOWN),
        ({"last_price": None}, NOT_KNOWN),
        ({"volume": MARKET_DATA["volume"] + LOT}, NOT_KNOWN),
        ({"volume": None}, NOT_KNOWN),
        ({"oi": MARKET_DATA["oi"] - LOT}, NOT_KNOWN),
        ({"total_buy_quantity": None}, (None, 87_600.0)),
        ({"instrument_token": "NSE_FO|another"}, NOT_KNOWN),
    ],
)
def test_a_quote_of_another_moment_is_left_out(
    changes: Json, expected: tuple[float | None, float | None]
) -> None:
    assert totals(quotes(CHAIN, **changes)) == [expected] * 2


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>",
        b"",
        {"status": "success", "data": None},
        {"status": "success", "data": {}},
        {"status": "error", "data": quotes(CHAIN)["data"]},
        {"status": "success", "data": {"x": {"last_price": 1}}},
    ],
)
def test_an_answer_that_cannot_be_read_gives_no_totals(answer: object) -> None:
    assert totals(answer) == [NOT_KNOWN] * 2
    assert totals(answer, quotes(CHAIN)) == [(98_700.0, 87_600.0)] * 2


def test_a_body_keeps_the_chain_and_its_quotes_apart() -> None:
    assert parted(joined(CHAIN, [b"{}", b"[]"])) == (CHAIN, [b"{}", b"[]"])
    assert parted(CHAIN) == (CHAIN, [])


def test_contracts_are_named_by_their_keys() -> None:
    assert keys_in(CHAIN) == ["NSE_FO|24000.0CE", "NSE_FO|24000.0PE"]
    assert keys_in(b"<html>") == []
