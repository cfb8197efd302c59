"""The facts of template.yaml's own text that must not change: parameters, parts, builds."""

import re
from pathlib import Path

import pytest
import yaml

from optionchain.errors import SettingInvalid
from optionchain.settings import Settings
from tests.infrastructure.stack import Template, allows

SYMBOLS = ["NIFTY", "NIFTY,BANKNIFTY", "M&M,BAJAJ-AUTO", "360ONE"]
NO_SYMBOLS = ["nifty", "NIFTY,", "NIFTY, BANKNIFTY", "NIFTY;X", "A" * 21]
ORIGINS = [
    "",
    "*",
    "https://desk.example",
    "https://a.example,http://localhost:3000",
    "https://a.example, http://127.0.0.1:8080",
]
NO_ORIGINS = [
    "*,https://desk.example",
    "https://desk.example/",
    "http://desk.example",
    "null",
    "https://a.example,",
    ",https://a.example",
    ", https://a.example",
    "https://a.examplehttps://b.example",
    "https://a.example  ,https://b.example;",
]


@pytest.fixture
def text(root: Path) -> str:
    return (root / "template.yaml").read_text(encoding="utf-8")


@pytest.fixture
def parameters(template: Template) -> dict[str, Template]:
    found: dict[str, Template] = template["Parameters"]
    return found


# ── parts and their builds ───────────────────────────────────────────────────────────────────


def test_functions_and_layers_are_built_by_their_makefiles(template: Template, root: Path) -> None:
    parts = {
        name: each
        for name, each in template["Resources"].items()
        if each["Type"] in {"AWS::Serverless::Function", "AWS::Serverless::LayerVersion"}
    }
    assert len(parts) == 4
    for name, part in parts.items():
        folder = part["Properties"].get("CodeUri") or part["Properties"]["ContentUri"]
        makefile = (root / folder / "Makefile").read_text(encoding="utf-8")
        assert part["Metadata"]["BuildMethod"] == "makefile"
        assert f"\nbuild-{name}:" in makefile


def test_every_ignored_rule_of_cfn_lint_has_its_reason(text: str) -> None:
    reasons = re.findall(r"# (.*)\n *ignore_checks: \[(\w+)\]\n", text)
    assert len(reasons) == text.count("ignore_checks") > 0
    assert all(rule in reason for reason, rule in reasons)


@pytest.mark.parametrize("name", ["dashboard.yaml", "functions/api/gateway_responses.yaml"])
def test_included_files_have_nothing_that_only_sam_understands(
    text: str, root: Path, name: str
) -> None:
    """SAM uploads them as they are, and CloudFormation knows no anchors and no `!Sub` in them."""
    assert f"Location: {name}" in text
    tokens = list(yaml.scan((root / name).read_text(encoding="utf-8")))
    refused = (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken)
    assert not [each for each in tokens if isinstance(each, refused)]


# ── parameters ───────────────────────────────────────────────────────────────────────────────


def test_every_parameter_is_bounded_described_and_has_an_allowed_default(
    parameters: dict[str, Template],
) -> None:
    for name, parameter in parameters.items():
        assert parameter["Description"], name
        assert allows(parameter, parameter["Default"]), name


def test_every_parameter_and_condition_is_used(text: str, template: Template) -> None:
    for name in template["Parameters"]:
        assert re.search(rf"!Ref {name}\b|\${{{name}}}", text), name
    for name in template["Conditions"]:
        assert re.search(rf"(Condition: |!If \[|- ){name}\b", text), name


def test_interval_is_a_divisor_of_a_minute(parameters: dict[str, Template]) -> None:
    divisors = [seconds for seconds in range(1, 61) if 60 % seconds == 0]
    assert parameters["FetchInterval"]["AllowedValues"] == divisors


@pytest.mark.parametrize(
    ("parameter", "allowed", "values"),
    [
        ("Symbols", True, SYMBOLS),
        ("Symbols", False, ["", *NO_SYMBOLS]),
        ("Symbols2", True, ["", *SYMBOLS]),
        ("Symbols2", False, NO_SYMBOLS),
        ("CorsOrigins", True, ORIGINS),
        ("CorsOrigins", False, NO_ORIGINS),
        ("AlarmEmail", True, ["", "desk@example.com", "on-call+nse@mail.example.co.in"]),
        (
            "AlarmEmail",
            False,
            ["desk@example", "a@example.com,b@example.com", "desk example.com", "http://e.com/@x"],
        ),
    ],
)
def test_text_is_judged_by_its_pattern(
    parameters: dict[str, Template], parameter: str, allowed: bool, values: list[str]
) -> None:
    for value in values:
        assert allows(parameters[parameter], value) is allowed, value


@pytest.mark.parametrize("origins", ORIGINS)
def test_allowed_origins_are_allowed_by_the_setting(origins: str) -> None:
    Settings.from_env({"CORS_ORIGINS": origins})


@pytest.mark.parametrize("origins", NO_ORIGINS)
def test_refused_origins_are_refused_by_the_setting(origins: str) -> None:
    with pytest.raises(SettingInvalid):
        Settings.from_env({"CORS_ORIGINS": origins})


def test_risk_free_rate_is_bounded_as_its_setting_is(parameters: dict[str, Template]) -> None:
    parameter = parameters["RiskFreeRate"]
    assert [parameter[name] for name in ("Default", "MinValue", "MaxValue")] == [5.5, 0, 25]
    for percent in (5.5, 0, 25):
        given = Settings.from_env({"RISK_FREE_RATE": str(percent)})
        assert given.risk_free_rate == percent


def test_log_level_keeps_the_metrics(parameters: dict[str, Template]) -> None:
    """The lines of metrics have no level, and Lambda counts such a line as INFO."""
    assert parameters["LogLevel"]["AllowedValues"] == ["DEBUG", "INFO"]


def test_throttle_of_one_client_fits_into_that_of_the_stage(template: Template) -> None:
    (stage,) = template["Resources"]["Api"]["Properties"]["MethodSettings"]
    bounds = template["Parameters"]
    assert bounds["ThrottleRate"]["MaxValue"] == stage["ThrottlingRateLimit"]
    assert bounds["ThrottleBurst"]["MaxValue"] == stage["ThrottlingBurstLimit"]
    assert bounds["ThrottleRate"]["Default"] * 5 == stage["ThrottlingRateLimit"]
    assert bounds["QuotaPerDay"]["Default"] >= 5 * 2 * 385 * 60 // 5
