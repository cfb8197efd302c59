"""The exchange's daily file: typed rows of options, or a fault and nothing of the file."""

import re
import tracemalloc
from collections.abc import Callable
from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest

from chain_fetch.nse.bhavcopy import read_bhavcopy
from chain_fetch.nse.bhavcopy_rows import OptionRow
from chain_fetch.nse.bhavcopy_zip import bhavcopy_name
from optionchain.errors import PayloadInvalid
from tests.conftest import ROOT
from tests.support.bhavcopies import (
    COLUMNS,
    DAY,
    NAME,
    Row,
    bhavcopy,
    csv_of,
    future,
    option,
    zipped,
)

SAMPLE = ROOT.parent / "shared" / "brokers" / "nse_udiff_fo_bhavcopy_rows_2026.csv"
EXPIRY = date(2026, 2, 3)
PUT = {"OptnTp": "PE"}


def test_each_cell_becomes_a_number_of_its_unit() -> None:
    file = read_bhavcopy(NAME, bhavcopy(option()))
    assert file.day == DAY
    assert file.rows == (
        OptionRow(
            symbol="NIFTY",
            expiry=EXPIRY,
            strike_price=25_000.0,
            side="CE",
            lot_size=65,
            open_price=100.0,
            high_price=120.5,
            low_price=90.0,
            close_price=110.25,
            last_price=110.0,
            previous_close=98.0,
            settlement_price=110.25,
            underlying_value=25_100.4,
            open_interest=6_500,
            change_in_oi=-130,
            volume=40,
            actual_expiry=EXPIRY,
            kind="index",
        ),
    )
    assert not file.doubts


def test_futures_are_left_out_and_stocks_are_not() -> None:
    stock = option(FinInstrmTp="STO", TckrSymb="RELIANCE", **PUT)
    file = read_bhavcopy(NAME, bhavcopy(future(), option(), stock))
    assert [(row.symbol, row.side) for row in file.rows] == [("NIFTY", "CE"), ("RELIANCE", "PE")]
    assert file.kinds == {"NIFTY": "index", "RELIANCE": "stock"}


def test_only_wanted_symbols_are_kept() -> None:
    rows = read_bhavcopy(NAME, bhavcopy(option(), option(TckrSymb="TCS")), {"TCS"}).rows
    assert [row.symbol for row in rows] == ["TCS"]


def test_an_empty_price_is_none_and_never_0() -> None:
    (row,) = read_bhavcopy(NAME, bhavcopy(option(SttlmPric="", UndrlygPric=""))).rows
    assert row.settlement_price is None
    assert row.underlying_value is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("fo01JAN2024bhav.csv.zip", "neither lots nor the price of the underlying"),
        ("fo01JAN2024bhav.csv", "the old format"),
        ("bhavcopy.zip", "not the name of a bhavcopy, such as BhavCopy_NSE_FO_0_0_0_20260130"),
        ("BhavCopy_NSE_CM_0_0_0_20260130_F_0000.csv.zip", "not the name of a bhavcopy"),
        ("BhavCopy_NSE_FO_0_0_0_20260230_F_0000.csv.zip", "the name has no date"),
    ],
)
def test_another_name_is_refused_with_what_it_is(name: str, told: str) -> None:
    with pytest.raises(PayloadInvalid, match=told):
        read_bhavcopy(name, bhavcopy(option(), name=name))


def _zip_with_two_members() -> bytes:
    content = BytesIO(bhavcopy(option()))
    with ZipFile(content, "a") as archive:
        archive.writestr("more.csv", "")
    return content.getvalue()


def _damaged() -> bytes:
    content = bytearray(bhavcopy(option()))
    content[120] ^= 0xFF  # in the midst of the compressed member
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (bhavcopy(option())[:-30], "the zip is cut off or damaged"),
        (bhavcopy(option())[:40], "the zip is cut off or damaged"),
        (_damaged(), "the zip is cut off or damaged"),
        (b"", "not a zip; it begins b''"),
        (b"<html><body>Access Denied", "not a zip; it begins b'<html>"),
        (zipped("x", member="another.csv"), r"the zip holds \['another.csv'\]"),
        (_zip_with_two_members(), "more.csv"),
        (zipped(b"\xff\xfe\x00"), "the CSV is no text"),
        (zipped(""), "0 columns are called TradDt"),
        (zipped(csv_of([])), "no row of an option"),
        (bhavcopy(future()), "no row of an option"),
        (zipped("INSTRUMENT,SYMBOL,EXPIRY_DT\n"), "the old format"),
    ],
)
def test_a_zip_that_is_cut_or_another_one_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(PayloadInvalid, match=told):
        read_bhavcopy(NAME, content)


def test_a_csv_is_refused_wherever_a_row_is_cut() -> None:
    """A row ends in empty cells, so one that lacks its last comma is cut off too."""
    whole = csv_of([option()])
    text = csv_of([option(), option(**PUT)])
    for end in range(len(whole) + 1, len(text) - 1):
        with pytest.raises(PayloadInvalid, match=r"is the file cut off|no CSV"):
            read_bhavcopy(NAME, zipped(text[:end]))


