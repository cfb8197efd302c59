"""What is wrong with a body is told in our words: no word of the libraries that read it."""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import msgspec
import pytest

from chain_fetch.dhan.body_parser import marked
from chain_fetch.dhan.body_parser import parse as parse_dhan
from chain_fetch.nse.body_parser import parse as parse_nse
from chain_fetch.payload.decoding import decoded
from chain_fetch.payload.wording import OTHERWISE
from chain_fetch.upstox.body_parser import parse as parse_upstox
from chain_fetch.upstox.contracts import listed_terms
from chain_fetch.upstox.holidays import holidays_of
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid
from tests.support import bodies, dhan_bodies, upstox_bodies
from tests.support.bodies import EXPIRY, Json
from tests.support.foreign_words import FOREIGN
from tests.support.snapshots import TICK

type Parse = Callable[[bytes], object]
type Path = tuple[str | int, ...]
type Change = Callable[[Any, Any], object]

OF_MSGSPEC = re.compile("`|Expected|got |Object|JSON is malformed|out of range|Input data|codec")
OF_JITER = re.compile("EOF|line \\d+ column|expected|lone leading|recursion|trailing")
VALUES: list[Any] = [
    *(None, "", "soon", "\ud800", "x" * 99, True, False, 5, -1, 0, 1.5, 1e15, -1e15),
    *(10**19, -(10**19), 10**400, float("nan"), [], [1], [[]], {}, {"a": 1}),
]
TEXTS = [
    *(b"<html>", b"\x1f\x8b", b"nul", b"[1,]", b"{1:2}", b'{"a" 1}', b'["\\x"]', b'["\x01"]'),
    *(b'"\xff"', b"[01]", b"[1 2]", b'{"a": 1} more', b'{"a":', b'["\\u12', b"[" * 100_000, b"-"),
    *(b'["\\ud800"]', b"\xff\xfe", b'{"records": 1e400}', b'{"status": "s", "data": 1e400}'),
]


def nse(body: bytes) -> object:
    return parse_nse(body, "NIFTY", TICK)


def dhan(body: bytes) -> object:
    return parse_dhan(marked(EXPIRY, body), "NIFTY", TICK, lambda *_: ContractTerms(65))


def upstox(body: bytes) -> object:
    return parse_upstox(body, "NIFTY", TICK, lambda _: upstox_bodies.LOT, upstox_bodies.KEY)


def terms(body: bytes) -> object:
    return listed_terms(body, upstox_bodies.KEY)


DAY = {"date": "2026-06-19", "closed_exchanges": ["NFO"], "open_exchanges": [{"exchange": "MCX"}]}
GOOD: list[tuple[Parse, Json]] = [
    (nse, bodies.chain_body([24000])),
    (dhan, dhan_bodies.chain()),
    (upstox, upstox_bodies.chain([24_000.0])),
    (terms, upstox_bodies.contracts({EXPIRY: 65.0})),
    (holidays_of, {"status": "success", "data": [DAY]}),
]


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    yield path
    items = value.items() if isinstance(value, dict) else ()
    for key, each in enumerate(value) if isinstance(value, list) else items:
        yield from paths(each, (*path, key))


def changed(body: Json, path: Path, change: Change) -> bytes:
    """Return a body in which the container of a place, and its key there, are changed."""
    whole = {"": deepcopy(body)}
    container: Any = whole
    *before, last = "", *path
    for step in before:
        container = container[step]
    change(container, last)
    return json.dumps(whole.get("")).encode()


def put(value: object) -> Change:
    def change(at: Any, key: str | int) -> None:  # noqa: ANN401
        at[key] = value

    return change


def rename(name: str) -> Change:
    return lambda at, key: at.update({name: at.pop(key)})


def faults(body: Json) -> Iterator[bytes]:
    for path in paths(body):
        for value in VALUES:
            yield changed(body, path, put(value))
        yield changed(body, path, lambda at, key: at.pop(key))
        if path and isinstance(path[-1], str):
            for name in ("soon", "0", "-1", "1e16", "1e400"):
                yield changed(body, path, rename(name))


