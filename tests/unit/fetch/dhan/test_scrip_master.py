"""Dhan's list of contracts: what its rows say of the wanted symbols, and what is wrong with it."""

from datetime import date

import pytest

from chain_fetch.dhan.scrip_master import ScripMaster, read
from optionchain.contract_terms import ContractTerms
from optionchain.errors import PayloadInvalid
from tests.conftest import ROOT

TODAY = date(2026, 9, 14)
WEEK, MONTH = date(2026, 9, 15), date(2026, 9, 29)
COLUMNS = (
    "EXCH_ID,SEGMENT,SECURITY_ID,ISIN,INSTRUMENT,UNDERLYING_SECURITY_ID,UNDERLYING_SYMBOL,"
    "DISPLAY_NAME,SERIES,LOT_SIZE,SM_EXPIRY_DATE,STRIKE_PRICE,OPTION_TYPE,TICK_SIZE,SM_FREEZE_QTY"
)
OPTION = {
    "EXCH_ID": "NSE",
    "SEGMENT": "D",
    "SECURITY_ID": "101",
    "INSTRUMENT": "OPTIDX",
    "UNDERLYING_SYMBOL": "NIFTY",
    "DISPLAY_NAME": '"NIFTY, a name with a comma"',
    "SERIES": "NA",
    "LOT_SIZE": "70.0",
    "SM_EXPIRY_DATE": "2026-09-15",
    "TICK_SIZE": "5.0000",
    "SM_FREEZE_QTY": "1800",
}
SHARE = OPTION | {"SEGMENT": "E", "INSTRUMENT": "EQUITY", "SERIES": "EQ", "LOT_SIZE": "1.0"}
SHARE |= {"UNDERLYING_SYMBOL": "M&M", "SM_EXPIRY_DATE": "", "SECURITY_ID": "7"}
TERMS = ContractTerms(70, 0.05, 1800)


def line(**values: object) -> bytes:
    row = OPTION | values
    return ",".join([*(str(row.get(name, "")) for name in COLUMNS.split(",")), ""]).encode()


def share(**values: object) -> bytes:
    return line(**(SHARE | values))


def read_lines(*lines: bytes, symbols: tuple[str, ...] = ("NIFTY", "M&M")) -> ScripMaster:
    return read([f"{COLUMNS},".encode(), *lines], symbols, TODAY)


def test_terms_are_by_symbol_and_expiry_and_a_tick_is_in_rupees() -> None:
    master = read_lines(
        line(),
        line(SECURITY_ID=102, OPTION_TYPE="PE"),
        line(SM_EXPIRY_DATE="2026-09-29", LOT_SIZE="65.0"),
        line(UNDERLYING_SYMBOL="M&M", INSTRUMENT="OPTSTK", LOT_SIZE=200, SM_FREEZE_QTY=0),
        share(),
    )
    no_freeze = ContractTerms(200, 0.05, None, {"freeze_quantity": "not_listed"})
    assert master.terms == {
        "NIFTY": {WEEK: TERMS, MONTH: ContractTerms(65, 0.05, 1800)},
        "M&M": {WEEK: no_freeze},
    }
    assert master.share_ids == {"M&M": 7}
    assert master.kinds == {"NIFTY": {"index"}, "M&M": {"stock"}}


@pytest.mark.parametrize("symbols", [("NIFTY",), ("OTHER",), None])
def test_all_symbols_with_options_are_named_whichever_are_wanted(
    symbols: tuple[str, ...] | None,
) -> None:
    option = line(UNDERLYING_SYMBOL="M&M", INSTRUMENT="OPTSTK", LOT_SIZE=200, SM_FREEZE_QTY=0)
    other, future = line(EXCH_ID="BSE", UNDERLYING_SYMBOL="SENSEX"), line(INSTRUMENT="FUTIDX")
    shares = share(UNDERLYING_SYMBOL="NOOPTIONS")
    sent = [f"{COLUMNS},".encode(), line(), option, other, future, shares]
    assert read(sent, symbols, TODAY).names == {"NIFTY", "M&M"}


@pytest.mark.parametrize(
    "other",
    [
        {"EXCH_ID": "BSE"},
        {"UNDERLYING_SYMBOL": "NIFTYNXT50"},
        {"INSTRUMENT": "FUTIDX", "LOT_SIZE": "1.0"},
        {"SEGMENT": "C"},
        {"SM_EXPIRY_DATE": "2026-09-08"},  # it has expired
        {"SM_EXPIRY_DATE": "0001-01-01"},
        # The symbol stands in another column.
        {"UNDERLYING_SYMBOL": "OTHER", "DISPLAY_NAME": "NIFTY"},
    ],
)
def test_a_row_of_something_else_is_left_out(other: dict[str, str]) -> None:
    assert read_lines(line(), line(**({"LOT_SIZE": "9.0"} | other))).terms["NIFTY"] == {WEEK: TERMS}