@pytest.mark.parametrize("column", ["XpryDt", "OpnIntrst", "NewBrdLotQty", "UndrlygPric"])
def test_a_missing_column_is_named(column: str) -> None:
    columns = [each for each in COLUMNS if each != column]
    with pytest.raises(PayloadInvalid, match=f"0 columns are called {column}"):
        read_bhavcopy(NAME, zipped(csv_of([option()], columns)))


def test_the_order_of_the_columns_does_not_matter() -> None:
    (row,) = read_bhavcopy(NAME, zipped(csv_of([option()], COLUMNS[::-1]))).rows
    assert (row.lot_size, row.volume) == (65, 40)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (option(TradDt="2026-01-29"), "line 3: a row of 2026-01-29, not of 2026-01-30"),
        (option(TradDt=""), "a row of no day"),
        (option(OptnTp="XX"), "no option: 'NIFTY' 'XX'"),
        (option(TckrSymb=""), "no option: ''"),
        (option(NewBrdLotQty="0"), "NewBrdLotQty is 0"),
        (option(NewBrdLotQty=""), "NewBrdLotQty is ''"),
        (option(NewBrdLotQty="65.5"), "NewBrdLotQty is 65.5, not a whole number"),
        (option(OpnIntrst="-65"), "OpnIntrst is '-65'"),
        (option(TtlTradgVol="nan"), "TtlTradgVol is 'nan'"),
        (option(StrkPric="1e5"), "StrkPric is '1e5'"),
        (option(ClsPric="1_0"), "ClsPric is '1_0'"),
        (option(XpryDt="2026-02-30"), "XpryDt is '2026-02-30'"),
        (option(XpryDt="20260203"), "XpryDt is '20260203'"),
        (option(), "a second row of NIFTY 2026-02-03 25000 CE"),
        (option(StrkPric="25000", TtlTradgVol="41"), "a second row"),
    ],
)
def test_one_bad_row_refuses_the_whole_file(row: Row, told: str) -> None:
    """Also where the wanted symbol is another one."""
    with pytest.raises(PayloadInvalid, match=told):
        read_bhavcopy(NAME, bhavcopy(option(), row), {"TCS"})


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (option(OpnIntrst="6501", **PUT), "6501 units .* are no whole lots of 65"),
        (option(ChngInOpnIntrst="1", **PUT), "changed by 1, are no whole lots of 65"),
        (option(NewBrdLotQty="75", OpnIntrst="0", **PUT), "its lot is 75, and 65"),
        (option(UndrlygPric="25100.45", **PUT), "the underlying is 25100.45, and 25100.4"),
        (option(FininstrmActlXpryDt="2026-02-02", **PUT), "it expires on 2026-02-02 in truth"),
    ],
)
def test_a_chain_that_contradicts_itself_is_doubted_alone(row: Row, told: str) -> None:
    others = [option(XpryDt=day) for day in ("2026-02-10", "2026-02-17")]
    file = read_bhavcopy(NAME, bhavcopy(option(), row, *others))
    assert file.doubts.keys() == {("NIFTY", EXPIRY)}
    assert re.search(told, file.doubts["NIFTY", EXPIRY])
    assert not read_bhavcopy(NAME, bhavcopy(option(), row, *others), {"TCS"}).doubts


def test_a_file_of_other_units_is_refused() -> None:
    """If open interest were in contracts, most of it would be no whole lots."""
    rows = [option(OpnIntrst=text, TckrSymb=text) for text in ("100", "33", "65")]
    with pytest.raises(PayloadInvalid, match="2 of 3 chains contradict themselves"):
        read_bhavcopy(NAME, bhavcopy(*rows))


def test_memory_is_bounded_by_what_is_wanted() -> None:
    strikes = [f"{strike}.00" for strike in range(10_000, 45_000)]
    rows = [option(TckrSymb="OTHER", StrkPric=strike) for strike in strikes]
    content = bhavcopy(option(), *rows)
    tracemalloc.start()
    file = read_bhavcopy(NAME, content, {"NIFTY"})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(file.rows) == 1
    assert peak < 16 * 1024 * 1024


def test_published_rows_are_read_as_they_stand(sample: Callable[[str], bytes]) -> None:
    """Three options and a future of two days, each with the comma-separated cells of its line."""
    first = read_bhavcopy(bhavcopy_name(date(2026, 7, 22)), sample("2026-07-22"))
    assert [(row.symbol, row.lot_size, row.open_interest) for row in first.rows] == [
        ("ABCAPITAL", 3_100, 93_000),
        ("NIFTY", 65, 130),
    ]
    (second,) = read_bhavcopy(bhavcopy_name(date(2026, 9, 1)), sample("2026-09-01")).rows
    assert (second.open_interest / second.lot_size, second.volume) == (23_061, 35_894)
    assert (second.settlement_price, second.underlying_value) == (39.40, 24_055.80)


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    """Return the zip of the published rows of one day."""
    if not SAMPLE.is_file():
        pytest.skip(f"the published rows are not here: {SAMPLE}")
    header, *rows = SAMPLE.read_text().splitlines()[1:]

    def of_day(day: str) -> bytes:
        text = "\n".join([header, *(row for row in rows if row.startswith(day))])
        return zipped(text, bhavcopy_name(date.fromisoformat(day)))

    return of_day
