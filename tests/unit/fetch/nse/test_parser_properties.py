"""Laws of the parser, searched by hypothesis on mangled and on whole bodies."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chain_fetch.nse.body_parser import parse
from optionchain.errors import PayloadInvalid
from optionchain.snapshot import Quote
from tests.support import bodies
from tests.support.bodies import Json, Spelling, absent_leg, body, chain_body, encoded, leg, row
from tests.support.naive_reader import contracts_of, underlying_of
from tests.support.snapshots import TICK, stored_numbers
from tests.support.strategies import EXPIRIES, STRIKES, SYMBOLS

NAMES = Quote._fields[1:]


HUGE = 10**400
NAN, INFINITY = float("nan"), float("inf")
ODD_NUMBERS = [0, -0.0, -1, 0.5, 1e15, 1e308, HUGE, -HUGE, NAN, INFINITY, -INFINITY]
ODD_TEXTS = ["", "0", "23-Jun-2026", "01-Jan-0001 00:00:00", "OPTIDXNIFTY23-06-2026CE24000.00"]
SCALARS = (
    st.sampled_from([*ODD_NUMBERS, *ODD_TEXTS, None, True, False])
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def nests(draw: st.DrawFn) -> object:
    """A value under hundreds of lists."""
    nest: object = draw(SCALARS)
    for _ in range(draw(st.integers(100, 400))):
        nest = [nest]
    return nest


VALID = [
    *(chain_body([24000, 24050], spelling=spelling) for spelling in bodies.SPELLINGS),
    chain_body([7.5], last_price=0, bid_price=0, ask_price=None, open_interest=12.5),
    body([row(24000, CE=absent_leg(), PE=leg("PE", 24000)), row(24050, leg("CE", 24050))]),
]
WRITTEN = encoded({"records": VALID[0]["records"]})


@st.composite
def mangled_bodies(draw: st.DrawFn) -> Json:
    """A valid body after one to three mutations, each of any node."""
    mangled: Json = {"body": deepcopy(draw(st.sampled_from(VALID)))}
    del mangled["body"]["filtered"]  # it is not read
    for _ in range(draw(st.integers(1, 3))):
        parent, key = draw(st.sampled_from(list(places(mangled))))
        match draw(st.sampled_from(["replace", "replace", "replace", "delete", "repeat"])):
            case "replace":
                parent[key] = draw(JSON | nests())
            case "delete":
                del parent[key]
            case _:
                repeat(parent, key, draw(st.sampled_from(["CE", "PE", "data", "identifier"])))
        if "body" not in mangled:
            return {}
    whole: Json = mangled["body"]
    return whole


def repeat(parent: Json | list[Any], key: str | int, name: str) -> None:
    """Let a node stand twice: again in its list, or under another name of its object."""
    if isinstance(parent, list):
        parent.insert(int(key), deepcopy(parent[int(key)]))
    else:
        parent[name] = deepcopy(parent[str(key)])


def places(node: object) -> Iterator[tuple[Any, Any]]:
    """Every node below one, as the container and the key that hold it; not by recursion."""
    waiting = [node]
    while waiting:
        parent = waiting.pop()
        if isinstance(parent, dict):
            keys: list[Any] = list(parent)
        elif isinstance(parent, list):
            keys = list(range(len(parent)))
        else:
            continue
        for key in keys:
            yield parent, key
            waiting.append(parent[key])


def numbers_in(node: object) -> set[float]:
    values = (parent[key] for parent, key in places([node]))
    return {value for value in values if type(value) in (int, float)}


@given(mangled_bodies())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_mangled_body_is_refused_or_every_stored_number_was_in_it(mangled: Json) -> None:
    """Nothing but PayloadInvalid is raised, and no number is made up.

    The only number that may be added is the quantity 0 of a bid or an ask that is none.
    """
    try:
        chain = parse(encoded(mangled), "NIFTY", TICK)
    except PayloadInvalid:
        return
    cleared = any(None in (quote.bid_price, quote.ask_price) for quote in chain.quotes)
    assert stored_numbers(chain) <= numbers_in(mangled) | ({0} if cleared else set())
    assert all(quote.bid_price or not quote.bid_qty for quote in chain.quotes)
    assert all(quote.ask_price or not quote.ask_qty for quote in chain.quotes)


@given(st.binary() | (JSON | nests()).map(encoded))
def test_any_answer_raises_nothing_but_payload_invalid(answer: bytes) -> None:
    with pytest.raises(PayloadInvalid) as caught:
        parse(answer, "NIFTY", TICK)
    assert str(caught.value).startswith(caught.value.where)


@given(st.data())
def test_a_body_with_changed_bytes_is_refused_or_read_exactly(data: st.DataObject) -> None:
    whole = bytearray(WRITTEN)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place : place + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=3))
    try:
        chain = parse(bytes(whole), "NIFTY", TICK)
    except PayloadInvalid:
        return
    assert stored_numbers(chain) <= numbers_in(json.loads(bytes(whole)))


POSITIVE = st.sampled_from([0, 0.0, None]) | st.integers(1, 10**12) | st.floats(0.01, 1e9)
ANY = POSITIVE | st.integers(-(10**9), -1) | st.floats(-1e9, -0.01)
UNITS = st.integers(0, 10**9) | st.integers(0, 10**9).map(float)
NUMBERS = {
    name: UNITS if name in ("bid_qty", "ask_qty") else POSITIVE
    for name in NAMES
    if name != "strike_price"
} | dict.fromkeys(("change_in_oi", "pchange_in_oi", "change", "pchange"), ANY)
LEG_NUMBERS = st.fixed_dictionaries(NUMBERS)


@st.composite
def valid_bodies(draw: st.DrawFn) -> tuple[str, Json]:
    """A symbol and its body: up to three strikes, each with one side, both or none."""
    symbol, spelling = draw(SYMBOLS), draw(st.sampled_from(bodies.SPELLINGS))
    expiry = draw(EXPIRIES)
    strikes = draw(st.lists(STRIKES, min_size=1, max_size=3, unique=True))
    rows = [
        row(strike, expiry=expiry, **draw(sides(symbol, strike, expiry, spelling)))
        for strike in strikes
    ]
    underlying = draw(st.sampled_from([0, None]) | st.floats(0.05, 1e6))
    return symbol, body(rows, underlying=underlying)


@st.composite
def sides(draw: st.DrawFn, symbol: str, strike: float, expiry: date, spelling: Spelling) -> Json:
    """The legs of a row, by side."""
    legs = {}
    for side in ("CE", "PE"):
        match draw(st.sampled_from(["there", "there", "no key", "zeros"])):
            case "there":
                legs[side] = leg(side, strike, symbol=symbol, expiry=expiry, spelling=spelling)
                for name, value in draw(LEG_NUMBERS).items():
                    legs[side].update(dict.fromkeys(bodies.KEYS[spelling][name], value))
            case "zeros":
                legs[side] = absent_leg(spelling)
    return legs


@given(valid_bodies())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_the_parser_agrees_with_a_reader_that_goes_leg_by_leg(drawn: tuple[str, Json]) -> None:
    symbol, given_body = drawn
    expected = contracts_of(given_body)
    try:
        chain = parse(encoded(given_body), symbol, TICK)
    except PayloadInvalid:
        assert not expected, "a body with a contract was refused"
        return
    found = {
        (chain.expiry, quote.side, quote.strike_price): dict(zip(NAMES, quote[1:], strict=True))
        for quote in chain.quotes
    }
    assert found == expected
    assert chain.underlying_value == underlying_of(given_body)