@pytest.mark.parametrize(
    ("column", "value", "field"),
    [
        ("LOT_SIZE", "75.0", "lot_size"),
        ("TICK_SIZE", "10.0", "tick_size"),
        ("SM_FREEZE_QTY", "900", "freeze_quantity"),
    ],
)
def test_rows_that_contradict_each_other_give_no_value(column: str, value: str, field: str) -> None:
    terms = read_lines(line(), line(**{column: value})).terms["NIFTY"][WEEK]
    assert (getattr(terms, field), terms.reasons) == (None, {field: "sources_differ"})


@pytest.mark.parametrize(
    ("lines", "ids"),
    [
        ([share(), share(SERIES="BE", SECURITY_ID=8)], {"M&M": 7}),
        ([share(SERIES="BE", SECURITY_ID=8)], {"M&M": 8}),
        ([share(), share(SECURITY_ID=8)], {}),  # two shares of one symbol: neither is known
        ([share(SERIES="GB")], {}),
        ([share(EXCH_ID="BSE")], {}),
        ([line(UNDERLYING_SYMBOL="M&M", INSTRUMENT="OPTSTK")], {}),
    ],
)
def test_the_id_of_a_share_is_that_of_its_one_row(lines: list[bytes], ids: dict[str, int]) -> None:
    assert read_lines(*lines).share_ids == ids


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ([], "no line"),
        ([COLUMNS.replace("LOT_SIZE", "LOTS").encode()], "no column LOT_SIZE"),
        ([b"<html>"], "no column EXCH_ID"),
        ([COLUMNS.encode(), line(LOT_SIZE="many")], "line 2: could not convert"),
        ([COLUMNS.encode(), line(LOT_SIZE="6.5")], "'6.5' is no whole number"),
        ([COLUMNS.encode(), line(LOT_SIZE="nan")], "'nan' is no whole number"),
        ([COLUMNS.encode(), line(), line(SM_EXPIRY_DATE="15-09-2026")], "line 3: Invalid"),
        ([COLUMNS.encode(), share(SECURITY_ID="")], "line 2: invalid literal"),
        ([COLUMNS.encode(), line()[:-25]], "line 2: the line is cut off"),
        ([COLUMNS.encode(), line(DISPLAY_NAME='"NIFTY')], "line 2: no line of a CSV file"),
    ],
)
def test_nothing_is_used_of_a_bad_file(given: list[bytes], fault: str) -> None:
    with pytest.raises(PayloadInvalid) as caught:
        read(given, ["NIFTY", "M&M"], TODAY)
    assert fault in str(caught.value)


def test_the_published_rows_are_read() -> None:
    path = ROOT.parent / "shared" / "brokers" / "dhan_scrip_master_detailed_2026-09-14.csv"
    if not path.is_file():
        pytest.skip(f"the vendor's rows are not here: {path}")
    header, *rows = path.read_text().splitlines()
    named = [dict(zip(header.split(","), row.split(","), strict=True)) for row in rows]
    master = read(path.read_bytes().splitlines(), ["NIFTY", "BANKNIFTY"], TODAY)
    expected = {
        (row["UNDERLYING_SYMBOL"], row["SM_EXPIRY_DATE"]): (
            float(row["LOT_SIZE"]),
            float(row["TICK_SIZE"]) / 100,
            float(row["SM_FREEZE_QTY"]),
        )
        for row in named
        if row["INSTRUMENT"] == "OPTIDX" and row["EXCH_ID"] == "NSE"
    }
    found = {
        (symbol, f"{expiry}"): (terms.lot_size, terms.tick_size, terms.freeze_quantity)
        for symbol, by_expiry in master.terms.items()
        for expiry, terms in by_expiry.items()
    }
    assert found == expected
    assert len(found) == 2


def test_all_symbols_with_options_are_found_by_the_kind_of_their_contracts() -> None:
    lines = [
        line(),
        line(INSTRUMENT="FUTIDX", UNDERLYING_SYMBOL="NOOPTION"),
        line(SM_EXPIRY_DATE="2026-09-08", UNDERLYING_SYMBOL="PASSED"),
        line(EXCH_ID="BSE", UNDERLYING_SYMBOL="SENSEX"),
        line(UNDERLYING_SYMBOL="M&M", INSTRUMENT="OPTSTK"),
        line(UNDERLYING_SYMBOL="BOTH"),
        line(UNDERLYING_SYMBOL="BOTH", INSTRUMENT="OPTSTK"),
        share(),
        share(UNDERLYING_SYMBOL="TCS"),
    ]
    master = read([f"{COLUMNS},".encode(), *lines], None, TODAY)
    assert master.kinds == {"NIFTY": {"index"}, "M&M": {"stock"}, "BOTH": {"index", "stock"}}
    assert master.terms.keys() == master.kinds.keys()
    assert master.share_ids == {"M&M": 7}
