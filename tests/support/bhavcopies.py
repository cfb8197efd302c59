"""Made bhavcopies: the rows of invented contracts, and zips that are whole or broken."""

from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chain_fetch.nse.bhavcopy_zip import bhavcopy_name

DAY = date(2026, 1, 30)
NAME = bhavcopy_name(DAY)
_TEXT = (
    "TradDt,BizDt,Sgmt,Src,FinInstrmTp,FinInstrmId,ISIN,TckrSymb,SctySrs,XpryDt,"
    "FininstrmActlXpryDt,StrkPric,OptnTp,FinInstrmNm,OpnPric,HghPric,LwPric,ClsPric,LastPric,"
    "PrvsClsgPric,UndrlygPric,SttlmPric,OpnIntrst,ChngInOpnIntrst,TtlTradgVol,TtlTrfVal,"
    "TtlNbOfTxsExctd,SsnId,NewBrdLotQty,Rmks,Rsvd1,Rsvd2,Rsvd3,Rsvd4"
)
COLUMNS = _TEXT.split(",")

type Row = Mapping[str, str]


def option(**changes: str) -> Row:
    """Return the cells of an invented option on NIFTY, with some of them changed."""
    cells = {
        "TradDt": DAY.isoformat(),
        "FinInstrmTp": "IDO",
        "TckrSymb": "NIFTY",
        "XpryDt": "2026-02-03",
        "StrkPric": "25000.00",
        "OptnTp": "CE",
        "OpnPric": "100.00",
        "HghPric": "120.50",
        "LwPric": "90.00",
        "ClsPric": "110.25",
        "LastPric": "110.00",
        "PrvsClsgPric": "98.00",
        "UndrlygPric": "25100.40",
        "SttlmPric": "110.25",
        "OpnIntrst": "6500",
        "ChngInOpnIntrst": "-130",
        "TtlTradgVol": "40",
        "NewBrdLotQty": "65",
        **changes,
    }
    return {"FininstrmActlXpryDt": cells["XpryDt"], **cells}


def future(**changes: str) -> Row:
    """Return the cells of an invented future, which has neither strike nor side."""
    return option(FinInstrmTp="IDF", StrkPric="", OptnTp="", **changes)


def csv_of(rows: Sequence[Row], columns: Sequence[str] = COLUMNS) -> str:
    """Return a CSV with these columns."""
    lines = [",".join(row.get(column, "") for column in columns) for row in rows]
    return "\n".join([",".join(columns), *lines, ""])


def zipped(text: str | bytes, name: str = NAME, *, member: str | None = None) -> bytes:
    """Return a zip of the exchange's kind; `member` is what its CSV is called."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        # Of a fixed time: the same bytes in each process that collects the tests.
        info = ZipInfo(member or name.removesuffix(".zip"), (2026, 1, 30, 18, 0, 0))
        archive.writestr(info, text, ZIP_DEFLATED)
    return content.getvalue()


def bhavcopy(*rows: Row, name: str = NAME) -> bytes:
    """Return the zip of these rows."""
    return zipped(csv_of(rows), name)