def told(parse: Parse, body: bytes) -> str | None:
    try:
        parse(body)
    except PayloadInvalid as error:
        return str(error)
    return None


@pytest.mark.parametrize(("parse", "body"), GOOD, ids=lambda each: getattr(each, "__name__", ""))
def test_every_fault_of_a_body_is_told_in_our_words(parse: Parse, body: Json) -> None:
    assert told(parse, json.dumps(body).encode()) is None
    texts = [text for given in (*TEXTS, *faults(body)) if (text := told(parse, given))]
    assert len(texts) > 100
    for text in texts:
        for words in (FOREIGN, OF_MSGSPEC, OF_JITER):
            assert not words.search(text), text
        assert OTHERWISE not in text, "each kind of error has words of its own"


CALL: Path = ("records", "data", 0, "CE", "openInterest")
STRIKE: Path = ("data", "oc", "24000.000000")
ROW: Path = ("data", 0, "call_options", "market_data", "oi")


@pytest.mark.parametrize(
    ("number", "path", "value", "text"),
    [
        (0, CALL, "5", "records.data.0.CE.openInterest: must be a number, not '5'"),
        (0, CALL, True, "records.data.0.CE.openInterest: must be a number, not true"),
        (0, CALL, -1, "records.data.0.CE.openInterest: must be at least 0, not -1"),
        (0, CALL, 1e15, "CE.openInterest: must be below 1e+15, not 1e+15"),
        (0, CALL, float("nan"), "CE.openInterest: must be a finite number, not nan"),
        (0, CALL[:4], [], "records.data.0.CE: must be an object, not a list"),
        (0, CALL[:2], {"a": 1}, "records.data: must be a list, not an object"),
        (0, ("records", "timestamp"), None, "records.timestamp: must be a text, not null"),
        (1, (*STRIKE, "pe", "oi"), "5", "24000.000000.pe.oi: must be a number, not '5'"),
        (1, (*STRIKE, "pe", "oi"), -1, "data.oc.24000.000000.pe.oi: must be at least 0, not -1"),
        (1, (*STRIKE, "pe"), 5, "data.oc.24000.000000.pe: must be an object, not 5"),
        (1, ("data", "oc", f"1.{'0' * 99}"), 5, f"oc.1.{'0' * 58}: must be an object, not 5"),
        (1, ("data", "oc", "soon"), {}, "data.oc: a key must be a number, not 'soon'"),
        (1, ("data", "oc", "0"), {}, "data.oc: a key must be above 0, not '0'"),
        (1, ("data", "last_price"), 10**400, "data.last_price: must be a smaller number, not"),
        (2, ROW, "5", "data.0.call_options.market_data.oi: must be a number, not '5'"),
        (2, ROW[:2], None, "data.0: must be an object, not null"),
        (2, (), 5, "body: must be an object, not 5"),
    ],
)
def test_the_place_the_value_and_what_it_should_be_are_told(
    number: int, path: Path, value: object, text: str
) -> None:
    parse, body = GOOD[number]
    found = told(parse, changed(body, path, put(value)))
    assert found is not None
    assert text in found


@pytest.mark.parametrize("parse", [nse, dhan, upstox])
@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{\n"x": <}', "body: no JSON from byte 7 on: b'<}'"),
        (b"<html>", "body: no JSON from byte 0 on: b'<html>'"),
        (b'{"a": 5', "body: the JSON ends after 7 bytes"),
    ],
)
def test_what_is_no_json_is_shown(parse: Parse, body: bytes, text: str) -> None:
    assert told(parse, body) == text


def test_a_fault_before_what_is_no_json_has_its_kind() -> None:
    class Body(msgspec.Struct):
        data: list[int]

    with pytest.raises(PayloadInvalid) as caught:
        decoded(b'{"data": ["5"], <', msgspec.json.Decoder(Body))
    assert str(caught.value) == "data.0: must be a whole number, not a text"
