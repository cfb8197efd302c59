"""Settings: one validated value, read at the edge; a bad value names itself."""

import traceback
from dataclasses import FrozenInstanceError, asdict, fields
from datetime import date, time
from traceback import format_exception
from typing import Any

import pytest

from optionchain.errors import SettingInvalid
from optionchain.setting_values import origins_of, symbols_of
from optionchain.settings import _READERS, SecretStr, Settings
from optionchain.symbol_selection import Tier

SECRET = "tiger-17"


def refusal(env: dict[str, str]) -> SettingInvalid:
    with pytest.raises(SettingInvalid) as caught:
        Settings.from_env(env)
    return caught.value


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("mongodb_uri", None),
        ("mongodb_secret_arn", None),
        ("mongodb_database", "option_chain"),
        ("nse_symbols", ("NIFTY", "BANKNIFTY")),
        ("nse_fetch_interval", 5),
        ("nse_expiries", 2),
        ("nse_base_url", "https://www.nseindia.com"),
        ("nse_max_requests_per_second", 3),
        ("market_hours", "exchange"),
        ("market_special_sessions", {}),
        ("retention_days", 30),
        ("risk_free_rate", 5.5),
        ("cors_origins", ()),
        ("log_level", "INFO"),
        ("source", ("nse",)),
        ("source_urls", {}),
        ("source_tokens", None),
        ("source_secret_arn", None),
        ("cross_check", False),
        ("upstox_quotes", False),
    ],
)
def test_every_setting_has_the_default_that_is_documented(name: str, default: object) -> None:
    assert getattr(Settings.from_env({}), name) == default


def test_every_setting_has_a_reader() -> None:
    assert [each.name.upper() for each in fields(Settings)] == list(_READERS)
    assert len(_READERS) == 23


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("MONGODB_DATABASE", "Chains-2026_b", "Chains-2026_b"),
        ("MONGODB_DATABASE", "x" * 38, "x" * 38),
        ("ARCHIVE_URL", "archive/", "archive"),
        ("ARCHIVE_URL", "/", "/"),
        ("ARCHIVE_URL", "s3://a-bucket", "s3://a-bucket"),
        ("ARCHIVE_URL", "s3://a-bucket/of/mine/", "s3://a-bucket/of/mine"),
        ("NSE_SYMBOLS", "nifty, m&m ,BAJAJ-AUTO", ("NIFTY", "M&M", "BAJAJ-AUTO")),
        ("NSE_SYMBOLS", "NIFTY,nifty", ("NIFTY",)),
        ("NSE_SYMBOLS", "all, -idea", ("ALL", "-IDEA")),
        ("NSE_TIERS", "Indices=5, LIQUID50=15", (Tier("INDICES", 5), Tier("LIQUID50", 15))),
        ("NSE_ADDRESSES", "4", 4),
        (
            "MARKET_SPECIAL_SESSIONS",
            "2026-11-08 18:00-19:00, 2024-03-02 11:30-12:30,2024-03-02 09:15-10:00",
            {
                date(2024, 3, 2): ((time(9, 15), time(10)), (time(11, 30), time(12, 30))),
                date(2026, 11, 8): ((time(18), time(19)),),
            },
        ),
        ("NSE_FETCH_INTERVAL", "1", 1),
        ("NSE_FETCH_INTERVAL", "60", 60),
        ("NSE_FETCH_INTERVAL", " 15 ", 15),
        ("NSE_EXPIRIES", "1", 1),
        ("NSE_EXPIRIES", "50", 50),
        ("NSE_EXPIRIES", "+5.0", 5),
        ("NSE_EXPIRIES", "1_0", 10),
        ("NSE_BASE_URL", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("NSE_MAX_REQUESTS_PER_SECOND", "1", 1),
        ("NSE_MAX_REQUESTS_PER_SECOND", "20", 20),
        ("SOURCE", "Upstox, nse,upstox", ("upstox", "nse")),
        (
            "SOURCE_URLS",
            "upstox=http://127.0.0.1:1, upstox-files=https://b.example",
            {"upstox": "http://127.0.0.1:1", "upstox-files": "https://b.example"},
        ),
        ("SOURCE_TOKENS", "{}", SecretStr("{}")),
        ("SOURCE_SECRET_ARN", "arn:aws:x", "arn:aws:x"),
        ("CROSS_CHECK", "True", True),
        ("UPSTOX_QUOTES", "false", False),
        ("MARKET_HOURS", "always", "always"),
        ("RETENTION_DAYS", "1", 1),
        ("RETENTION_DAYS", "3650", 3650),
        ("RISK_FREE_RATE", "0", 0.0),
        ("RISK_FREE_RATE", "6.75", 6.75),
        ("RISK_FREE_RATE", "25", 25.0),
        ("CORS_ORIGINS", "*", ("*",)),
        ("CORS_ORIGINS", "https://desk.example", ("https://desk.example",)),
        (
            "CORS_ORIGINS",
            "https://A.example:8443, http://localhost:3000 ,http://127.0.0.1,https://a.example:8443",
            ("https://a.example:8443", "http://localhost:3000", "http://127.0.0.1"),
        ),
        ("LOG_LEVEL", "DEBUG", "DEBUG"),
    ],
)
def test_a_setting_within_its_bounds_is_taken(variable: str, text: str, value: object) -> None:
    assert getattr(Settings.from_env({variable: text}), variable.lower()) == value


