"""Bodies that cannot be trusted: each is refused with what is wrong and where."""

from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
import pytest

from chain_fetch.payload.parser import parse
from optionchain.errors import PayloadEmpty, PayloadInvalid, PayloadNotJson
from tests.support.bodies import (
    DIALECTS,
    KEYS,
    Dialect,
    Json,
    absent_leg,
    body,
    chain_body,
    leg,
    row,
)
from tests.support.snapshots import TICK

MISSING = object()
ALL_KEYS = {name: {key for keys in KEYS.values() for key in keys[name]} for name in KEYS["v3"]}
NAN, INFINITY = float("nan"), float("inf")


def refusal(given: object, symbol: str = "NIFTY") -> PayloadInvalid:
    with pytest.raises(PayloadInvalid) as caught:
        parse(given, symbol, TICK)
    return caught.value


def with_leg(change: Callable[[Json], Any]) -> Json:
    """A body of two rows; the put of the second is changed."""
    given = chain_body([24000, 24050])
    change(given["records"]["data"][1]["PE"])
    return given


@pytest.mark.parametrize("given", [[1], "text", 5, True, {"records": []}, {"a": 1}])
def test_what_is_no_object_with_records_is_refused(given: object) -> None:
    error = refusal(given)
    assert error.where in ("body", "records")
    assert error.reason == "invalid_payload"


@pytest.mark.parametrize("given", [b"", b" \n", b"{}", b" {} ", {}, None])
def test_a_body_of_nothing_is_empty(given: object) -> None:
    """`{}` with status 200 is a soft block or a hiccup, never "no data"."""
    error = refusal(given)
    assert isinstance(error, PayloadEmpty)
    assert (error.where, error.reason) == ("body", "empty")


@pytest.mark.parametrize(
    "given", [b"<!DOCTYPE html><html>", b"\x1f\x8b\x08\x00\xff", b"{'a': 1}", b'{"a": 1} more']
)
def test_bytes_that_are_no_json_are_refused_as_such(given: bytes) -> None:
    error = refusal(given)
    assert isinstance(error, PayloadNotJson)
    assert error.reason == "not_json"


def test_a_body_that_is_cut_off_anywhere_is_truncated() -> None:
    whole = orjson.dumps(chain_body([24000]))
    for length in range(1, len(whole), 7):
        assert refusal(whole[:length]).reason == "truncated"


@pytest.mark.parametrize("rows", [MISSING, None, {}, "rows", 5])
def test_rows_that_are_no_list_are_refused(rows: object) -> None:
    given = chain_body()
    given["records"].pop("data") if rows is MISSING else given["records"].update(data=rows)
    assert refusal(given).where == "records.data"


@pytest.mark.parametrize("rows", [[], [row(24000, CE=absent_leg(), PE=absent_leg())], [row(24000)]])
def test_a_body_without_a_contract_is_empty(rows: list[Json]) -> None:
    """A wrong expiry answers 200 with `data: []`: never "no data", always a failed tick."""
    assert isinstance(refusal(body(rows)), PayloadEmpty)


@pytest.mark.parametrize(
    "stamp", [MISSING, None, "", 5, "19-06-2026 15:30:00", "19-Jun-2026", "31-Jun-2026 15:30:00"]
)
def test_a_body_without_a_timestamp_is_refused(stamp: object) -> None:
    given = chain_body()
    given["records"].pop("timestamp") if stamp is MISSING else given["records"].update(
        timestamp=stamp
    )
    assert refusal(given).where == "records.timestamp"


@pytest.mark.parametrize(
    "value", [MISSING, "24013.1", True, -0.05, NAN, INFINITY, 1e15, 10**400, [24013.1]]
)
def test_an_underlying_that_is_no_price_is_refused(value: object) -> None:
    given = chain_body()
    given["records"].pop("underlyingValue") if value is MISSING else given["records"].update(
        underlyingValue=value
    )
    assert refusal(given).where == "records.underlyingValue"


@pytest.mark.parametrize("item", [None, [], "row", 5])
def test_a_row_that_is_no_object_is_named_by_its_number(item: object) -> None:
    given = chain_body()
    given["records"]["data"].insert(2, item)
    assert refusal(given).where == "records.data.2"


@pytest.mark.parametrize("side", [[], "leg", 5, True, 0, ""])
def test_a_leg_that_is_no_object_is_named_by_its_row_and_side(side: object) -> None:
    given = chain_body()
    given["records"]["data"][1]["PE"] = side
    assert refusal(given).where == "records.data.1.PE"


@pytest.mark.parametrize("text", [MISSING, None, "", 5, ["23-Jun-2026"], "23-06-2026", "soon"])
def test_a_row_without_an_expiry_date_is_refused(text: object) -> None:
    given = chain_body()
    second = given["records"]["data"][1]
    second.pop("expiryDates") if text is MISSING else second.update(expiryDates=text)
    assert refusal(given).where.startswith("records.data.1")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", KEYS["v3"])
def test_a_missing_key_is_named_where_it_should_stand(name: str, dialect: Dialect) -> None:
    given = chain_body(dialect=dialect)
    for key in KEYS[dialect][name]:
        del given["records"]["data"][1]["PE"][key]
    error = refusal(given)
    assert error.where in {f"records.data.1.PE.{key}" for key in ALL_KEYS[name]}
    assert error.what == "missing; has the exchange changed its spelling?"


