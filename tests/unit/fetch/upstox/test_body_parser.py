"""A body of Upstox becomes the numbers of the exchange's units, or is refused as a whole."""

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chain_fetch.payload.differences import DERIVED
from chain_fetch.payload.lots import lot_size
from chain_fetch.upstox.body_parser import parse
from optionchain.contract_terms import UNKNOWN_TERMS
from optionchain.errors import PayloadInvalid
from optionchain.snapshot import Quote, Snapshot
from tests.support.bodies import EXPIRY, UNDERLYING, Json
from tests.support.snapshots import TICK
from tests.support.upstox_bodies import KEY, LOT, chain, encoded, row

STRIKE = 24_000.0


def read(body: Json | bytes, symbol: str = "NIFTY", key: str | None = KEY) -> Snapshot:
    text = body if isinstance(body, bytes) else encoded(body)
    return parse(text, symbol, TICK, lambda _: LOT, key)


def call(**numbers: object) -> Quote:
    """The call of a body of one strike, in which some numbers are others."""
    return read(chain([STRIKE], **numbers)).quotes[0]


def refusal(body: Json | bytes, **options: Any) -> PayloadInvalid:  # noqa: ANN401
    with pytest.raises(PayloadInvalid) as caught:
        read(body, **options)
    return caught.value


def test_a_chain_is_read_whole() -> None:
    snapshot = read(chain([24_050.0, STRIKE]))
    assert replace(snapshot, quotes=()) == Snapshot(
        symbol="NIFTY",
        expiry=EXPIRY,
        fetched_at=TICK,
        exchange_timestamp=None,
        underlying_value=UNDERLYING,
        quotes=(),
        source="upstox",
        derived=DERIVED,
    )
    assert snapshot.of_index
    legs = [(quote.strike_price, quote.side) for quote in snapshot.quotes]
    assert legs == [(24_000.0, "CE"), (24_000.0, "PE"), (24_050.0, "CE"), (24_050.0, "PE")]
    assert snapshot.quotes[0] == Quote(
        side="CE",
        strike_price=STRIKE,
        open_interest=1200.0,
        change_in_oi=-34.0,
        pchange_in_oi=-34 / 1234 * 100,
        last_price=101.35,
        change=4.15,
        pchange=4.15 / 97.2 * 100,
        total_traded_volume=5600.0,
        implied_volatility=12.5,
        bid_qty=75,
        bid_price=101.2,
        ask_price=101.5,
        ask_qty=150,
        total_buy_qty=None,
        total_sell_qty=None,
    )


def test_a_share_is_no_index() -> None:
    key = "NSE_EQ|INE0TEST01018"
    assert not read(chain([STRIKE], key=key), "TEST", key).of_index


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        # 0 is none for prices and volatility, and a true 0 for interest and volume.
        ({"ltp": 0}, {"last_price": None, "change": None, "pchange": None}),
        ({"iv": 0}, {"implied_volatility": None}),
        ({"iv": None}, {"implied_volatility": None}),
        ({"bid_price": 0}, {"bid_price": None, "bid_qty": 0}),
        ({"ask_price": 0, "ask_qty": None}, {"ask_price": None, "ask_qty": 0}),
        ({"oi": 0}, {"open_interest": 0.0, "change_in_oi": -1234.0, "pchange_in_oi": -100.0}),
        ({"volume": 0}, {"total_traded_volume": 0.0, "last_price": 101.35}),
        # Null is not known, and nothing is derived from it.
        ({"oi": None}, {"open_interest": None, "change_in_oi": None, "pchange_in_oi": None}),
        ({"prev_oi": None}, {"open_interest": 1200.0, "change_in_oi": None}),
        ({"volume": None}, {"total_traded_volume": None, "change": None, "pchange": None}),
        ({"close_price": None}, {"last_price": 101.35, "change": None, "pchange": None}),
        ({"close_price": 0}, {"last_price": 101.35, "change": None, "pchange": None}),
        # Without a trade today the last price is of an earlier day: that is no change of today.
        ({"volume": 0, "close_price": 97.2}, {"change": None, "pchange": None}),
        # A difference is exact to the paisa, and 0 is none as from the exchange's site.
        ({"ltp": 244.1, "close_price": 243.05}, {"change": 1.05}),
        ({"ltp": 0.05, "close_price": 8734.25}, {"change": -8734.2}),
        ({"ltp": 97.2}, {"change": None, "pchange": None}),
        # What began with nothing today holds no more than was traded today.
        (
            {"prev_oi": 0, "oi": 2 * LOT, "volume": 2 * LOT},
            {"change_in_oi": 2.0, "pchange_in_oi": None},
        ),
        (
            {"prev_oi": 0, "oi": 3 * LOT, "volume": 2 * LOT},
            {"change_in_oi": None, "pchange_in_oi": None},
        ),
        ({"prev_oi": 0, "volume": None}, {"change_in_oi": None, "pchange_in_oi": None}),
        # Interest that was counted by another lot is not known in this one.
        ({"prev_oi": 75}, {"change_in_oi": None, "pchange_in_oi": None}),
    ],
)
def test_numbers_of_a_leg(sent: Json, expected: Json) -> None:
    quote = call(**sent)
    assert {name: getattr(quote, name) for name in expected} == expected


