"""A chain of Dhan becomes a snapshot as a whole, in contracts, or it is refused with its place."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chain_fetch.dhan.body_parser import marked, parse
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid
from optionchain.snapshot import Quote, Snapshot
from tests.support.bodies import EXPIRY, Json
from tests.support.dhan_bodies import LOT, chain, encoded, leg
from tests.support.snapshots import TICK, quote, snapshot, stored_numbers

GOOD = encoded(chain())
NO_TOTALS: dict[str, Any] = {"total_buy_qty": None, "total_sell_qty": None}


def read(body: object, lot: int | None = LOT, symbol: str = "NIFTY") -> Snapshot:
    text = body if isinstance(body, bytes) else encoded(body)
    return parse(marked(EXPIRY, text), symbol, TICK, lambda *_: ContractTerms(lot))


def only_leg(**numbers: object) -> Quote:
    """The call of a strike of which `numbers` replace some."""
    body = {"last_price": 1.5, "oc": {"100.500000": {"ce": leg(**numbers), "pe": leg()}}}
    return read({"data": body, "status": "success"}).quotes[0]


def refused(body: object, lot: int | None = LOT) -> str:
    with pytest.raises(PayloadInvalid) as caught:
        read(body, lot)
    return f"{caught.value.reason}: {caught.value}"


def test_a_chain_is_read_in_contracts_rupees_and_percent() -> None:
    found = read(chain())
    expected = snapshot(**NO_TOTALS)
    assert (found.symbol, found.expiry, found.fetched_at) == ("NIFTY", EXPIRY, TICK)
    assert (found.exchange_timestamp, found.source) == (None, "dhan")
    assert found.underlying_value == expected.underlying_value
    for mine, other in zip(found.quotes, expected.quotes, strict=True):
        percentages: dict[str, Any] = {
            "pchange": other.pchange,
            "pchange_in_oi": other.pchange_in_oi,
        }
        for name, percent in percentages.items():
            assert getattr(mine, name) == pytest.approx(percent, abs=0.01)
        assert mine._replace(**percentages) == other


@pytest.mark.parametrize(("symbol", "of_index"), [("NIFTYNXT50", True), ("RELIANCE", False)])
def test_a_chain_says_whether_it_is_of_an_index(symbol: str, *, of_index: bool) -> None:
    assert read(chain(), symbol=symbol).of_index is of_index


@pytest.mark.parametrize(
    ("numbers", "field", "value"),
    [
        ({"last_price": 0}, "last_price", None),
        ({"last_price": 0}, "change", None),
        ({"previous_close_price": 0}, "change", None),
        ({"previous_close_price": 0}, "pchange", None),
        ({"previous_close_price": 101.35}, "change", None),
        ({"last_price": 3.5, "previous_close_price": 7.1}, "change", -3.6),
        ({"volume": 0}, "change", None),  # the last price is of an earlier day
        ({"volume": 0}, "total_traded_volume", 0),
        ({"oi": 0}, "open_interest", 0),
        ({"oi": 0}, "change_in_oi", -1234),
        ({"oi": None}, "open_interest", None),
        ({"oi": None}, "change_in_oi", None),
        ({"previous_oi": None}, "change_in_oi", None),
        # What began with nothing holds no more than was traded: here the 0 is no number.
        ({"previous_oi": 0, "oi": 5601 * LOT}, "change_in_oi", None),
        ({"previous_oi": 0, "oi": 5600 * LOT}, "change_in_oi", 5600),
        ({"previous_oi": 0, "oi": 5600 * LOT}, "pchange_in_oi", None),
        # It was counted by another lot.
        ({"previous_oi": 1234 * LOT + 1}, "change_in_oi", None),
        ({"implied_volatility": 0.0}, "implied_volatility", None),
        ({"top_bid_price": 0}, "bid_price", None),
        ({"top_bid_price": 0}, "bid_qty", 0),
        ({"top_ask_price": None, "top_ask_quantity": 7}, "ask_qty", 0),
        ({"top_ask_quantity": 7.0}, "ask_qty", 7),
    ],
)
def test_a_0_is_none_where_it_is_no_number(
    numbers: dict[str, object], field: str, value: float | None
) -> None:
    assert getattr(only_leg(**numbers), field) == value


def test_a_side_may_be_missing_and_strikes_may_be_fractions() -> None:
    rows: Json = {
        "10000.000000": {"ce": leg()},
        "9999.500000": {"ce": None, "pe": leg()},
        "100.250000": {},
    }
    found = read({"data": {"last_price": 0, "oc": rows}, "status": "success"})
    assert [each.leg for each in found.quotes] == [(9999.5, "PE"), (10_000.0, "CE")]
    assert found.underlying_value is None


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (chain(()), "invalid_payload: data.oc: no contract"),
        (chain(oi=LOT + 1), "oc.24000.ce.oi: 66 shares are no whole number of contracts of 65"),
        (chain(volume=0.5), "data.oc.24000.ce.volume: 0.5 shares"),
        (chain(top_bid_quantity=None), "data.oc.24000.ce.quantity"),
        (chain(top_ask_quantity=1.5), "data.oc.24000.ce.quantity"),
        (chain(oi=-LOT), "invalid_payload: data.oc"),
        (chain(oi="65"), "invalid_payload: data.oc"),
        (chain(last_price=True), "invalid_payload: data.oc"),
        ({"status": "success"}, "data: missing; has the source changed its spelling?"),
        (chain() | {"status": "failed"}, "status: 'failed' is not success"),
        (GOOD.replace(b'"oi"', b'"open_interest"'), "oi: missing; has the source changed"),
        (GOOD.replace(b"24050.0", b"24000.0"), "data.oc: a strike or a side stands twice"),
        (GOOD.replace(b'"24050.000000"', b'"24000.0"'), "a strike or a side stands twice"),
        (GOOD.replace(b'"pe"', b'"ce"'), "data.oc: a strike or a side stands twice"),
        (GOOD.replace(b"24050.0", b"nan"), "invalid_payload: "),
        (GOOD.replace(b"24050.0", b"-24050.0"), "invalid_payload: "),
        (GOOD.replace(b"24050.0", b"0.0"), "invalid_payload: "),
        (b"<html>", "not_json: body"),
        (b"", "empty: body"),
        (b"{}", "empty: body"),
    ],
)
def test_a_body_that_is_no_whole_chain_is_refused_with_its_place(body: object, fault: str) -> None:
    assert fault in refused(body)


def test_every_beginning_of_a_body_is_cut_off() -> None:
    reasons = {refused(GOOD[:length]).partition(":")[0] for length in range(1, len(GOOD))}
    assert reasons == {"truncated"}


def test_without_a_lot_there_is_no_snapshot() -> None:
    assert "the lot size is not known" in refused(chain(), lot=None)


def test_a_chain_of_zeros_is_no_chain() -> None:
    """The session refuses it before; a body that is read again must not be stored either."""
    zeros: dict[str, Any] = dict.fromkeys(leg().keys() - {"greeks", "security_id"}, 0)
    assert "every number of every contract is 0" in refused(chain(**zeros))


@pytest.mark.parametrize("body", [GOOD, b"", b"2026-06-23", b"2026-06-23 " + GOOD, b"2026-13-01\n"])
def test_a_body_without_its_expiry_is_refused(body: bytes) -> None:
    with pytest.raises(PayloadInvalid, match="expiry"):
        parse(body, "NIFTY", TICK, lambda *_: ContractTerms(LOT))


def test_the_lot_is_that_of_the_expiry_on_the_day_of_the_tick() -> None:
    asked = []

    def terms_of(*wanted: object) -> ContractTerms:
        asked.append(wanted)
        return ContractTerms(LOT)

    parse(marked(EXPIRY, GOOD), "NIFTY", TICK, terms_of)
    assert asked == [("NIFTY", EXPIRY, date(2026, 6, 19))]


ODD: st.SearchStrategy[object] = st.sampled_from(
    [0, -1, 0.5, 1e15, 1e308, float("nan"), "", "65", None, True, [], {}]
)
NUMBER = st.sampled_from([0, None]) | st.integers(1, 10**9) | st.floats(0.01, 1e9)
SHARES = st.sampled_from([0, None]) | st.integers(1, 10**9).map(lambda lots: lots * LOT)
UNITS = st.integers(0, 10**9)
LEGS = st.fixed_dictionaries(
    {
        "oi": SHARES,
        "previous_oi": SHARES,
        "volume": SHARES,
        "last_price": NUMBER,
        "previous_close_price": NUMBER,
        "implied_volatility": NUMBER,
        "top_bid_price": NUMBER,
        "top_ask_price": NUMBER,
        "top_bid_quantity": UNITS,
        "top_ask_quantity": UNITS,
    }
)


@given(LEGS)
def test_what_is_stored_of_a_leg_is_what_was_sent(numbers: dict[str, Any]) -> None:
    """Sent numbers are stored as they are, shares by the lot, and a derived one needs both."""
    found = only_leg(**numbers)
    shares = {"open_interest": "oi", "total_traded_volume": "volume"}
    for field, name in shares.items():
        sent = numbers[name]
        assert getattr(found, field) == (None if sent is None else sent / LOT)
    for field, name in (
        ("last_price", "last_price"),
        ("implied_volatility", "implied_volatility"),
        ("bid_price", "top_bid_price"),
        ("ask_price", "top_ask_price"),
    ):
        assert getattr(found, field) == (numbers[name] or None)
    if found.change_in_oi is not None:
        assert found.change_in_oi * LOT == numbers["oi"] - numbers["previous_oi"]
    if found.change is not None:
        difference = numbers["last_price"] - numbers["previous_close_price"]
        assert found.change == pytest.approx(difference, abs=0.006)


@given(
    st.sampled_from(sorted(leg())) | st.sampled_from(["ce", "pe", "oc", "data", "status"]),
    ODD | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_mangled_body_is_refused_or_every_stored_number_was_in_it(
    name: str, value: object
) -> None:
    body: Json = {"root": chain()}
    places: list[Json] = [body["root"], body["root"]["data"], *body["root"]["data"]["oc"].values()]
    places += [side for row in body["root"]["data"]["oc"].values() for side in row.values()]
    for place in places:
        if name in place:
            place[name] = value
            break
    try:
        found = read(body["root"])
    except PayloadInvalid:
        return
    sent = {value} if isinstance(value, int | float) else set()
    divided = {number / LOT for number in sent}
    ordinary = stored_numbers(snapshot()) | stored_numbers(read(chain()))
    derived = {0.0} | {
        number
        for each in found.quotes
        for number in (each.change, each.pchange, each.change_in_oi, each.pchange_in_oi)
        if number is not None
    }
    assert stored_numbers(found) <= ordinary | sent | divided | derived


@given(st.binary(max_size=200))
def test_any_bytes_raise_nothing_but_payload_invalid(body: bytes) -> None:
    for text in (body, marked(EXPIRY, body)):
        with pytest.raises(PayloadInvalid):
            parse(text, "NIFTY", TICK, lambda *_: ContractTerms(LOT))


def test_quotes_have_the_types_of_every_source() -> None:
    kinds = [type(value) for value in read(chain()).quotes[0]]
    assert kinds == [type(value) for value in quote(**NO_TOTALS)]
