"""Which sources `make run` asks: vendors with a token themselves, all others simulated."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chain_fetch.sources import SOURCES, source_modules
from chain_fetch.token_claims import dates_of
from local.run.banner import banner
from local.run.options import Options, read_options
from local.run.vendors import FILE_SERVER, VENDORS
from local.token_file import TOKEN_FILE
from optionchain.errors import SettingInvalid
from optionchain.settings import Settings

NOW = datetime(2026, 11, 22, 10, 1, 36, tzinfo=UTC)
TOKENS = '{"upstox": {"access_token": "mine"}}'
LIVE = {"SOURCE": "upstox", "SOURCE_TOKENS": TOKENS}
URLS = {"nse": "http://127.0.0.1:1", "upstox": "http://127.0.0.1:2"}


def options(folder: Path, **env: str) -> Options:
    return read_options([], {"DATA_DIR": str(folder)} | env, NOW)


def test_every_source_can_be_simulated() -> None:
    assert {"nse", *VENDORS} == set(SOURCES)


def test_every_host_of_a_simulation_is_one_that_its_source_looks_at() -> None:
    modules = source_modules(tuple(SOURCES))
    hosts = {name: module.terms(Settings()).hosts for name, module in modules.items()}
    assert hosts.pop("nse") == (FILE_SERVER,)
    assert {name: set(each) for name, each in hosts.items()} == {
        name: set(vendor.hosts) for name, vendor in VENDORS.items()
    }


def test_a_vendor_without_a_token_is_simulated(tmp_path: Path) -> None:
    found = options(tmp_path, SOURCE="upstox")
    assert (found.label, found.settings.source) == ("SIMULATED", ("upstox",))
    assert found.sources.started == ("upstox",)
    assert found.own_exchange
    assert found.settings.mongodb_database == "option_chain_simulated"
    assert "upstox, simulated: no account" in banner(found, None)


@pytest.mark.parametrize("kept", [False, True])
def test_a_vendor_with_a_token_is_asked_itself(tmp_path: Path, *, kept: bool) -> None:
    if kept:
        (tmp_path / TOKEN_FILE).write_text(TOKENS)
    found = options(tmp_path, **({"SOURCE": "upstox"} if kept else LIVE))
    assert (found.label, found.sources.live, found.sources.started) == ("", True, ())
    assert not found.own_exchange
    # What the recorder renews is written into the file.
    assert found.env["SOURCE_TOKENS"] == (str(tmp_path / TOKEN_FILE) if kept else TOKENS)
    assert found.settings.mongodb_database == "option_chain"
    assert found.settings.market_hours == "exchange"
    text = banner(found, None)
    assert text.startswith("LIVE data of upstox, asked with your token")
    assert "mine" not in text


def test_without_a_vendor_no_token_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / TOKEN_FILE).write_text("not even JSON")
    assert options(tmp_path).label == "SIMULATED"
    assert len(banner(options(tmp_path), None).splitlines()) == 8


def test_a_token_that_is_kept_does_not_hinder_a_simulation(tmp_path: Path) -> None:
    (tmp_path / TOKEN_FILE).write_text(TOKENS)
    assert options(tmp_path, SOURCE="upstox", SOURCE_TOKENS="{}").label == "SIMULATED"


@pytest.mark.parametrize("name", list(VENDORS))
def test_a_simulated_run_asks_nobody_beyond_this_machine(tmp_path: Path, name: str) -> None:
    found = options(tmp_path, SOURCE=f"{name},nse")
    env = found.sources.environment(URLS | {name: "http://127.0.0.1:2"}, NOW)
    hosts = Settings.from_env(env).source_urls
    assert hosts[name] == "http://127.0.0.1:2"
    assert hosts["nse-files"] == "http://127.0.0.1:1"
    assert hosts.keys() == {
        *("upstox", "upstox-files", "dhan", "dhan-files", "dhan-login", "nse-files")
    }
    token = json.loads(env["SOURCE_TOKENS"])[name]["access_token"]
    ends = dates_of(token).ends_at
    assert ends
    assert ends > NOW


def test_a_server_of_this_machine_is_no_vendor(tmp_path: Path) -> None:
    urls = "upstox=http://127.0.0.1:9"
    found = options(tmp_path, **LIVE, SOURCE_URLS=urls)
    assert (found.label, found.sources.started) == ("SIMULATED", ())
    env = found.sources.environment(URLS, NOW)
    assert Settings.from_env(env).source_urls["upstox"] == "http://127.0.0.1:9"


def test_a_run_of_dhan_keeps_to_the_pace_that_it_carries(tmp_path: Path) -> None:
    found = options(tmp_path, SOURCE="dhan")
    assert (found.settings.nse_fetch_interval, found.settings.nse_expiries) == (6, 1)
    assert found.env.items() >= {"NSE_FETCH_INTERVAL": "6", "NSE_EXPIRIES": "1"}.items()
    assert "Pace    NSE_EXPIRIES=1, a tick each 6 s" in banner(found, None)


@pytest.mark.parametrize(
    ("given", "pace"),
    [
        ({}, (5, 2)),
        ({"NSE_EXPIRIES": "3"}, (6, 3)),
        ({"NSE_FETCH_INTERVAL": "2"}, (2, 1)),
        ({"NSE_FETCH_INTERVAL": "6", "NSE_EXPIRIES": "3"}, (6, 3)),
    ],
)
def test_what_is_given_of_the_pace_is_kept(
    tmp_path: Path, given: dict[str, str], pace: tuple[int, int]
) -> None:
    found = options(tmp_path, SOURCE="upstox", **given).settings
    assert (found.nse_fetch_interval, found.nse_expiries) == pace


def test_the_exchange_has_the_usual_pace(tmp_path: Path) -> None:
    found = options(tmp_path, NSE_FETCH_INTERVAL="1", NSE_EXPIRIES="50", SOURCE="nse")
    assert (found.settings.nse_fetch_interval, found.settings.nse_expiries) == (1, 50)
    assert not found.pace


@pytest.mark.parametrize(
    ("env", "reason"),
    [
        ({"SOURCE": "nobody"}, "SOURCE=.*must be names out of"),
        ({"SOURCE": "up stox"}, "SOURCE="),
        (
            LIVE | {"SOURCE": "upstox,nse"},
            "upstox is live, nse is simulated; .*nse with NSE_BASE_URL=https://www.nseindia.com",
        ),
        (LIVE | {"AT": "15:14"}, "AT=.*simulated market"),
        (LIVE | {"DAY": "yes"}, "DAY=.*simulated market"),
        (LIVE | {"SOURCE_TOKENS": "mine"}, "SOURCE_TOKENS="),
        (
            {"SOURCE": "upstox", "NSE_FETCH_INTERVAL": "1", "NSE_EXPIRIES": "2"},
            "NSE_FETCH_INTERVAL=.*what works: .* or NSE_EXPIRIES=2 and NSE_FETCH_INTERVAL=4",
        ),
        (
            {"SOURCE": "upstox", "CROSS_CHECK": "true"},
            "CROSS_CHECK='true': needs two sources, such as SOURCE=upstox,nse",
        ),
        ({"CROSS_CHECK": "true"}, "CROSS_CHECK='true': needs two sources"),
        (
            {"SOURCE_URLS": "upstoxx=http://127.0.0.1:9"},
            "SOURCE_URLS='upstoxx': must be names out of nse-files, upstox, upstox-files, dhan,",
        ),
        (
            {"SOURCE_URLS": "nse=http://127.0.0.1:9"},  # it is NSE_BASE_URL
            "SOURCE_URLS='nse': must be names out of",
        ),
        (
            {"SOURCE": "upstox", "SOURCE_TOKENS": '{"upstx": {"access_token": "mine"}}'},
            "SOURCE_TOKENS='upstx': must be by names out of nse, upstox, dhan",
        ),
        (
            {"SOURCE": "upstox", "SOURCE_TOKENS": '{"mine eyJ0": {"access_token": "a"}}'},
            r"SOURCE_TOKENS='\(hidden\)': must be by names",
        ),
        *(
            ({"SOURCE": "upstox", "SOURCE_TOKENS": text}, "SOURCE_TOKENS='upstox': has no token")
            for text in ('{"upstox": {}}', '{"upstox": {"access_token": ""}}')
        ),
        (
            {"SOURCE": "upstox", "SOURCE_SECRET_ARN": "foo"},
            r"SOURCE_SECRET_ARN='\(hidden\)': must be the whole ARN",
        ),
        ({"SOURCE": "upstox", "REPLAY": "."}, "SOURCE=.*REPLAY"),
    ],
)
def test_what_cannot_be_asked_is_said(tmp_path: Path, env: dict[str, Any], reason: str) -> None:
    with pytest.raises(SettingInvalid, match=reason) as raised:
        options(tmp_path, **env)
    assert "mine" not in str(raised.value)


def test_all_sources_may_be_live(tmp_path: Path) -> None:
    env = LIVE | {"SOURCE": "upstox,nse", "NSE_BASE_URL": "https://www.nseindia.com"}
    assert options(tmp_path, **env).sources.live
    secret = {"SOURCE": "upstox", "SOURCE_SECRET_ARN": "arn:aws:secretsmanager:a:1:secret:b"}
    assert options(tmp_path, **secret).sources.live