# What an error says is allowed, and the texts that it refuses, separated by bars.
REFUSED = {
    ("MONGODB_DATABASE", "1 to 38 letters, digits, _ and -"): f"a.b|{'x' * 39}",
    ("NSE_SYMBOLS", "separated by commas"): "NIFTY,|NIFTY;BANKNIFTY",
    ("NSE_SYMBOLS", "-SYMBOL leaves one out"): f"-IDEA|$where|{'N' * 21}",
    ("NSE_FETCH_INTERVAL", "1 to 60 that divide 60"): "0|-5|7|61",
    ("NSE_FETCH_INTERVAL", "whole seconds"): "2.5|five",
    ("NSE_EXPIRIES", "from 1 to 50"): "0|51|1e1|٣",
    ("NSE_BASE_URL", "http(s)://host"): "www.nseindia.com|ftp://www.nseindia.com",
    ("NSE_BASE_URL", "without a path"): "https://www.nseindia.com/api|https://www.nseindia.com/",
    ("NSE_MAX_REQUESTS_PER_SECOND", "from 1 to 20"): "0|21",
    ("MARKET_SPECIAL_SESSIONS", "sessions like 2026-11-08 18:00-19:00"): (
        "2026-11-08|2026-11-08 19:00-18:00|2026-02-30 18:00-19:00"
    ),
    ("MARKET_SPECIAL_SESSIONS", "of one date apart"): (
        "2026-11-08 18:00-19:00,2026-11-08 18:59-20:00|"
        "2026-11-08 18:00-19:00,2026-11-08 18:00-19:00"
    ),
    ("MARKET_SPECIAL_SESSIONS", "within 09:01 to 20:54 (IST)"): (
        "2026-11-08 09:00-10:00|2026-11-08 18:00-20:55|2026-11-08 20:00-21:00|"
        "2026-11-08 18:00-24:00|2026-11-08 24:00-19:00|2026-11-08 06:00-07:00"
    ),
    ("MARKET_HOURS", "exchange or always"): "never",
    ("RETENTION_DAYS", "from 1 to 3650"): "0|3651",
    ("ARCHIVE_URL", "a folder, or s3://bucket"): (
        "https://s3.example/b|s3://|s3://B|s3://bucket/a=b|s3://bucket/M&M|"
        "s3:/bucket|S3://bucket|s3:bucket|file:/srv/archive"
    ),
    ("RISK_FREE_RATE", "from 0 to 25"): "-0.1|25.1|nan",
    ("RISK_FREE_RATE", "percent a year"): "5,5",
    ("CORS_ORIGINS", "origins like https://example.com"): (
        "desk.example|https://desk.example/|https://desk.example/page|http://desk.example|"
        "https://*.example|https://|https://desk.example:port"
    ),
    ("CORS_ORIGINS", "separated by commas"): (
        "https://desk.example,|https://a.example https://b.example"
    ),
    ("CORS_ORIGINS", "* or origins"): "*,https://desk.example|null",
    ("LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR"): "LOUD",
}
REFUSALS = [(*rule, text) for rule, texts in REFUSED.items() for text in texts.split("|")]


