"""Captured bodies served again: dates move to today, numbers stay what they were."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from local.nse_simulator.captures import shift_date_text, shift_dates
from local.nse_simulator.market import Market, SimulatedMarket
from local.nse_simulator.replay import ReplayMarket
from local.nse_simulator.v3_format import JsonObject, parse_day

SHARED = Path(__file__).parents[3].parent / "shared" / "market-data"
SESSION = SHARED / "v3-from-legacy" / "nifty-2025-12-05"
NOW = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)
needs_captures = pytest.mark.skipif(not SESSION.is_dir(), reason=f"no captures in {SESSION}")


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.instant = NOW

    def __call__(self) -> datetime:
        return self.instant

    def advance(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two moments of the simulated market, in the shape of captures."""
    market = SimulatedMarket()
    start = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
    for number in range(2):
        instant = start + timedelta(minutes=number)
        place = tmp_path / f"09{30 + number}00-04{number:02}00Z"
        place.mkdir()
        for expiry in market.expiries("M&M", instant)[:2]:
            body = json.dumps(market.chain("M&M", expiry, instant)).encode()
            (place / f"{expiry}.json.gz").write_bytes(gzip.compress(body))
    return tmp_path


def undated(value: object) -> object:
    """A JSON value without its texts, all of which may hold a date."""
    if isinstance(value, dict):
        return {key: undated(item) for key, item in value.items()}
    if isinstance(value, list):
        return [undated(item) for item in value]
    return "text" if isinstance(value, str) else value


def read(path: Path) -> JsonObject:
    body: JsonObject = json.loads(gzip.decompress(path.read_bytes()))
    return body


@needs_captures
def test_numbers_of_a_session_are_exactly_as_captured() -> None:
    market = ReplayMarket(SESSION, clock=lambda: NOW)
    assert len(market) == 16
    for position, place in enumerate(sorted(SESSION.iterdir())):
        market.position = position
        for path in place.iterdir():
            expiry = parse_day(path.name.removesuffix(".json.gz"))
            theirs = read(path)
            ours = market.chain("NIFTY", expiry + timedelta(days=market.shift_days))
            assert undated(ours) == undated(theirs)
            assert ours["records"]["strikePrices"] == theirs["records"]["strikePrices"]


@needs_captures
def test_captured_day_becomes_today_and_all_dates_go_along() -> None:
    market = ReplayMarket(SESSION, clock=lambda: NOW)
    expiry = date(2025, 12, 9) + timedelta(days=market.shift_days)
    body = market.chain("NIFTY", expiry)
    row = body["records"]["data"][40]
    assert date(2025, 12, 5) + timedelta(days=market.shift_days) == date(2026, 9, 16)
    assert body["records"]["timestamp"] == "16-Sep-2026 09:33:14"
    assert body["records"]["expiryDates"][:2] == ["20-Sep-2026", "27-Sep-2026"]
    assert row["expiryDates"] == "20-Sep-2026"
    assert row["CE"]["expiryDate"] == "20-09-2026"
    assert row["CE"]["identifier"].startswith("OPTIDXNIFTY20-09-2026CE")
    assert "2025" not in json.dumps([r["CE"]["identifier"] for r in body["records"]["data"]])


@needs_captures
def test_a_body_that_lies_in_the_folder_itself_is_one_moment() -> None:
    market = ReplayMarket(SHARED / "v3", clock=lambda: NOW)
    assert len(market) == 1
    expiry = market.expiries("NIFTY")[0]
    assert len(market.chain("NIFTY", expiry)["records"]["data"]) == 103


@needs_captures
def test_legacy_bodies_are_not_v3_bodies() -> None:
    with pytest.raises(ValueError, match="no captured v3 body"):
        ReplayMarket(SHARED / "legacy" / "universe-2025-07-17")


def test_moments_follow_each_other_and_the_last_one_stays(folder: Path) -> None:
    clock = Clock()
    market = ReplayMarket(folder, clock, step_seconds=30)
    expiry = market.expiries("M&M")[0]
    stamps = []
    for _ in range(4):
        stamps.append(market.chain("M&M", expiry)["records"]["timestamp"][-8:])
        clock.advance(29)
    assert stamps == ["09:30:00", "09:30:00", "09:31:00", "09:31:00"]


def test_position_is_set_and_advanced_by_hand(folder: Path) -> None:
    clock = Clock()
    market = ReplayMarket(folder, clock, position=0)
    expiry = market.expiries("M&M")[0]
    clock.advance(3600)
    first = market.chain("M&M", expiry)
    assert first["records"]["timestamp"].endswith("09:30:00")
    assert market.advance() == 1
    assert market.chain("M&M", expiry)["records"]["timestamp"].endswith("09:31:00")
    assert market.previous("M&M", expiry, clock()) == first
    assert market.advance(5) == 1


def test_first_moment_has_only_itself_before_it(folder: Path) -> None:
    market = ReplayMarket(folder, clock=lambda: NOW)
    expiry = market.expiries("M&M")[0]
    assert market.previous("M&M", expiry, NOW) == market.chain("M&M", expiry)


def test_replay_says_what_was_captured(folder: Path) -> None:
    market: Market = ReplayMarket(folder, clock=lambda: NOW)
    assert market.label == "REPLAY"
    assert market.symbols() == {"M&M": "Equity"}
    assert market.strikes("M&M") == SimulatedMarket().strikes("M&M")
    assert len(market.expiries("M&M")) == 2


def test_unlisted_expiry_answers_without_rows(folder: Path) -> None:
    body = ReplayMarket(folder, clock=lambda: NOW).chain("M&M", date(2030, 1, 1))
    assert body["records"]["data"] == []
    assert body["records"]["timestamp"] == "16-Sep-2026 09:30:00"


def test_a_body_is_the_callers_own(folder: Path) -> None:
    market = ReplayMarket(folder, clock=lambda: NOW)
    expiry = market.expiries("M&M")[0]
    market.chain("M&M", expiry)["records"]["data"].clear()
    assert market.chain("M&M", expiry)["records"]["data"]


def test_folder_without_a_body_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"marketState": []}')
    with pytest.raises(ValueError, match="no captured v3 body in"):
        ReplayMarket(tmp_path)


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("31-Dec-2025 10:03:45", "02-Jan-2026 10:03:45"),
        ("31-12-2025", "02-01-2026"),
        ("OPTSTKBAJAJ-AUTO28-02-2026PE9000.00", "OPTSTKBAJAJ-AUTO02-03-2026PE9000.00"),
        ("OPTIDXNIFTYNXT5028-02-2026CE70000.00", "OPTIDXNIFTYNXT5002-03-2026CE70000.00"),
        ("M&M", "M&M"),
    ],
)
def test_dates_move_in_every_spelling(text: str, later: str) -> None:
    assert shift_date_text(text, 2) == later


def test_only_dated_keys_move() -> None:
    body = {"expiryDate": None, "underlying": "01-01-2026", "expiryDates": ["01-Jan-2026"]}
    assert shift_dates(body, 1) == body | {"expiryDates": ["02-Jan-2026"]}
