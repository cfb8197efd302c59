"""The options of `make run`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.run.options import read_options
from optionchain.errors import SettingInvalid

NOW = datetime(2026, 11, 22, 10, 1, 36, tzinfo=UTC)


def test_without_options_it_records_the_simulated_market_at_all_hours() -> None:
    options = read_options([], {}, NOW)
    assert (options.port, options.data_dir, options.replay) == (8000, Path(".local"), None)
    assert options.own_mongod
    assert options.own_exchange
    assert options.label == "SIMULATED"
    assert options.settings.market_hours == "always"
    assert options.settings.nse_symbols == ("NIFTY", "BANKNIFTY")
    assert options.settings.mongodb_database == "option_chain_simulated"


def test_the_environment_overrides_every_default() -> None:
    env = {
        "PORT": "9000",
        "DATA_DIR": "/data",
        "MONGODB_URI": "mongodb://127.0.0.1:27017/",
        "NSE_BASE_URL": "https://www.nseindia.com",
        "NSE_SYMBOLS": "nifty,M&M",
        "NSE_FETCH_INTERVAL": "10",
        "NSE_EXPIRIES": "1",
        "MARKET_HOURS": "exchange",
    }
    options = read_options([], env, NOW)
    assert (options.port, options.data_dir) == (9000, Path("/data"))
    assert not options.own_mongod
    assert not options.own_exchange
    assert options.settings.nse_symbols == ("NIFTY", "M&M")
    assert options.settings.nse_fetch_interval == 10
    assert options.settings.nse_expiries == 1
    assert options.settings.market_hours == "exchange"
    assert options.env.items() >= env.items()


def test_an_empty_variable_counts_as_not_set() -> None:
    empty = dict.fromkeys(("PORT", "DATA_DIR", "MONGODB_URI", "NSE_BASE_URL", "REPLAY"), " ")
    assert read_options([], empty, NOW) == read_options([], {}, NOW)


@pytest.mark.parametrize(
    ("env", "label", "database", "requests_a_second"),
    [
        ({"NSE_BASE_URL": "https://www.nseindia.com"}, "", "option_chain", 3),
        ({"NSE_BASE_URL": "http://127.0.0.1:8090"}, "SIMULATED", "option_chain_simulated", 3),
        ({"MONGODB_DATABASE": "mine"}, "SIMULATED", "mine_simulated", 20),
    ],
    ids=["the exchange", "a server on this machine", "a named database"],
)
def test_simulated_data_are_labelled_and_have_a_database_of_their_own(
    env: dict[str, str], label: str, database: str, requests_a_second: int
) -> None:
    options = read_options([], env, NOW)
    assert (options.label, options.settings.mongodb_database) == (label, database)
    assert options.settings.nse_max_requests_per_second == requests_a_second


@pytest.mark.parametrize(
    ("env", "archive"),
    [
        ({"DATA_DIR": "/data"}, "/data/archive/option_chain_simulated"),
        ({"ARCHIVE_URL": "s3://bucket/mine/"}, "s3://bucket/mine/option_chain_simulated"),
        (
            {"ARCHIVE_URL": "s3://bucket", "NSE_BASE_URL": "https://www.nseindia.com"},
            "s3://bucket",
        ),
        ({"MONGODB_URI": "mongodb://127.0.0.1:27017/"}, None),
        (
            {"MONGODB_URI": "mongodb://127.0.0.1:27017/", "ARCHIVE_URL": "/a"},
            "/a/option_chain_simulated",
        ),
    ],
)
def test_simulated_days_never_lie_in_the_archive_of_real_ones(
    env: dict[str, str], archive: str | None
) -> None:
    assert read_options([], env, NOW).settings.archive_url == archive


@pytest.mark.parametrize("by_variable", [True, False])
def test_each_replay_has_a_database_of_its_own(tmp_path: Path, *, by_variable: bool) -> None:
    _capture(tmp_path)
    folder = str(tmp_path)
    given = ([], {"REPLAY": folder}) if by_variable else (["--replay", folder], {})
    options = read_options(*given, NOW)
    assert options.label == "REPLAY"
    assert options.settings.mongodb_database == "option_chain_replay_1122_100136"
    assert options.settings.nse_symbols == ("NIFTY",), "the captured symbols"
    other = read_options([], {"REPLAY": folder, "NSE_SYMBOLS": "IDEA"}, NOW)
    assert other.settings.nse_symbols == ("IDEA",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "abc"),
        ("PORT", "-1"),
        ("NSE_FETCH_INTERVAL", "7"),
        ("NSE_EXPIRIES", "0"),
        ("NSE_SYMBOLS", "NIFTY;BANKNIFTY"),
        ("MARKET_HOURS", "sometimes"),
        ("NSE_BASE_URL", "www.nseindia.com"),
        ("MONGODB_URI", "localhost:27017"),
        ("MONGODB_DATABASE", "a" * 30),
        ("REPLAY", "/no/such/folder"),
    ],
)
def test_a_bad_value_names_its_setting(name: str, value: str) -> None:
    with pytest.raises(SettingInvalid) as error:
        read_options([], {name: value}, NOW)
    assert str(error.value).startswith(f"{name}=")


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        ({}, "must hold captured v3 bodies"),
        ({"NSE_BASE_URL": "https://example.org"}, "NSE_BASE_URL"),
    ],
)
def test_a_replay_needs_captures_alone(tmp_path: Path, env: dict[str, str], reason: str) -> None:
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SettingInvalid, match=reason):
        read_options(["--replay", str(tmp_path)], env, NOW)


def _capture(folder: Path) -> None:
    leg = '{"underlying": "NIFTY", "identifier": "OPTIDXNIFTY05-12-2025CE26000.00"}'
    row = f'{{"expiryDates": "05-12-2025", "strikePrice": 26000, "CE": {leg}}}'
    (folder / "body.json").write_text(f'{{"records": {{"data": [{row}]}}}}', encoding="utf-8")