@pytest.mark.parametrize("side", ["call_options", "put_options"])
@pytest.mark.parametrize("missing", [None, {}, {"instrument_key": "NSE_FO|1", "market_data": None}])
def test_a_side_that_is_not_listed_is_left_out(side: str, missing: Json | None) -> None:
    body = chain()
    body["data"][0][side] = missing
    assert len(read(body).quotes) == 3
    del body["data"][0][side]
    assert len(read(body).quotes) == 3


def test_a_fractional_strike_is_read() -> None:
    assert read(chain([42.5])).quotes[0].strike_price == 42.5


def test_greeks_may_be_missing() -> None:
    body = chain([STRIKE])
    body["data"][0]["call_options"]["option_greeks"] = None
    assert [quote.implied_volatility for quote in read(body).quotes] == [None, 12.5]


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ((24_010.5, 24_010.5), 24_010.5),
        ((24_010.5, 24_011.0), None),
        ((24_010.5, 0), 24_010.5),
        ((None, 24_010.5), 24_010.5),
        ((0, None), None),
    ],
)
def test_an_underlying_that_rows_do_not_agree_about_is_not_known(
    prices: tuple[float | None, ...], expected: float | None
) -> None:
    rows = [row(STRIKE + 50 * n, underlying=price) for n, price in enumerate(prices)]
    assert read({"status": "success", "data": rows}).underlying_value == expected


def other_expiry() -> Json:
    body = chain()
    body["data"][1]["expiry"] = "2026-06-30"
    return body


def changed(path: tuple[str | int, ...], value: object) -> Json:
    """A chain with one value replaced."""
    body: Any = chain()
    inner = body
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return dict(body)


DATA = ("data", 0, "call_options", "market_data")


@pytest.mark.parametrize(
    ("body", "reason", "told"),
    [
        (other_expiry(), "invalid_payload", "data.1.expiry: the rows do not share one expiry"),
        (chain(key="NSE_INDEX|Nifty Bank"), "invalid_payload", "is not 'NSE_INDEX|Nifty 50'"),
        (changed(("data", 0, "underlying_key"), "X"), "invalid_payload", "do not share one"),
        (changed(("data", 0, "expiry"), "23-Jun-2026"), "invalid_payload", "do not share"),
        (chain([STRIKE, STRIKE]), "invalid_payload", "data: the strike 24000 stands twice"),
        (chain([0.0]), "invalid_payload", "data: a strike of 0"),
        (
            changed(("data", 0, "put_options", "instrument_key"), "NSE_FO|24050.0PE"),
            "invalid_payload",
            "data: an instrument_key stands twice",
        ),
        (chain(oi=LOT + 1), "invalid_payload", "data: CE 24000 oi: 66 shares are no whole number"),
        (chain(volume=0.5), "invalid_payload", "CE 24000 volume: 0.5 shares are no whole number"),
        (chain(bid_qty=1.5), "invalid_payload", "prices for 1.5 and 150.0 units"),
        (chain(ask_qty=None), "invalid_payload", "prices for 75.0 and None units"),
        (changed((*DATA, "oi"), "1"), "invalid_payload", "oi: must be a number, not '1'"),
        (changed((*DATA, "oi"), True), "invalid_payload", "data.0.call_options.market_data.oi: "),
        (changed((*DATA, "ltp"), -1), "invalid_payload", "ltp: must be at least 0, not -1"),
        (changed((*DATA, "ltp"), 1e15), "invalid_payload", "market_data.ltp: "),
        (changed(DATA, {}), "invalid_payload", "missing; has the source changed its spelling?"),
        (changed(("status",), "partial_success"), "invalid_payload", "status: 'partial_success'"),
        (changed(("data",), []), "empty", "data: no contract"),
        (changed(("data",), None), "empty", "data: no contract"),
        ({"status": "success"}, "invalid_payload", "data: missing; has the source changed"),
        (
            chain(
                [STRIKE],
                **dict.fromkeys(
                    MARKET := (
                        "ltp",
                        "close_price",
                        "volume",
                        "oi",
                        "prev_oi",
                        "bid_price",
                        "ask_price",
                    ),
                    0,
                ),
            ),
            "empty",
            "every number of every contract is 0",
        ),
        (b"", "empty", "the body is empty"),
        (b"null", "empty", "the body is empty"),
        (b'{"data":[]}', "empty", "the body is empty"),
        (encoded(chain())[:-20], "truncated", "body: the JSON ends after "),
        (b"<html>Just a moment</html>", "not_json", "from byte 0 on: b'<html>Just"),
        (b"\xef\xbb\xbf<", "not_json", "no JSON from byte 0 on: b'<'"),
        (b'{"x":' + b"[" * 100_000, "not_json", "the JSON is nested too deeply"),
        (encoded(chain()) + b"x", "not_json", "on: b'x'"),
    ],
)
def test_what_cannot_be_trusted_is_refused_as_a_whole(
    body: Json | bytes, reason: str, told: str
) -> None:
    error = refusal(body)
    assert error.reason == reason
    assert told in str(error)
    assert len(str(error)) < 500


