"""Bodies that cannot be trusted: the error says what is wrong and where."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from chain_fetch.nse.body_parser import parse
from optionchain.errors import PayloadEmpty, PayloadInvalid, PayloadNotJson
from tests.support import bodies
from tests.support.bodies import Json, Spelling, absent_leg, body, chain_body, encoded, leg, row
from tests.support.snapshots import TICK

MISSING = object()
ALL_KEYS = {
    name: {key for keys in bodies.KEYS.values() for key in keys[name]} for name in bodies.KEYS["v3"]
}
NAN, INFINITY = float("nan"), float("inf")
PUT = "records.data.1.PE"


def refusal(given: object, symbol: str = "NIFTY") -> PayloadInvalid:
    with pytest.raises(PayloadInvalid) as caught:
        parse(given if isinstance(given, bytes) else encoded(given), symbol, TICK)
    return caught.value


def with_records(key: str, value: object) -> Json:
    """A body with another value, or none, under a key of `records`."""
    given = chain_body()
    given["records"][key] = value
    if value is MISSING:
        del given["records"][key]
    return given


def with_row(key: str, value: object) -> Json:
    """A body with another value, or none, under a key of its second row."""
    given = chain_body([24000, 24050])
    given["records"]["data"][1][key] = value
    if value is MISSING:
        del given["records"]["data"][1][key]
    return given


def with_put(change: Callable[[Json], Any]) -> Json:
    """A body in which the put of the second row is changed."""
    given = chain_body([24000, 24050])
    change(given["records"]["data"][1]["PE"])
    return given


@pytest.mark.parametrize(
    "given", [[1], "text", 5, True, {"a": 1}, {"recordz": {"data": [row(24000)]}}, {"records": 5}]
)
def test_a_body_without_records_is_refused(given: object) -> None:
    error = refusal(given)
    assert (error.where in ("body", "records"), error.reason) == (True, "invalid_payload")


@pytest.mark.parametrize(
    "given",
    [
        *(b"", b" \n", b"{}", b" {} ", b"{ }", b"[]", b"null", b'""', b"\xef\xbb\xbf{}", b"[{}]"),
        *(
            b'{"records": {}}',
            b'{"records": null}',
            b'{"records": []}',
            b'{"records": {"data": 0}}',
        ),
        b'{"records": {"data": [], "timestamp": ""}, "filtered": {"data": [], "CE": {"totOI": 0}}}',
    ],
)
def test_a_body_of_nothing_is_empty(given: bytes) -> None:
    """`{}` with status 200 is a soft block or a hiccup, never "no data"."""
    error = refusal(given)
    assert isinstance(error, PayloadEmpty)
    assert (error.where, error.reason) == ("body", "empty")


@pytest.mark.parametrize("rows", [MISSING, None, [], {}, "", 0, [{}], [None]])
@pytest.mark.parametrize("stamp", [MISSING, None, "", " ", 5, "soon"])
def test_a_chain_without_a_row_is_empty_under_any_stamp(rows: object, stamp: object) -> None:
    records = {"data": rows, "timestamp": stamp, "strikePrices": ["24000"], "underlyingValue": 5.5}
    given = {"records": {key: value for key, value in records.items() if value is not MISSING}}
    assert refusal(given).reason == "empty"


def test_a_body_with_a_byte_order_mark_is_read() -> None:
    assert parse(b"\xef\xbb\xbf" + encoded(chain_body()), "NIFTY", TICK).quotes


@pytest.mark.parametrize(
    "given", [b"<!DOCTYPE html><html>", b"\x1f\x8b\x08\x00\xff", b"{'a': 1}", b'{"a": 1} more']
)
def test_bytes_that_are_no_json_are_refused_as_such(given: bytes) -> None:
    error = refusal(given)
    assert isinstance(error, PayloadNotJson)
    assert error.reason == "not_json"


def test_a_body_that_is_cut_off_anywhere_is_truncated() -> None:
    whole = encoded(chain_body([24000]))
    for length in range(1, len(whole), 7):
        assert refusal(whole[:length]).reason == "truncated"


@pytest.mark.parametrize("rows", [[], [row(24000, CE=absent_leg(), PE=absent_leg())], [row(24000)]])
def test_a_body_without_a_contract_is_empty(rows: list[Json]) -> None:
    """The exchange answers a wrong expiry with 200 and `data: []`: a failed tick, not "no data"."""
    assert isinstance(refusal(body(rows)), PayloadEmpty)


STAMPS = (MISSING, None, "", 5, "19-06-2026 15:30:00", "19-Jun-2026", "31-Jun-2026 15:30:00")
UNDERLYINGS = (MISSING, "24013.1", True, -0.05, NAN, INFINITY, 1e15, 10**400, [24013.1])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("data", rows) for rows in (MISSING, None, {}, "rows", 5)),
        *(("timestamp", stamp) for stamp in STAMPS),
        *(("underlyingValue", value) for value in UNDERLYINGS),
    ],
)
def test_a_bad_value_of_the_records_is_named(key: str, value: object) -> None:
    assert refusal(with_records(key, value)).where == f"records.{key}"


@pytest.mark.parametrize("item", [None, [], "row", 5])
def test_a_row_that_is_no_object_is_named_by_its_number(item: object) -> None:
    given = chain_body()
    given["records"]["data"].insert(2, item)
    assert refusal(given).where == "records.data.2"


@pytest.mark.parametrize("side", [[], "leg", 5, True, 0, ""])
def test_a_leg_that_is_no_object_is_named_by_its_row_and_side(side: object) -> None:
    assert refusal(with_row("PE", side)).where == PUT


@pytest.mark.parametrize("text", [MISSING, None, "", 5, ["23-Jun-2026"], "23-06-2026", "soon"])
def test_a_row_without_an_expiry_date_is_refused(text: object) -> None:
    assert refusal(with_row("expiryDates", text)).where.startswith("records.data.1")


@pytest.mark.parametrize("text", ["", "23-06-2026", "soon"])
def test_rows_that_share_a_bad_date_are_refused(text: str) -> None:
    given = chain_body([24000])
    given["records"]["data"][0]["expiryDates"] = text
    assert refusal(given).where == "records.data.0"


@pytest.mark.parametrize("spelling", bodies.SPELLINGS)
@pytest.mark.parametrize("name", bodies.KEYS["v3"])
def test_a_missing_key_is_named_where_it_should_stand(name: str, spelling: Spelling) -> None:
    given = chain_body(spelling=spelling)
    for key in bodies.KEYS[spelling][name]:
        del given["records"]["data"][1]["PE"][key]
    error = refusal(given)
    assert error.where in {f"{PUT}.{key}" for key in ALL_KEYS[name]}
    assert error.what == "missing; has the source changed its spelling?"


def test_a_leg_without_an_identifier_is_no_absent_side() -> None:
    """Only a null identifier means absence: if its key were renamed, contracts would vanish."""
    error = refusal(with_put(lambda put: put.pop("identifier")))
    assert error.where == f"{PUT}.identifier"


@pytest.mark.parametrize("name", bodies.KEYS["v3"])
@pytest.mark.parametrize(
    "value", ["1", True, False, [], {}, NAN, INFINITY, -INFINITY, 10**400, -(10**400), 1e15]
)
def test_a_value_that_is_no_number_is_named(name: str, value: object) -> None:
    error = refusal(with_put(lambda put: put.update(dict.fromkeys(bodies.KEYS["v3"][name], value))))
    assert (error.where, error.reason) == (f"{PUT}.{bodies.KEYS['v3'][name][0]}", "invalid_payload")


@pytest.mark.parametrize("name", sorted(set(bodies.KEYS["v3"]) - {"change_in_oi", "pchange_in_oi"}))
def test_only_changes_may_be_negative(name: str) -> None:
    given = with_put(lambda put: put.update({bodies.KEYS["v3"][name][0]: -1}))
    if name in ("change", "pchange"):
        assert getattr(parse(encoded(given), "NIFTY", TICK).quotes[3], name) == -1
    else:
        assert refusal(given).where == f"{PUT}.{bodies.KEYS['v3'][name][0]}"


@pytest.mark.parametrize("name", ["bid_qty", "ask_qty"])
@pytest.mark.parametrize("quantity", [75.5, None])
def test_a_price_without_a_whole_quantity_is_refused(name: str, quantity: float | None) -> None:
    error = refusal(with_put(lambda put: put.update({bodies.KEYS["v3"][name][0]: quantity})))
    assert str(error) == f"{PUT}: a price for {quantity} units"


@pytest.mark.parametrize("strike", [0, None, -24050])
def test_a_leg_without_a_strike_is_refused(strike: object) -> None:
    assert refusal(with_put(lambda put: put.update(strikePrice=strike))).where.startswith(PUT)


@pytest.mark.parametrize(
    "name",
    [
        "OPTIDXBANKNIFTY23-06-2026PE24050.00",  # another symbol
        "OPTIDXNIFTY30-06-2026PE24050.00",  # another expiry
        "OPTIDXNIFTY23-06-2026CE24050.00",  # another side
        "OPTIDXNIFTY23-06-2026PE24100.00",  # another strike
        "OPTIDXNIFTY23-06-2026PE24050",
        "OPTIDXNIFTY23-06-2026PE24050.000",
        "OPTIDXNIFTY23-Jun-2026PE24050.00",
        "FUTIDXNIFTY23-06-2026PE24050.00",
        "NIFTY23-06-2026PE24050.00",
        "x",
        "",
    ],
)
def test_a_leg_that_names_another_contract_is_refused(name: str) -> None:
    error = refusal(with_put(lambda put: put.update(identifier=name)))
    assert (error.where, repr(name) in error.what) == (PUT, True)


@pytest.mark.parametrize("name", [5, True, ["OPTIDXNIFTY23-06-2026PE24050.00"]])
def test_an_identifier_that_is_no_text_is_refused(name: object) -> None:
    error = refusal(with_put(lambda put: put.update(identifier=name)))
    assert error.where == f"{PUT}.identifier"


@pytest.mark.parametrize(
    ("asked", "sent"),
    [("NIFTY", "BANKNIFTY"), ("M&M", "M&MFIN"), ("M&MFIN", "M&M"), ("NIFTY", "NIFTYNXT50")],
)
def test_a_body_of_another_symbol_is_refused(asked: str, sent: str) -> None:
    error = refusal(chain_body(symbol=sent), asked)
    assert (error.where, "is not" in error.what) == ("records.data.0.CE", True)


@pytest.mark.parametrize("strike", [24000, "24050", None, 24050.01, MISSING])
def test_a_leg_in_the_row_of_another_strike_is_refused(strike: object) -> None:
    where = refusal(with_row("strikePrice", strike)).where
    assert where in ("records.data.1.CE", "records.data.1.strikePrice")


def test_a_body_whose_legs_are_of_another_expiry_than_its_rows_is_refused() -> None:
    given = chain_body([24000])
    given["records"]["data"][0]["expiryDates"] = "30-Jun-2026"
    assert refusal(given).where == "records.data.0.CE"


def test_a_body_of_two_expiries_is_refused() -> None:
    days = (date(2026, 6, 23), date(2026, 6, 30))
    rows = [row(24000, leg("CE", 24000, expiry=day), expiry=day) for day in days]
    assert str(refusal(body(rows))) == "records.data.1: the body is not of one expiry alone"


def test_a_repeated_contract_is_refused() -> None:
    """Which of the two is true cannot be told, even if they agree."""
    given = chain_body([24000, 24050, 24000])
    assert str(refusal(given)) == "records.data: the contract (24000.0, 'CE') stands twice"


@pytest.mark.parametrize(
    "value", ["x" * 100_000, 10**400, json.loads("[" * 100 + "]" * 100), list(range(10_000))]
)
def test_a_message_shows_an_excerpt_of_a_long_value(value: object) -> None:
    assert len(str(refusal(with_put(lambda put: put.update(lastPrice=value))))) < 200
