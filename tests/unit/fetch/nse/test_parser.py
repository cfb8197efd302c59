"""What the parser reads from a body that it can trust."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, TypedDict, get_type_hints

import pytest
from pydantic import TypeAdapter

from chain_fetch.nse.body_parser import parse
from chain_fetch.nse.body_schema import Leg
from chain_fetch.payload.json_types import Amount, spelled
from optionchain.snapshot import Quote, Snapshot
from tests.support import bodies
from tests.support.bodies import Json, Spelling, absent_leg, body, chain_body, encoded, leg, row
from tests.support.snapshots import TICK

ZERO_IS_NONE = ("last_price", "change", "pchange", "implied_volatility", "bid_price", "ask_price")
ZERO_IS_ZERO = (
    "open_interest",
    "change_in_oi",
    "pchange_in_oi",
    "total_traded_volume",
    "total_buy_qty",
    "total_sell_qty",
)


def read(given: Json, symbol: str = "NIFTY") -> Snapshot:
    return parse(encoded(given), symbol, TICK)


def quote_of(written: Json, symbol: str = "NIFTY") -> Quote:
    (quote,) = read(body([row(written["strikePrice"], written)]), symbol).quotes
    return quote


def all_of(names: Iterable[str], value: float | None) -> dict[str, Any]:
    return dict.fromkeys(names, value)


@pytest.mark.parametrize("spelling", bodies.SPELLINGS)
def test_every_number_is_read_in_every_spelling(spelling: Spelling) -> None:
    quote = quote_of(leg("CE", 24000, spelling=spelling))
    assert quote._asdict() == {"side": "CE", "strike_price": 24000, **bodies.NUMBERS}


def test_all_spellings_of_a_chain_have_the_same_content() -> None:
    assert len({read(chain_body(spelling=each)).content_hash for each in bodies.SPELLINGS}) == 1


@pytest.mark.parametrize("kind", [int, float])
def test_numbers_are_doubles_and_quantities_of_bid_and_ask_integers(kind: type) -> None:
    quote = quote_of(leg("CE", 24000, **{name: kind(int(n)) for name, n in bodies.NUMBERS.items()}))
    types = {name: type(value) for name, value in quote._asdict().items()}
    assert {types.pop("bid_qty"), types.pop("ask_qty")} == {int}
    assert types.pop("side") is str
    assert set(types.values()) == {float}


def test_a_snapshot_has_symbol_expiry_times_and_underlying() -> None:
    chain = read(chain_body())
    assert (chain.symbol, chain.expiry, chain.fetched_at) == ("NIFTY", bodies.EXPIRY, TICK)
    assert (chain.exchange_timestamp, chain.underlying_value) == (bodies.STAMP, bodies.UNDERLYING)


def test_the_timestamp_of_a_body_is_in_india() -> None:
    given = chain_body()
    given["records"]["timestamp"] = "19-Jun-2026 15:30:00"
    assert read(given).exchange_timestamp == datetime(2026, 6, 19, 10, 0, tzinfo=UTC)


def test_quotes_are_sorted_by_strike_then_call_before_put() -> None:
    chain = read(chain_body([24100, 9900, 24000]))
    contracts = [(quote.strike_price, quote.side) for quote in chain.quotes]
    strikes = (9900, 24000, 24100)
    assert contracts == [(strike, side) for strike in strikes for side in ("CE", "PE")]


def test_the_copy_under_filtered_is_not_read() -> None:
    given = chain_body()
    del given["filtered"]
    assert len(read(given).quotes) == 6


@pytest.mark.parametrize("absent", [{}, {"CE": None}, {"CE": absent_leg()}])
def test_an_absent_side_gives_no_contract(absent: Json) -> None:
    """Its key may be missing, its value null, or its numbers zero under a null identifier."""
    chain = read(body([row(24000, PE=leg("PE", 24000), **absent)]))
    assert [quote.side for quote in chain.quotes] == ["PE"]


@pytest.mark.parametrize("spelling", bodies.SPELLINGS)
@pytest.mark.parametrize("zero", [0, 0.0, -0.0])
def test_zero_means_none_for_prices_changes_and_volatility(spelling: Spelling, zero: float) -> None:
    quote = quote_of(leg("CE", 24000, spelling=spelling, **all_of(ZERO_IS_NONE, zero)))
    assert {getattr(quote, name) for name in ZERO_IS_NONE} == {None}


@pytest.mark.parametrize("spelling", bodies.SPELLINGS)
def test_zero_is_a_true_zero_for_interest_volume_and_totals(spelling: Spelling) -> None:
    quote = quote_of(leg("CE", 24000, spelling=spelling, **all_of(ZERO_IS_ZERO, 0)))
    assert [getattr(quote, name) for name in ZERO_IS_ZERO] == [0.0] * len(ZERO_IS_ZERO)


@pytest.mark.parametrize("name", [*ZERO_IS_NONE, *ZERO_IS_ZERO])
def test_a_null_number_stays_missing(name: str) -> None:
    quote = quote_of(leg("CE", 24000, **all_of([name], None)))
    assert (getattr(quote, name), quote.strike_price) == (None, 24000)


@pytest.mark.parametrize("none", [0, None])
def test_a_bid_or_ask_of_none_has_a_quantity_of_zero(none: int | None) -> None:
    quote = quote_of(leg("CE", 24000, bid_price=none, ask_price=none, bid_qty=75, ask_qty=None))
    assert (quote.bid_price, quote.bid_qty, quote.ask_price, quote.ask_qty) == (None, 0, None, 0)


def test_a_price_with_a_quantity_of_zero_keeps_both() -> None:
    quote = quote_of(leg("CE", 24000, bid_price=101.2, bid_qty=0))
    assert (quote.bid_price, quote.bid_qty) == (101.2, 0)


@pytest.mark.parametrize("none", [0, 0.0, None])
def test_an_underlying_of_zero_is_missing(none: float | None) -> None:
    assert read(body([row(24000, leg("CE", 24000))], underlying=none)).underlying_value is None


def test_the_underlying_is_that_of_the_body_not_of_a_leg() -> None:
    """Legs of one body disagree at times, and some say 0."""
    call = leg("CE", 24000) | {"underlyingValue": 0}
    put = leg("PE", 24000) | {"underlyingValue": 1.5}
    assert read(body([row(24000, call, put)])).underlying_value == bodies.UNDERLYING


@pytest.mark.parametrize("strike", [2, 7.5, 42.05, 1322.55, 100000])
def test_strikes_may_be_fractional(strike: float) -> None:
    assert quote_of(leg("CE", strike, symbol="IDEA"), "IDEA").strike_price == strike


@pytest.mark.parametrize("symbol", ["M&M", "BAJAJ-AUTO", "360ONE", "NIFTYNXT50", "BANKNIFTY"])
@pytest.mark.parametrize("spelling", bodies.SPELLINGS)
def test_a_symbol_may_hold_signs_and_digits(symbol: str, spelling: Spelling) -> None:
    chain = read(chain_body(symbol=symbol, spelling=spelling), symbol)
    assert (chain.symbol, len(chain.quotes)) == (symbol, 6)


@pytest.mark.parametrize(("symbol", "of_index"), [("BANKNIFTY", True), ("M&M", False)])
def test_contracts_name_themselves_as_options_on_an_index_or_not(
    symbol: str, of_index: bool
) -> None:
    rows = [row(100, PE=leg("PE", 100, symbol=symbol), CE=absent_leg())]
    assert read(body(rows), symbol).of_index is of_index


@pytest.mark.parametrize("first", bodies.SPELLINGS)
@pytest.mark.parametrize("second", bodies.SPELLINGS)
def test_a_body_may_mix_spellings(first: Spelling, second: Spelling) -> None:
    call, put = leg("CE", 1, spelling=first), leg("PE", 1, spelling=second)
    quotes = read(body([row(1, call, put)])).quotes
    assert quotes[0][2:] == quotes[1][2:] == tuple(bodies.NUMBERS.values())


def test_the_capital_spelling_of_the_percentage_is_read_too() -> None:
    written = leg("CE", 24000)
    del written["pChange"]
    assert quote_of(written).pchange == bodies.NUMBERS["pchange"]


def test_a_new_spelling_is_an_edit_of_one_line() -> None:
    hints: dict[str, Any] = get_type_hints(Leg, include_extras=True)
    hints["bid_price"] = Annotated[Amount | None, spelled("bestBid", "buyPrice1")]
    edited: Any = TypedDict("edited", hints)  # type: ignore[misc]
    renamed = leg("CE", 24000)
    renamed["bestBid"] = renamed.pop("buyPrice1")
    for written in (renamed, leg("CE", 24000)):
        validated: Any = TypeAdapter(edited).validate_json(encoded(written))
        assert validated["bid_price"] == bodies.NUMBERS["bid_price"]


def test_the_schema_names_every_number_of_a_quote() -> None:
    assert set(Leg.__annotations__) - {"identifier"} == set(Quote._fields) - {"side"}
