"""Captured bodies served again: dates move to today, numbers stay the same."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from local.nse_simulator.captures import shift_date_text, shift_dates
from local.nse_simulator.market import Market, SimulatedMarket
from local.nse_simulator.replay import ReplayMarket
from local.nse_simulator.v3_format import parse_day

SHARED = Path(__file__).parents[3].parent / "shared" / "market-data"
SESSION = SHARED / "v3-from-legacy" / "nifty-2025-12-05"
NOW = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)
needs_captures = pytest.mark.skipif(not SESSION.is_dir(), reason=f"no captures in {SESSION}")


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two moments of the simulated market, in the form of captures."""
    market = SimulatedMarket()
    for number in range(2):
        instant = datetime(2026, 9, 1, 4, number, tzinfo=UTC)
        place = tmp_path / f"09{30 + number}00-04{number:02}00Z"
        place.mkdir()
        for expiry in market.expiries("M&M", instant)[:2]:
            body = json.dumps(market.chain("M&M", expiry, instant)).encode()
            (place / f"{expiry}.json.gz").write_bytes(gzip.compress(body))
    return tmp_path


def time_of(market: ReplayMarket) -> str:
    """Return the time of the body that is served now."""
    body = market.chain("M&M", market.expiries("M&M")[0])
    return str(body["records"]["timestamp"][-8:])


def without_texts(value: object) -> object:
    """Return a JSON value without its texts, all of which may hold a date."""
    if isinstance(value, dict):
        return {key: without_texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_texts(item) for item in value]
    return "text" if isinstance(value, str) else value


@needs_captures
def test_numbers_are_as_captured_and_dates_become_todays() -> None:
    market = ReplayMarket(SESSION, clock=lambda: NOW)
    shift = timedelta(days=market.shift_days)
    assert (len(market), date(2025, 12, 5) + shift) == (16, date(2026, 9, 16))
    for position, place in list(enumerate(sorted(SESSION.iterdir())))[::5]:
        market.position = position
        for path in place.iterdir():
            theirs = json.loads(gzip.decompress(path.read_bytes()))
            ours = market.chain("NIFTY", parse_day(path.name.removesuffix(".json.gz")) + shift)
            assert without_texts(ours) == without_texts(theirs)
            assert ours["records"]["strikePrices"] == theirs["records"]["strikePrices"]
    market.position = 0
    body = market.chain("NIFTY", date(2025, 12, 9) + shift)
    row = body["records"]["data"][40]
    assert body["records"]["timestamp"] == "16-Sep-2026 09:33:14"
    assert body["records"]["expiryDates"][:2] == ["20-Sep-2026", "27-Sep-2026"]
    assert (row["expiryDates"], row["CE"]["expiryDate"]) == ("20-Sep-2026", "20-09-2026")
    assert row["CE"]["identifier"].startswith("OPTIDXNIFTY20-09-2026CE")
    assert "2025" not in json.dumps([r["CE"]["identifier"] for r in body["records"]["data"]])


@needs_captures
def test_bodies_in_the_folder_itself_are_one_moment() -> None:
    market = ReplayMarket(SHARED / "v3", clock=lambda: NOW)
    assert len(market) == 1
    assert len(market.chain("NIFTY", market.expiries("NIFTY")[0])["records"]["data"]) == 103


@pytest.mark.parametrize(
    ("hour", "stamps"),
    [
        (12, ["09:30:00", "09:31:00"]),
        (9, ["08:59:59", "09:00:00"]),  # started before the time that was captured
    ],
)
def test_no_stamp_of_a_replay_is_of_the_future(folder: Path, hour: int, stamps: list[str]) -> None:
    """The recorder refuses such bodies. The order of the stamps stays."""
    started = NOW + timedelta(hours=hour - 12)
    market = ReplayMarket(folder, clock=lambda: started)
    found = []
    for position in range(2):
        market.position = position
        found.append(time_of(market))
    assert found == stamps
    assert set(market.stamps.values()) == {f"16-Sep-2026 {text}" for text in stamps}


def test_moments_follow_each_other_and_the_last_one_stays(folder: Path, clock: Clock) -> None:
    market = ReplayMarket(folder, clock, step_seconds=30)
    times = []
    for _ in range(4):
        times.append(time_of(market))
        clock.now += timedelta(seconds=29)
    assert times == ["09:30:00", "09:30:00", "09:31:00", "09:31:00"]


def test_the_position_is_set_and_advanced_by_hand(folder: Path, clock: Clock) -> None:
    market = ReplayMarket(folder, clock, position=0)
    expiry = market.expiries("M&M")[0]
    clock.now += timedelta(hours=1)
    first = market.chain("M&M", expiry)
    assert market.previous("M&M", expiry, clock()) == first
    assert (time_of(market), market.advance(), time_of(market)) == ("09:30:00", 1, "09:31:00")
    assert market.previous("M&M", expiry, clock()) == first
    assert market.advance(5) == 1


def test_a_replay_lists_the_captured_market(folder: Path) -> None:
    market: Market = ReplayMarket(folder, clock=lambda: NOW)
    assert market.label == "REPLAY"
    assert market.symbols() == {"M&M": "Equity"}
    assert market.strikes("M&M") == SimulatedMarket().strikes("M&M")
    assert len(market.expiries("M&M")) == 2
    unlisted = market.chain("M&M", date(2030, 1, 1), NOW)
    assert unlisted["records"]["data"] == []
    assert unlisted["records"]["timestamp"] == "16-Sep-2026 09:30:00"
    expiry = market.expiries("M&M")[0]
    market.chain("M&M", expiry, NOW)["records"]["data"].clear()
    assert market.chain("M&M", expiry, NOW)["records"]["data"], "each body is a copy"


def test_a_folder_without_a_v3_body_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text('{"marketState": []}')
    legacy = SHARED / "legacy" / "universe-2025-07-17"
    for folder in (tmp_path, *([legacy] if legacy.is_dir() else [])):
        with pytest.raises(ValueError, match="no captured v3 body in"):
            ReplayMarket(folder)


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


def test_only_dates_under_dated_keys_move() -> None:
    body = {"expiryDate": None, "underlying": "01-01-2026", "expiryDates": ["01-Jan-2026"]}
    assert shift_dates(body, 1) == body | {"expiryDates": ["02-Jan-2026"]}