@pytest.mark.parametrize(("name", "allowed", "text"), REFUSALS)
def test_an_error_names_setting_value_and_allowed_ones(name: str, allowed: str, text: str) -> None:
    error = refusal({name: text})
    assert error.name == name
    assert str(error).startswith(f"{name}={text!r}: must be ")
    assert allowed in str(error)


PASSWORD = "s3cret"
URLS = [
    f"https://user:{PASSWORD}@nse.example",
    f"https://{PASSWORD}@nse.example",
    f"https://user:a/b{PASSWORD}@nse.example/x",
    f"https://user:a@b {PASSWORD}@nse.example",
    f"https://user:a'b{PASSWORD}@nse.example",
    f"user:{PASSWORD}@nse.example",
    f"mongodb://user:{PASSWORD}@nse.example/db",
]
# Whatever else may be put into them is refused.
NAMES = sorted({name for name, _ in REFUSED})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("url", URLS)
def test_no_error_shows_a_password_that_was_put_into_the_wrong_setting(name: str, url: str) -> None:
    error = refusal({name: url})
    assert str(error).startswith(f"{name}=(hidden)@nse.example")
    assert PASSWORD not in "".join(format_exception(error))


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.from_env({"NSE_EXPIRIES": "", "NSE_SYMBOLS": "  "}) == Settings()


def test_a_variable_that_is_no_setting_is_not_read() -> None:
    assert Settings.from_env({"PATH": "/bin", "nse_expiries": "9"}) == Settings()


def test_an_explicit_argument_needs_no_environment() -> None:
    assert Settings(nse_symbols=("RELIANCE",), retention_days=7).retention_days == 7


@pytest.mark.parametrize("value", [None, 5, {"a": 1}, ["NIFTY", 5], [], "", [""], ["A B"]])
def test_other_values_than_symbols_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="symbols are"):
        symbols_of(value)


@pytest.mark.parametrize("value", [None, 5, {"a": 1}, ["https://desk.example", 5], "", [""]])
def test_other_values_than_origins_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match="origin"):
        origins_of(value)


def test_the_uri_is_masked_wherever_settings_are_shown() -> None:
    settings = Settings.from_env({"MONGODB_URI": f"mongodb://u:{SECRET}@db.example/"})
    shown = (repr(settings), str(settings), str(asdict(settings)), f"{settings.mongodb_uri}")
    assert isinstance(settings.mongodb_uri, SecretStr)
    assert SECRET not in "".join(shown)


def test_another_setting_s_error_does_not_show_the_uri() -> None:
    error = refusal({"MONGODB_URI": f"mongodb://u:{SECRET}@db.example/", "NSE_EXPIRIES": "0"})
    assert SECRET not in "".join(traceback.format_exception(error)) + repr(error)


def test_settings_cannot_be_changed() -> None:
    settings: Any = Settings()
    with pytest.raises(FrozenInstanceError):
        settings.retention_days = 1


@pytest.mark.parametrize(
    ("interval", "tiers", "accepted"),
    [("5", "INDICES=5,STOCKS=60", True), ("10", "INDICES=5", False), ("60", "STOCKS=30", False)],
)
def test_a_tier_takes_a_multiple_of_the_grid(interval: str, tiers: str, accepted: bool) -> None:
    given = {"NSE_FETCH_INTERVAL": interval, "NSE_TIERS": tiers}
    if accepted:
        assert Settings.from_env(given).nse_tiers
        return
    with pytest.raises(
        SettingInvalid, match=f"NSE_TIERS='{tiers}': .* NSE_FETCH_INTERVAL={interval}"
    ):
        Settings.from_env(given)