def test_a_leg_without_an_identifier_is_no_missing_side() -> None:
    """Only an identifier of null says so: should its key be renamed, nothing is lost unseen."""
    error = refusal(with_leg(lambda values: values.pop("identifier")))
    assert error.where == "records.data.1.PE.identifier"


@pytest.mark.parametrize("name", KEYS["v3"])
@pytest.mark.parametrize(
    "value", ["1", True, False, [], {}, NAN, INFINITY, -INFINITY, 10**400, -(10**400), 1e15]
)
def test_a_value_that_is_no_number_is_refused_where_it_stands(name: str, value: object) -> None:
    keys = dict.fromkeys(KEYS["v3"][name], value)
    error = refusal(with_leg(lambda values: values.update(keys)))
    assert error.where == f"records.data.1.PE.{KEYS['v3'][name][0]}"
    assert error.reason == "invalid_payload"


@pytest.mark.parametrize("name", sorted(set(KEYS["v3"]) - {"change_in_oi", "pchange_in_oi"}))
def test_only_changes_may_be_negative(name: str) -> None:
    given = with_leg(lambda values: values.update({KEYS["v3"][name][0]: -1}))
    if name in ("change", "pchange"):
        assert getattr(parse(given, "NIFTY", TICK)[0].quotes[3], name) == -1
    else:
        assert refusal(given).where == f"records.data.1.PE.{KEYS['v3'][name][0]}"


@pytest.mark.parametrize("name", ["bid_qty", "ask_qty"])
def test_a_quantity_that_is_not_whole_is_refused(name: str) -> None:
    error = refusal(with_leg(lambda values: values.update({KEYS["v3"][name][0]: 75.5})))
    assert str(error) == "records.data.1.PE: a price for 75.5 units"


@pytest.mark.parametrize("side", ["bid", "ask"])
def test_a_price_without_a_quantity_is_refused(side: str) -> None:
    key = KEYS["v3"][f"{side}_qty"][0]
    error = refusal(with_leg(lambda values: values.update({key: None})))
    assert str(error) == "records.data.1.PE: a price for None units"


@pytest.mark.parametrize("strike", [0, None, -24050])
def test_a_strike_that_is_none_is_refused(strike: object) -> None:
    error = refusal(with_leg(lambda values: values.update(strikePrice=strike)))
    assert error.where.startswith("records.data.1.PE")


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
    error = refusal(with_leg(lambda values: values.update(identifier=name)))
    assert error.where == "records.data.1.PE"
    assert repr(name) in error.what


@pytest.mark.parametrize("name", [5, True, ["OPTIDXNIFTY23-06-2026PE24050.00"]])
def test_an_identifier_that_is_no_text_is_refused(name: object) -> None:
    error = refusal(with_leg(lambda values: values.update(identifier=name)))
    assert error.where == "records.data.1.PE.identifier"


def test_a_body_of_another_symbol_is_refused() -> None:
    assert refusal(chain_body(symbol="BANKNIFTY"), "NIFTY").where == "records.data.0.CE"


@pytest.mark.parametrize(
    ("asked", "sent"), [("M&M", "M&MFIN"), ("M&MFIN", "M&M"), ("NIFTY", "NIFTYNXT50")]
)
def test_a_symbol_that_begins_as_another_is_not_taken_for_it(asked: str, sent: str) -> None:
    assert "is not" in refusal(chain_body(symbol=sent), asked).what


@pytest.mark.parametrize("strike", [24000, "24050", None, 24050.01, MISSING])
def test_a_leg_in_the_row_of_another_strike_is_refused(strike: object) -> None:
    given = chain_body([24000, 24050])
    second = given["records"]["data"][1]
    second.pop("strikePrice") if strike is MISSING else second.update(strikePrice=strike)
    assert refusal(given).where in ("records.data.1.CE", "records.data.1.strikePrice")


def test_a_row_under_another_expiry_than_its_legs_is_refused() -> None:
    given = chain_body()
    given["records"]["data"][1]["expiryDates"] = "30-Jun-2026"
    assert refusal(given).where == "records.data.1.CE"


def test_a_contract_that_stands_twice_is_refused() -> None:
    """Never repeat: which of the two is true cannot be told, even where they agree."""
    given = chain_body([24000, 24050, 24000])
    assert str(refusal(given)) == "records.data: the contract (24000.0, 'CE') stands twice"


def test_the_same_strike_of_two_expiries_is_no_repeat() -> None:
    days = (date(2026, 6, 23), date(2026, 6, 30))
    rows = [row(24000, leg("CE", 24000, expiry=day), expiry=day) for day in days]
    assert [chain.expiry for chain in parse(body(rows), "NIFTY", TICK)] == list(days)


def test_a_message_stays_short_whatever_the_value() -> None:
    deep: list[object] = []
    for _ in range(100):
        deep = [deep]
    values: list[object] = ["x" * 100_000, 10**400, deep, list(range(10_000))]
    for value in values:
        given = chain_body()
        given["records"]["data"][1]["PE"]["lastPrice"] = value
        assert len(str(refusal(given))) < 200
