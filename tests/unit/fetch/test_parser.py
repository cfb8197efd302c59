"""What the parser reads of a body it can trust."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any, TypedDict, get_type_hints

import orjson
import pytest
from pydantic import TypeAdapter

from chain_fetch.payload.parser import parse
from chain_fetch.payload.schema import Amount, Leg, spelled
from optionchain.snapshot import Quote, Snapshot
from tests.support.bodies import (
    DIALECTS,
    EXPIRY,
    NUMBERS,
    STAMP,
    UNDERLYING,
    Dialect,
    Json,
    absent_leg,
    body,
    chain_body,
    leg,
    row,
)
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


def the_one(given: Json, symbol: str = "NIFTY") -> Snapshot:
    """The snapshot of a body: the same one from its bytes as from what they decode to."""
    (snapshot,) = parse(given, symbol, TICK)
    assert parse(orjson.dumps(given), symbol, TICK) == [snapshot]
    return snapshot


def all_of(names: Iterable[str], value: float | None) -> dict[str, Any]:
    return dict.fromkeys(names, value)


def quote_of(written: Json, dialect: Dialect = "v3", symbol: str = "NIFTY") -> Quote:
    (quote,) = the_one(body([row(written["strikePrice"], written, dialect=dialect)]), symbol).quotes
    return quote


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_number_is_read_in_every_dialect(dialect: Dialect) -> None:
    quote = quote_of(leg("CE", 24000, dialect=dialect), dialect)
    assert quote._asdict() == {"side": "CE", "strike_price": 24000, **NUMBERS}


def test_all_dialects_of_the_same_chain_have_the_same_content() -> None:
    hashes = {the_one(chain_body(dialect=dialect)).content_hash for dialect in DIALECTS}
    assert len(hashes) == 1


def test_numbers_are_doubles_and_quantities_of_bid_and_ask_integers() -> None:
    whole = {name: int(value) for name, value in NUMBERS.items()}
    for numbers in (whole, {name: float(value) for name, value in whole.items()}):
        quote = quote_of(leg("CE", 24000, **numbers))
        types = {name: type(value) for name, value in quote._asdict().items()}
        assert {types.pop("bid_qty"), types.pop("ask_qty")} == {int}
        assert types.pop("side") is str
        assert set(types.values()) == {float}


def test_a_snapshot_says_what_when_and_at_which_underlying() -> None:
    chain = the_one(chain_body())
    assert (chain.symbol, chain.expiry, chain.fetched_at) == ("NIFTY", EXPIRY, TICK)
    assert chain.exchange_timestamp == STAMP
    assert chain.underlying_value == UNDERLYING


def test_the_timestamp_of_a_body_is_of_india() -> None:
    given = chain_body()
    given["records"]["timestamp"] = "19-Jun-2026 15:30:00"
    assert the_one(given).exchange_timestamp == datetime(2026, 6, 19, 10, 0, tzinfo=UTC)


def test_quotes_run_by_strike_the_call_before_the_put_whatever_the_order_of_rows() -> None:
    chain = the_one(chain_body([24100, 9900, 24000]))
    contracts = [(quote.strike_price, quote.side) for quote in chain.quotes]
    strikes = (9900, 24000, 24100)
    assert contracts == [(strike, side) for strike in strikes for side in ("CE", "PE")]


def test_only_records_are_read_not_their_copy_under_filtered() -> None:
    given = chain_body()
    del given["filtered"]
    assert len(the_one(given).quotes) == 6


def test_a_body_of_several_expiries_gives_a_snapshot_of_each_by_date() -> None:
    """The legacy endpoint answers all expiries at once, and 07-Jul sorts before 30-Jun as text."""
    later, sooner = date(2026, 7, 7), date(2026, 6, 30)
    rows = [
        row(24000, leg("PE", 24000, expiry=day, dialect="legacy"), expiry=day, dialect="legacy")
        for day in (later, sooner)
    ]
    chains = parse(body(rows), "NIFTY", TICK)
    assert [chain.expiry for chain in chains] == [sooner, later]
    assert [len(chain.quotes) for chain in chains] == [1, 1]


# ── missing sides ────────────────────────────────────────────────────────────────────────────


def test_a_side_whose_key_is_absent_gives_no_contract() -> None:
    chain = the_one(body([row(24000, leg("PE", 24000, dialect="legacy"), dialect="legacy")]))
    assert [quote.side for quote in chain.quotes] == ["PE"]


def test_an_all_zero_leg_without_identifier_gives_no_contract() -> None:
    chain = the_one(body([row(24000, CE=absent_leg(), PE=leg("PE", 24000))]))
    assert [quote.side for quote in chain.quotes] == ["PE"]


def test_a_null_side_gives_no_contract() -> None:
    present = leg("CE", 24000)
    given = body([{"expiryDates": "23-Jun-2026", "strikePrice": 24000, "CE": present, "PE": None}])
    assert [quote.side for quote in the_one(given).quotes] == ["CE"]


# ── zeros and nulls ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("zero", [0, 0.0, -0.0])
def test_zero_means_none_for_prices_changes_and_volatility(dialect: Dialect, zero: float) -> None:
    quote = quote_of(leg("CE", 24000, dialect=dialect, **all_of(ZERO_IS_NONE, zero)), dialect)
    assert [getattr(quote, name) for name in ZERO_IS_NONE] == [None] * len(ZERO_IS_NONE)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_zero_is_a_true_zero_for_interest_volume_and_totals(dialect: Dialect) -> None:
    written = leg("CE", 24000, dialect=dialect, **all_of(ZERO_IS_ZERO, 0))
    quote = quote_of(written, dialect)
    assert [getattr(quote, name) for name in ZERO_IS_ZERO] == [0.0] * len(ZERO_IS_ZERO)


@pytest.mark.parametrize("name", [*ZERO_IS_NONE, *ZERO_IS_ZERO])
def test_a_null_number_stays_missing(name: str) -> None:
    quote = quote_of(leg("CE", 24000, **all_of([name], None)))
    assert getattr(quote, name) is None
    assert quote.strike_price == 24000


@pytest.mark.parametrize("none", [0, None])
def test_a_bid_or_ask_of_none_has_a_quantity_of_zero(none: int | None) -> None:
    quote = quote_of(leg("CE", 24000, bid_price=none, ask_price=none, bid_qty=75, ask_qty=None))
    assert (quote.bid_price, quote.bid_qty, quote.ask_price, quote.ask_qty) == (None, 0, None, 0)


def test_a_price_with_a_quantity_of_zero_keeps_both() -> None:
    quote = quote_of(leg("CE", 24000, bid_price=101.2, bid_qty=0))
    assert (quote.bid_price, quote.bid_qty) == (101.2, 0)


@pytest.mark.parametrize("none", [0, 0.0, None])
def test_an_underlying_of_zero_is_missing(none: float | None) -> None:
    chain = the_one(body([row(24000, leg("CE", 24000))], underlying=none))
    assert chain.underlying_value is None


def test_the_underlying_is_that_of_the_body_not_of_a_leg() -> None:
    """Legs of one body disagree at times, and some say 0."""
    torn = leg("CE", 24000) | {"underlyingValue": 0}
    other = leg("PE", 24000) | {"underlyingValue": 1.5}
    assert the_one(body([row(24000, torn, other)])).underlying_value == UNDERLYING


# ── strikes and symbols ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("strike", [2, 7.5, 42.05, 1322.55, 100000])
def test_strikes_may_be_fractional(strike: float) -> None:
    assert quote_of(leg("CE", strike, symbol="IDEA"), symbol="IDEA").strike_price == strike


@pytest.mark.parametrize("symbol", ["M&M", "BAJAJ-AUTO", "360ONE", "NIFTYNXT50", "BANKNIFTY"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_symbol_may_hold_signs_and_digits(symbol: str, dialect: Dialect) -> None:
    chain = the_one(chain_body(symbol=symbol, dialect=dialect), symbol)
    assert (chain.symbol, len(chain.quotes)) == (symbol, 6)


# ── spellings ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("first", DIALECTS)
@pytest.mark.parametrize("then", DIALECTS)
def test_a_body_may_mix_spellings(first: Dialect, then: Dialect) -> None:
    given = body([row(1, leg("CE", 1, dialect=first), leg("PE", 1, dialect=then))])
    call, put = the_one(given).quotes
    assert call[2:] == put[2:] == tuple(NUMBERS.values())


def test_the_capital_spelling_of_the_percentage_is_read_where_it_stands_alone() -> None:
    written = leg("CE", 24000)
    del written["pChange"]
    assert quote_of(written).pchange == NUMBERS["pchange"]


def test_the_next_change_of_spelling_is_an_edit_of_one_line() -> None:
    """A spelling added to one field of Leg is read, beside those that are known."""
    hints: dict[str, Any] = get_type_hints(Leg, include_extras=True)
    hints["bid_price"] = Annotated[Amount | None, spelled("bestBid", "buyPrice1", "bidprice")]
    edited: Any = TypedDict("edited", hints)  # type: ignore[misc]
    renamed = leg("CE", 24000)
    renamed["bestBid"] = renamed.pop("buyPrice1")
    for written in (renamed, leg("CE", 24000), leg("CE", 24000, dialect="legacy")):
        read: Any = TypeAdapter(edited).validate_python(written)
        assert read["bid_price"] == NUMBERS["bid_price"]


def test_the_table_of_spellings_names_every_number_of_a_quote() -> None:
    assert set(Leg.__annotations__) - {"identifier"} == set(Quote._fields) - {"side"}
