"""The facts of template.yaml's own text that must not change: parts, includes, parameters."""

import re

import pytest
import yaml

from chain_fetch.handler import _CLOSING_SECONDS
from chain_fetch.recording.ticks.shift_hours import LONGEST_SHIFT
from optionchain.errors import SettingInvalid
from optionchain.mongo.client import OPERATION_TIMEOUT_MS
from optionchain.settings import Settings
from tests.conftest import ROOT
from tests.infrastructure.files import text_of
from tests.infrastructure.stack import Template, allows

TEXT = text_of("template.yaml")
INCLUDED = re.findall(r"AWS::Include, Parameters: {Location: ([^}\s]+)}", TEXT)
SYMBOLS = ["NIFTY", "NIFTY,BANKNIFTY", "M&M,BAJAJ-AUTO", "360ONE", "ALL", "ALL,-IDEA"]
SYMBOLS += ["INDICES,RELIANCE", ",".join(f"STOCK{number}" for number in range(250))]
NO_SYMBOLS = ["nifty", "NIFTY,", "NIFTY, BANKNIFTY", "NIFTY;X", "A" * 21, "-", "ALL,--IDEA"]
TIERS = ["", "INDICES=5", "INDICES=5,LIQUID50=15,STOCKS=60", "M&M=10,BAJAJ-AUTO=30"]
NO_TIERS = ["INDICES", "INDICES=7", "INDICES=05", "INDICES=5,", "indices=5", "INDICES=5;STOCKS=60"]
A, B = "https://a.example", "https://b.example"
ORIGINS = ["", "*", A, f"{A},http://localhost:3000", f"{A}, http://127.0.0.1:8080"]
NO_ORIGINS = [f"*,{A}", f"{A}/", "http://a.example", "null", f"{A},", f",{A}", f", {A}"]
NO_ORIGINS += [f"{A}{B}", f"{A}  ,{B};"]
ADDRESSES = ["", "desk@example.com", "on-call+nse@mail.example.co.in"]
SECRET = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:atlas-AbCd12"
KEY = "arn:aws:kms:ap-south-1:123456789012:key/00000000-0000-4000-8000-000000000001"
NO_ADDRESSES = [
    "desk@example",
    "a@example.com,b@example.com",
    "desk example.com",
    "http://e.com/@x",
]


@pytest.fixture
def parameters(translated: Template) -> Template:
    found: Template = translated["Parameters"]
    return found


def test_every_ignored_rule_of_cfn_lint_has_its_reason() -> None:
    ignored = re.findall(r"((?: *# .*\n)+) *ignore_checks: \[([\w, ]+)\]\n", TEXT)
    assert len(ignored) == TEXT.count("ignore_checks") > 0
    assert all(rule in reasons for reasons, rules in ignored for rule in rules.split(", "))


def test_every_included_file_exists() -> None:
    """`sam validate` and `sam build` do not look for the files."""
    assert sorted(INCLUDED) == ["dashboard.yaml", "functions/api/gateway_responses.yaml"]
    assert TEXT.count("AWS::Include") == len(INCLUDED)
    assert [name for name in INCLUDED if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("name", INCLUDED)
def test_included_files_have_nothing_that_only_sam_understands(name: str) -> None:
    """SAM uploads them as they are, and CloudFormation knows no anchors and no `!Sub` in them."""
    refused = (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken)
    assert not [each for each in yaml.scan(text_of(name)) if isinstance(each, refused)]


def test_every_parameter_is_described_and_used(parameters: Template) -> None:
    for name, parameter in parameters.items():
        assert parameter["Description"], name
        assert re.search(rf"!Ref {name}\b|\${{{name}}}", TEXT), name


def test_interval_is_a_divisor_of_a_minute(parameters: Template) -> None:
    divisors = [seconds for seconds in range(1, 61) if 60 % seconds == 0]
    assert parameters["FetchInterval"]["AllowedValues"] == divisors


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("Symbols", SYMBOLS, ["", *NO_SYMBOLS]),
        ("Tiers", TIERS, NO_TIERS),
        ("CorsOrigins", ORIGINS, NO_ORIGINS),
        ("AlarmEmail", ADDRESSES, NO_ADDRESSES),
        ("MongoSecretArn", ["", SECRET], [SECRET[:-7], KEY, "atlas"]),
        ("MongoReaderSecretArn", ["", SECRET], [SECRET[:-7], KEY, "atlas"]),
        ("MongoSecretKeyArn", ["", KEY], [KEY.replace("key/", "alias/"), SECRET, "atlas"]),
    ],
)
def test_text_is_judged_by_its_pattern(
    parameters: Template, name: str, good: list[str], bad: list[str]
) -> None:
    assert [value for value in (*good, *bad) if allows(parameters[name], value)] == good


def test_settings_judge_symbols_and_tiers_as_the_parameters_do() -> None:
    for name, good, bad in (
        ("NSE_SYMBOLS", SYMBOLS, ["NIFTY;X", "A" * 21]),
        ("NSE_TIERS", TIERS, ["INDICES", "INDICES=7", "INDICES=5,"]),
    ):
        for text in good:
            Settings.from_env({name: text})
        for text in bad:
            with pytest.raises(SettingInvalid):
                Settings.from_env({name: text})


def test_setting_judges_origins_as_the_parameter_does() -> None:
    for origins in ORIGINS:
        Settings.from_env({"CORS_ORIGINS": origins})
    for origins in NO_ORIGINS:
        with pytest.raises(SettingInvalid):
            Settings.from_env({"CORS_ORIGINS": origins})


def test_risk_free_rate_is_bounded_as_its_setting_is(parameters: Template) -> None:
    parameter = parameters["RiskFreeRate"]
    assert [parameter[name] for name in ("Default", "MinValue", "MaxValue")] == [5.5, 0, 25]
    for percent in (5.5, 0, 25):
        assert Settings.from_env({"RISK_FREE_RATE": str(percent)}).risk_free_rate == percent


def test_log_level_keeps_the_metrics(parameters: Template) -> None:
    """The lines of metrics have no level, and Lambda counts such a line as INFO."""
    assert parameters["LogLevel"]["AllowedValues"] == ["DEBUG", "INFO"]


def test_change_of_who_needs_a_key_is_deployed() -> None:
    """SAM looks for changes in the API's text alone, which has no values of parameters."""
    assert "\n      AlwaysDeploy: true\n" in TEXT


def test_every_tick_of_a_shift_has_time_to_read_store_and_record() -> None:
    """A shift begins its last tick after two minutes, and its requests end before the time-out."""
    time_out = re.search(r"chain_fetch\.handler\.lambda_handler.*?Timeout: (\d+)", TEXT, re.DOTALL)
    assert time_out
    steps = 5 * OPERATION_TIMEOUT_MS / 1e3  # three to store, one to record, one for the backlog
    assert steps < _CLOSING_SECONDS
    assert int(time_out[1]) - _CLOSING_SECONDS - LONGEST_SHIFT.total_seconds() >= 10
