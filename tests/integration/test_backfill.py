"""Past days come from the exchange's files: each once, none of a bad file, and readers see them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chain_fetch.nse.bhavcopy_server import BhavcopyServer
from chain_fetch.nse.bhavcopy_zip import bhavcopy_name
from local.backfill.backfill import Backfill
from local.backfill.bhavcopy_files import BhavcopyFiles, FetchedFiles, FolderFiles
from optionchain.errors import SettingInvalid
from optionchain.mongo.contract_register import ContractRegister
from optionchain.mongo.indexes import SYMBOL_DAYS, TICKS, Indexes
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.stored_snapshot import snapshot_of
from optionchain.settings import Settings
from tests.support.api import client
from tests.support.bhavcopies import COLUMNS
from tests.support.bhavcopy_days import Archive, MadeRow, archive, chain_rows, file_of, write
from tests.support.mongomock_database import AnyDatabase

# A Tuesday to a Thursday, and the expiry of the Tuesday of the week after.
DAYS = [date(2026, 9, 15), date(2026, 9, 16), date(2026, 9, 17)]
EXPIRY = date(2026, 9, 22)
NAME = "22-Sep-2026"
NOW = datetime(2026, 9, 18, 3, 0, tzinfo=UTC)  # the next morning in India, before the opening
WITHOUT_SETTLEMENT = [name for name in COLUMNS if name != "SttlmPric"]
SETTINGS = Settings(nse_symbols=("NIFTY",), retention_days=3_650)


class Scene:
    """A database, a folder of files, and the lines that a person sees."""

    def __init__(self, database: AnyDatabase, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.settings = SETTINGS
        self.lines: list[str] = []
        self.api = client(database, NOW, SETTINGS)

    def run(
        self, first: date = DAYS[0], last: date = DAYS[-1], files: BhavcopyFiles | None = None
    ) -> int:
        return Backfill(
            database=self.database,
            files=files or FolderFiles(self.folder),
            settings=self.settings,
            now=lambda: NOW,
            print_line=self.lines.append,
        ).run(first, last)

    def get(self, route: str, **query: str | int) -> dict[str, Any]:
        answer = self.api.get(f"/option-chain/NIFTY{route}", params=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def headers(self) -> list[dict[str, object]]:
        return list(self.database["snapshots"].find({}, sort=[("fetched_at", 1)]))

    def contracts(self) -> int:
        return int(self.database["option_chain"].count_documents({}))


@pytest.fixture
def here(database: AnyDatabase, tmp_path: Path) -> Scene:
    for number, day in enumerate(DAYS):
        other = MadeRow(24_000, "CE", EXPIRY, symbol="IDEA", kind="STO")
        rows = [*chain_rows(EXPIRY), other]
        moved = [replace(row, interest=1_000 + 10 * number) for row in rows]
        write(tmp_path, day, file_of(day, moved))
    return Scene(database, tmp_path)


@pytest.fixture
def served() -> Iterator[Archive]:
    with archive() as it:
        yield it


def test_each_day_is_stored_once_however_often_it_runs(here: Scene) -> None:
    assert [here.run() for _ in range(3)] == [0, 0, 0]
    assert len(here.headers()) == 3
    assert here.contracts() == 18
    assert here.lines[-1].startswith(
        "3 trading days: 0 chains stored with 0 contracts, 3 were there before, in "
    )


def test_a_header_says_where_its_chain_comes_from(here: Scene) -> None:
    here.run()
    header = here.headers()[0]
    wanted = {
        "source": "bhavcopy",
        "derived": ["pchange_in_oi", "change", "pchange"],
        "settled": True,
        "exchange_timestamp": None,
        "lot_size": 65,
        "lot_size_reason": None,
        "underlying_value": 24_000.0,
        "call_open_interest": 3_000.0,
        "put_volume": 2_100.0,
        "frozen_since": None,
    }
    assert {name: header[name] for name in wanted} == wanted
    assert header["fetched_at"] == datetime(2026, 9, 15, 16, 30, tzinfo=UTC)  # 22:00 in India


def test_the_lots_of_each_day_are_kept_once(here: Scene) -> None:
    for _ in range(2):
        here.run()
    lists = ContractRegister(here.database).between(DAYS[0], DAYS[-1])["NIFTY"]
    assert [(each.source, each.day) for each in lists] == [("bhavcopy", day) for day in DAYS]
    assert {each.terms[EXPIRY].lot_size for each in lists} == {65}


def test_numbers_are_those_of_the_file(here: Scene) -> None:
    here.run()
    found = here.database["option_chain"].find_one({"identifier": f"NIFTY_PE_24100_{NAME}"})
    assert found is not None
    wanted = {
        "open_interest": 1_000.0,
        "change_in_oi": 50.0,
        "last_price": 220.0,
        "change": 10.0,
        "total_traded_volume": 700.0,
        "settlement_price": 101.5,
        "bid_price": None,
        "ask_qty": 0,
        "implied_volatility": None,
        "source": "bhavcopy",
    }
    assert {name: found[name] for name in wanted} == wanted
    assert found["pchange_in_oi"] == pytest.approx(100 * 50 / 950)
    assert found["pchange"] == pytest.approx(100 * 10 / 210)


def test_each_day_is_a_day_of_its_symbol(here: Scene) -> None:
    """So a volatility has a rank as soon as days are there to compare it with."""
    for _ in range(2):
        here.run()
    days = list(here.database[SYMBOL_DAYS].find({}, sort=[("day", 1)]))
    assert [day["day"].date() for day in days] == DAYS
    assert [day["expiries"][0]["call_open_interest"] for day in days] == [3_000, 3_030, 3_060]


def test_what_nobody_traded_has_no_change(here: Scene) -> None:
    row = MadeRow(24_000, "CE", EXPIRY, volume=0)
    write(here.folder, DAYS[0], file_of(DAYS[0], [row]))
    here.run(last=DAYS[0])
    found = here.database["option_chain"].find_one({})
    assert found is not None
    assert [found[name] for name in ("last_price", "change", "pchange")] == [100.0, None, None]


def test_an_expiring_series_has_no_settlement_price_of_its_own(here: Scene) -> None:
    write(here.folder, DAYS[1], file_of(DAYS[1], [MadeRow(24_000, "CE", DAYS[1])]))
    here.run(DAYS[1], DAYS[1])
    found = here.database["option_chain"].find_one({})
    assert found is not None
    assert found.get("settlement_price") is None
    header = here.headers()[0]
    assert isinstance(header["analytics"], dict)
    assert header["analytics"]["atm_iv"] is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (file_of(DAYS[1], chain_rows(EXPIRY))[:-30], "cut off"),
        (file_of(DAYS[0], chain_rows(EXPIRY)), "20260915"),
        (
            file_of(
                DAYS[1],
                chain_rows(EXPIRY),
                [column.replace("SttlmPric", "X") for column in COLUMNS],
            ),
            "SttlmPric",
        ),
        (b"<html>Access Denied</html>", "not a zip"),
        (file_of(DAYS[1], [MadeRow(24_000, "CE", EXPIRY, remainder=1)]), "no whole lots of 65"),
    ],
    ids=["cut", "renamed", "a column is missing", "a web page", "no whole number of lots"],
)
def test_of_a_bad_file_nothing_is_stored_and_the_other_days_are(
    here: Scene, content: bytes, told: str
) -> None:
    write(here.folder, DAYS[1], content)
    assert here.run() == 1
    assert [str(header["fetched_at"])[:10] for header in here.headers()] == [
        "2026-09-15",
        "2026-09-17",
    ]
    assert here.lines[-1].startswith("Nothing stored of 2026-09-16: ")
    assert told in here.lines[-1]


def test_a_run_that_was_cut_off_is_completed(here: Scene) -> None:
    here.run(last=DAYS[0])
    # The contracts are written first, and the header commits them.
    here.database["snapshots"].delete_many({})
    here.database["option_chain"].delete_one({"identifier": f"NIFTY_CE_24000_{NAME}"})
    here.run()
    assert len(here.headers()) == 3
    assert here.contracts() == 18


def test_a_chain_that_the_recorder_settled_stays_alone(here: Scene) -> None:
    here.run(last=DAYS[0])
    header = SnapshotWriter(here.database).latest_header("NIFTY", EXPIRY)
    assert header is not None
    writer = SnapshotWriter(here.database)
    recorded = snapshot_of(header, writer.contracts(header))
    here.database["snapshots"].delete_many({})
    here.database["option_chain"].delete_many({})
    evening = replace(recorded, source="nse", fetched_at=recorded.fetched_at - timedelta(hours=1))
    writer.commit(Commit(evening, settled=True))
    here.run(last=DAYS[0])
    assert [header["source"] for header in here.headers()] == ["nse"]


def test_days_that_the_database_would_delete_are_refused(here: Scene) -> None:
    Indexes(here.database, 30).ensure()
    here.settings = replace(SETTINGS, retention_days=30)
    with pytest.raises(SettingInvalid, match="RETENTION_DAYS=260 or more"):
        here.run(date(2026, 1, 1))
    with pytest.raises(SettingInvalid, match="must not be after"):
        here.run(DAYS[1], DAYS[0])
    assert here.headers() == []


@pytest.mark.parametrize("retention_days", [30, 3_650])
def test_what_the_database_keeps_longer_is_not_let_go(here: Scene, retention_days: int) -> None:
    """Its recorder waits until an old day is sealed, and does not know of this run."""
    Indexes(here.database, 3_658).ensure()
    here.settings = replace(SETTINGS, retention_days=retention_days)
    assert here.run() == 0
    found = here.database[TICKS].index_information().values()
    assert {row.get("expireAfterSeconds", 0) for row in found} == {0, 3_658 * 86_400}
    Indexes(here.database, SETTINGS.retention_days).ensure()


def test_a_day_that_has_not_ended_is_not_stored(here: Scene) -> None:
    today = date(2026, 9, 18)
    write(here.folder, today, file_of(today, chain_rows(EXPIRY)))
    assert here.run(DAYS[2], today) == 0
    assert len(here.headers()) == 1


def test_a_trading_day_without_a_file_is_named(here: Scene) -> None:
    (here.folder / bhavcopy_name(DAYS[1])).unlink()
    assert here.run() == 1
    assert here.lines[-1].startswith("No file of 1 trading days: 2026-09-16.")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("fo16SEP2026bhav.csv.zip", "the old format"),
        ("BhavCopy_NSE_FO_0_0_0_20260916_F_0000 (1).csv.zip", "not the name of a bhavcopy"),
    ],
)
def test_a_file_under_another_name_says_what_is_wrong(here: Scene, name: str, told: str) -> None:
    (here.folder / bhavcopy_name(DAYS[1])).rename(here.folder / name)
    assert here.run() == 1
    assert told in here.lines[-1]
    assert len(here.headers()) == 2


def test_a_folder_that_is_not_there_is_named(here: Scene, tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match=r"FILES=.*nowhere.*: cannot be read"):
        here.run(files=FolderFiles(tmp_path / "nowhere"))


def test_a_symbol_without_options_is_named(here: Scene) -> None:
    here.settings = replace(SETTINGS, nse_symbols=("NIFTY", "NOSUCH"))
    assert here.run() == 1
    assert here.lines[-1] == ("Nothing stored of NOSUCH: no file that was read has options on it")


@pytest.mark.parametrize(
    ("words", "symbols"),
    [(("ALL",), {"NIFTY", "IDEA"}), (("STOCKS",), {"IDEA"}), (("ALL", "-IDEA"), {"NIFTY"})],
)
def test_all_symbols_are_those_of_the_file_of_each_day(
    here: Scene, words: tuple[str, ...], symbols: set[str]
) -> None:
    here.settings = replace(SETTINGS, nse_symbols=words)
    assert here.run() == 0
    assert {header["symbol"] for header in here.headers()} == symbols
    kept = ContractRegister(here.database).between(DAYS[0], DAYS[-1])
    assert kept.keys() == symbols


def test_files_are_fetched_once_and_kept(here: Scene, served: Archive, tmp_path: Path) -> None:
    for day in DAYS:
        served.answers[bhavcopy_name(day)] = 200, (here.folder / bhavcopy_name(day)).read_bytes()
    pauses: list[float] = []
    for _ in range(2):
        files = FetchedFiles(tmp_path / "kept", BhavcopyServer(served.url), pauses.append)
        assert here.run(files=files) == 0
    assert served.asked == [bhavcopy_name(day) for day in DAYS]
    assert pauses == [2.0, 2.0]
    assert len(here.headers()) == 3


def test_an_archive_that_refuses_is_not_asked_again(
    here: Scene, served: Archive, tmp_path: Path
) -> None:
    served.answers[bhavcopy_name(DAYS[0])] = 403, b"<html>Access Denied</html>"
    assert (
        here.run(files=FetchedFiles(tmp_path / "kept", BhavcopyServer(served.url), lambda _: None))
        == 1
    )
    assert served.asked == [bhavcopy_name(DAYS[0])]
    assert "FILES=folder" in here.lines[-1]
    assert here.headers() == []


def test_a_file_that_arrives_cut_off_is_not_kept(
    here: Scene, served: Archive, tmp_path: Path
) -> None:
    served.answers[bhavcopy_name(DAYS[0])] = 200, b"cut"
    assert (
        here.run(files=FetchedFiles(tmp_path / "kept", BhavcopyServer(served.url), lambda _: None))
        == 1
    )
    assert "did not give the file (truncated" in here.lines[-1]
    assert not list((tmp_path / "kept").glob("*"))


def test_history_and_analytics_begin_on_the_first_day(here: Scene) -> None:
    here.run()
    chain = here.get("", as_of="2026-09-15")
    assert (chain["settled"], chain["total_calls"]) == (True, 3)
    assert here.get("")["timestamp"] == "2026-09-17T16:30:00Z"
    analytics = here.get("/analytics", as_of="2026-09-16")
    assert analytics["model"]["forward"] == pytest.approx(24_000, rel=1e-3)
    assert analytics["atm_iv"] > 0
    # From the close of the day, 15:40 in India, to 15:35 on the day of the expiry.
    days = analytics["model"]["days_to_expiry"]
    assert days == pytest.approx(6 - 5 / 1440, abs=1e-6)
    days_of = {"from": "2026-09-15", "to": "2026-09-18"}
    candles = here.get("/history", strike=24_000, option_type="CE", interval="1d", **days_of)
    assert [row["open_interest"] for row in candles["records"]] == [1_000, 1_010, 1_020]
    assert len(here.get("/analytics/history", **days_of)["records"]) == 3
    moments = {"from": "2026-09-15T17:00:00Z", "to": "2026-09-17T17:00:00Z"}
    changes = here.get("/changes", **moments)
    assert {row["open_interest_change"] for row in changes["records"]} == {20.0}


def test_a_day_of_files_was_not_watched(here: Scene) -> None:
    """Nobody looked at its ticks, so none is recorded and none has failed."""
    here.run()
    gaps = here.get("/gaps", date="2026-09-16")
    assert gaps["ticks"]["failed"] == gaps["ticks"]["stored"] == 0
    assert gaps["recorded_since"] is None
    assert gaps["backfilled"] is True
    assert (gaps["expected_ticks"], gaps["gaps"]) == (0, [])
    assert here.get("/gaps", date="2026-09-14")["backfilled"] is False
    assert here.api.get("/health").json()["reasons"] == []
