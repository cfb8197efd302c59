"""The file of all instruments tells terms and keys, read in pieces and as a whole or not at all."""

from collections.abc import Iterator
from datetime import date

import pytest

from chain_fetch.upstox.instruments import Instruments, read
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid
from tests.support.upstox_bodies import KEY, contracts, encoded, instruments

TODAY, NEAR, FAR = date(2026, 6, 19), date(2026, 6, 23), date(2026, 6, 30)
SHARE = "NSE_EQ|INE0TEST01018"
OPTIONS = contracts({NEAR: 65.0, FAR: 75.0, date(2026, 6, 16): 50.0})["data"]
SHARES = contracts({FAR: 250.0}, key=SHARE, underlying_symbol="M&M")["data"]
FILE = encoded(instruments([*OPTIONS, *SHARES]))


def pieces(text: bytes, size: int) -> Iterator[bytes]:
    for begin in range(0, len(text), size):
        yield text[begin : begin + size]


@pytest.mark.parametrize("size", [1, 7, 1_000, 1_000_000])
def test_wanted_symbols_have_their_terms_and_keys(size: int) -> None:
    assert read(pieces(FILE, size), ["NIFTY", "M&M", "OTHER"], TODAY) == Instruments(
        terms={
            "NIFTY": {
                NEAR: ContractTerms(65, 0.05, 1755),
                FAR: ContractTerms(75, 0.05, 2025),
            },
            "M&M": {FAR: ContractTerms(250, 0.05, 6750)},
            "OTHER": {},
        },
        keys={"NIFTY": KEY, "M&M": SHARE},
        kinds={"NIFTY": "index", "M&M": "stock"},
        names=frozenset({"NIFTY", "M&M"}),
    )


def test_all_symbols_with_options_are_named_whichever_are_wanted() -> None:
    for symbols in ([], ["OTHER"], ["NIFTY"], None):
        assert read([FILE], symbols, TODAY).names == {"NIFTY", "M&M"}


def test_all_symbols_with_options_are_found_with_the_kind_that_their_rows_state() -> None:
    unstated = contracts({FAR: 250.0}, underlying_symbol="ACC", underlying_type="OTHER")["data"]
    found = read([encoded(instruments([*OPTIONS, *SHARES, *unstated]))], None, TODAY)
    assert {symbol: sorted(terms) for symbol, terms in found.terms.items()} == {
        "NIFTY": [NEAR, FAR],
        "M&M": [FAR],
        "ACC": [FAR],
    }
    assert found.kinds == {"NIFTY": "index", "M&M": "stock"}


def test_a_symbol_of_two_underlyings_has_no_key() -> None:
    mixed = contracts({FAR: 250.0}, key=SHARE)["data"]
    found = read([encoded(instruments([*OPTIONS, *mixed]))], ["NIFTY"], TODAY)
    assert found.keys == {}
    assert found.terms["NIFTY"][FAR].lot_size is None
    assert found.terms["NIFTY"][FAR].reasons["lot_size"] == "sources_differ"


def test_white_space_between_rows_is_no_fault() -> None:
    spaced = b" [\n" + FILE.strip(b"[]").replace(b"},{", b"},\n {") + b"\n]\n"
    assert read([spaced], ["NIFTY"], TODAY) == read([FILE], ["NIFTY"], TODAY)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "truncated"),
        (b"[", "truncated"),
        (FILE[:-1], "truncated"),
        (FILE[:-100], "truncated"),
        (b"<html>Access Denied</html>", "not_json"),
        (b'{"status":"error"}', "not_json"),
        # A brace within a text, and an object within another one.
        (FILE.replace(b'"EQ",', b'"E}Q",', 1), "invalid_payload"),
        (b'[{"more":{"a":1}},' + FILE[1:], "invalid_payload"),
        (b"[" + b"x" * 100_000, "invalid_payload"),
        (FILE.replace(b'"lot_size":65.0', b'"lot_size":"65"'), "invalid_payload"),
        (FILE.replace(b'"underlying_key":"NSE_I', b'"key":"NSE_I'), "invalid_payload"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused(text: bytes, reason: str) -> None:
    with pytest.raises(PayloadInvalid) as caught:
        read(pieces(text, 1_000), ["NIFTY"], TODAY)
    assert caught.value.reason == reason


def test_rows_of_other_symbols_are_not_looked_at() -> None:
    odd = FILE.replace(b'"lot_size":250.0', b'"lot_size":"odd"')
    assert read([odd], ["NIFTY"], TODAY).terms == read([FILE], ["NIFTY"], TODAY).terms
