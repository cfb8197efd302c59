"""Bhavcopy files of several days of a made chain, and an archive that serves them."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from chain_fetch.nse.bhavcopy_zip import bhavcopy_name
from tests.support.bhavcopies import COLUMNS, Row, csv_of, option, zipped
from tests.support.patience import PATIENCE_SECONDS

LOT = 65


@dataclass(frozen=True)
class MadeRow:
    """One row; open interest and its change are in contracts here, and in units in the file."""

    strike: float
    side: str
    expiry: date
    last: float = 100.0
    before: float = 90.0
    settlement: float = 101.5
    interest: int = 1_000
    change: int = 50
    volume: int = 700
    underlying: float = 24_000.0
    lot: int = LOT
    symbol: str = "NIFTY"
    kind: str = "IDO"
    remainder: int = 0

    def cells(self, day: date) -> Row:
        """Return the cells of the file by their column."""
        last = dict.fromkeys(("OpnPric", "HghPric", "LwPric", "ClsPric", "LastPric"), self.last)
        prices = last | {
            "PrvsClsgPric": self.before,
            "UndrlygPric": self.underlying,
            "SttlmPric": self.settlement,
            "StrkPric": self.strike,
        }
        return option(
            TradDt=f"{day}",
            FinInstrmTp=self.kind,
            TckrSymb=self.symbol,
            XpryDt=f"{self.expiry}",
            OptnTp=self.side,
            OpnIntrst=f"{self.interest * self.lot + self.remainder}",
            ChngInOpnIntrst=f"{self.change * self.lot}",
            TtlTradgVol=f"{self.volume}",
            NewBrdLotQty=f"{self.lot}",
            **{name: f"{price:.2f}" for name, price in prices.items()},
        )


def chain_rows(
    expiry: date, strikes: Sequence[float] = (23_900.0, 24_000.0, 24_100.0)
) -> list[MadeRow]:
    """Return a chain around 24,000 whose prices obey put-call parity without carry."""
    rows = []
    for strike in strikes:
        for side, sign in (("CE", 1), ("PE", -1)):
            value = max(sign * (24_000 - strike), 0) + 120.0
            rows.append(MadeRow(strike, side, expiry, last=value, before=value - 10))
    return rows


def file_of(day: date, rows: Sequence[MadeRow], columns: Sequence[str] = COLUMNS) -> bytes:
    """Return the bytes of the zip of a day."""
    return zipped(csv_of([row.cells(day) for row in rows], columns), bhavcopy_name(day))


def write(folder: Path, day: date, content: bytes, name: str | None = None) -> Path:
    """Write a file into a folder under the exchange's name, or another one."""
    path = folder / (name or bhavcopy_name(day))
    path.write_bytes(content)
    return path


@dataclass
class Archive:
    """An archive over HTTP: `answers` are status and body by file name; a missing one is a 404."""

    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""


@contextmanager
def archive() -> Iterator[Archive]:
    """Serve files on a free port of this machine."""
    served = Archive()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            served.asked.append(name)
            status, body = served.answers.get(name, (404, b"<html>not found</html>"))
            self.send_response(status)
            # A cut body is shorter than it says.
            self.send_header(
                "Content-Length",
                str(len(body) + (10 if status == 200 and body[:2] != b"PK" else 0)),
            )
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join(PATIENCE_SECONDS)