@pytest.mark.parametrize("text", ["20260623", "2026-W26-2", "2026-06-31", "", "x" * 5_000])
def test_an_expiry_that_is_no_date_is_refused(text: str) -> None:
    body = chain([STRIKE])
    body["data"][0]["expiry"] = text
    error = refusal(body)
    assert "is not a date" in str(error)
    assert len(str(error)) < 200


def test_a_body_without_a_known_lot_is_refused_with_the_reason() -> None:
    def lot_of(expiry: date) -> int:
        return lot_size(UNKNOWN_TERMS, "NIFTY", expiry)

    with pytest.raises(PayloadInvalid, match="the lot size is not known") as caught:
        parse(encoded(chain()), "NIFTY", TICK, lot_of)
    assert caught.value.reason == "invalid_payload"


def test_a_byte_order_mark_is_no_fault() -> None:
    assert read(b"\xef\xbb\xbf" + encoded(chain())) == read(chain())


def numbers_of(text: bytes) -> set[float]:
    found: set[float] = set()

    def whole(digits: str) -> float:
        found.add(number := float(digits))
        return number

    json.loads(text, parse_int=whole, parse_float=whole)
    return found


def sent_numbers(snapshot: Snapshot) -> set[float | None]:
    """Every number of a snapshot in the vendor's units, without those that are derived."""
    found: set[float | None] = {snapshot.underlying_value}
    for quote in snapshot.quotes:
        in_lots = quote.open_interest, quote.total_traded_volume
        found |= {None if lots is None else lots * LOT for lots in in_lots}
        found |= {quote.strike_price, quote.last_price, quote.implied_volatility}
        found |= {quote.bid_price, quote.ask_price, quote.bid_qty, quote.ask_qty}
    return found - {None, 0}


WHOLE = encoded(chain([23_000.0 + 50 * n for n in range(5)]))


def flipped(chance: random.Random) -> bytes:
    text = bytearray(WHOLE)
    for _ in range(chance.randint(1, 8)):
        text[chance.randrange(len(text))] ^= 1 << chance.randrange(8)
    return bytes(text)


def cut_off(chance: random.Random) -> bytes:
    return WHOLE[: chance.randrange(len(WHOLE))] + chance.choice([b"", b"}]}", b"null"])


def replaced(chance: random.Random) -> bytes:
    """A body with a number of another type or size."""
    values = [b"null", b"true", b'"1"', b"-1", b"0", b"0.5", b"[]", b"{}", b"1e400", b"NaN"]
    values += [b"9" * 400, b"1e15", b"-0.0", b"[" * 20_000]
    at = [i for i, byte in enumerate(WHOLE) if byte == ord(":")]
    where = chance.choice(at) + 1
    ends = min(end for mark in b",}]" if (end := WHOLE.find(bytes([mark]), where)) > 0)
    return WHOLE[:where] + chance.choice(values) + WHOLE[ends:]


def outcome(text: bytes) -> str:
    """Read a body; return the reason of its refusal, or `read` if each number was in it."""
    try:
        snapshot = read(text)
    except PayloadInvalid as error:
        return error.reason if len(str(error)) < 500 else "a message without an end"
    assert sent_numbers(snapshot) <= numbers_of(text)
    return "read"


@pytest.mark.parametrize("mutation", [flipped, cut_off, replaced])
def test_mutated_bodies_are_refused_or_read_exactly(
    mutation: Callable[[random.Random], bytes],
) -> None:
    """Nothing but PayloadInvalid is raised, and no number is made up."""
    chance = random.Random(mutation.__name__)
    outcomes: Counter[str] = Counter()
    for _ in range(1_500):
        outcomes[outcome(mutation(chance))] += 1
    assert outcomes.keys() <= {"read", "invalid_payload", "not_json", "truncated", "empty"}
    assert outcomes["read"] < outcomes.total()
