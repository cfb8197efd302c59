"""The facts of template.yaml's own text that must never vanish: parameters, parts, builds."""

import re
from pathlib import Path
from typing import Any

import pytest

from optionchain.errors import SettingInvalid
from optionchain.settings import Settings

type Template = dict[str, Any]
FUNCTIONS = {
    "FetchFunction": ("functions/fetch", "chain_fetch.handler.lambda_handler"),
    "ApiFunction": ("functions/api", "chain_api.handler.lambda_handler"),
}
SYMBOLS = ("Symbols", "Symbols2")


def of_type(template: Template, kind: str) -> dict[str, Template]:
    return {
        name: resource
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def fits(template: Template, parameter: str, value: str) -> bool:
    pattern = template["Parameters"][parameter]["AllowedPattern"]
    return re.fullmatch(pattern, value) is not None


# ── parts and their builds ───────────────────────────────────────────────────────────────────


def test_runtime_is_the_version_developers_work_in(template: Template, root: Path) -> None:
    version = (root / ".python-version").read_text(encoding="utf-8").strip()
    assert template["Globals"]["Function"]["Runtime"] == f"python{version}"
    for layer in of_type(template, "AWS::Serverless::LayerVersion").values():
        assert layer["Properties"]["CompatibleRuntimes"] == [f"python{version}"]


def test_what_is_deployed_runs_on_arm64(template: Template) -> None:
    assert template["Parameters"]["Architecture"]["Default"] == "arm64"
    assert template["Globals"]["Function"]["Architectures"] == [{"Ref": "Architecture"}]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_handler_is_the_public_one(template: Template, name: str) -> None:
    function = template["Resources"][name]["Properties"]
    assert (function["CodeUri"], function["Handler"]) == FUNCTIONS[name]


def test_functions_and_layers_are_built_by_their_makefiles(template: Template, root: Path) -> None:
    parts = of_type(template, "AWS::Serverless::Function") | of_type(
        template, "AWS::Serverless::LayerVersion"
    )
    assert len(parts) == 4
    for name, part in parts.items():
        folder = part["Properties"].get("CodeUri") or part["Properties"]["ContentUri"]
        makefile = (root / folder / "Makefile").read_text(encoding="utf-8")
        assert part["Metadata"]["BuildMethod"] == "makefile"
        assert f"\nbuild-{name}:" in makefile


def test_every_lint_that_is_ignored_has_its_reason(root: Path) -> None:
    text = (root / "template.yaml").read_text(encoding="utf-8").splitlines()
    ignored = [number for number, line in enumerate(text) if "ignore_checks" in line]
    assert ignored
    for number in ignored:
        rules = re.findall(r"[A-Z]\d{4}", text[number])
        assert text[number - 1].strip().startswith("#")
        assert all(rule in text[number - 1] for rule in rules)


# ── parameters ───────────────────────────────────────────────────────────────────────────────


def test_every_parameter_is_bounded_described_and_has_a_default(template: Template) -> None:
    for name, parameter in template["Parameters"].items():
        assert parameter["Description"], name
        assert "Default" in parameter, name
        assert parameter.keys() & {"AllowedValues", "AllowedPattern", "MaxValue"}, name
        assert ("MinValue" in parameter) == ("MaxValue" in parameter), name


def test_default_of_every_parameter_is_allowed(template: Template) -> None:
    for name, parameter in template["Parameters"].items():
        default = parameter["Default"]
        if allowed := parameter.get("AllowedValues"):
            assert default in allowed, name
        elif "AllowedPattern" in parameter:
            assert fits(template, name, default), name
        else:
            assert parameter["MinValue"] <= default <= parameter["MaxValue"], name


def test_every_parameter_and_condition_is_used(root: Path, template: Template) -> None:
    text = (root / "template.yaml").read_text(encoding="utf-8")
    for name in template["Parameters"]:
        assert re.search(rf"!Ref {name}\b|\${{{name}}}", text), name
    for name in template["Conditions"]:
        assert re.search(rf"(Condition: |!If \[|- ){name}\b", text), name


@pytest.mark.parametrize("interval", range(1, 61))
def test_interval_is_a_divisor_of_a_minute(template: Template, interval: int) -> None:
    allowed = template["Parameters"]["FetchInterval"]["AllowedValues"]
    assert (interval in allowed) is (60 % interval == 0)


@pytest.mark.parametrize("parameter", SYMBOLS)
@pytest.mark.parametrize("symbols", ["NIFTY", "NIFTY,BANKNIFTY", "M&M,BAJAJ-AUTO", "360ONE"])
def test_symbols_of_the_exchange_are_accepted(
    template: Template, parameter: str, symbols: str
) -> None:
    assert fits(template, parameter, symbols)


@pytest.mark.parametrize("parameter", SYMBOLS)
@pytest.mark.parametrize("symbols", ["nifty", "NIFTY,", "NIFTY, BANKNIFTY", "NIFTY;X", "A" * 21])
def test_other_symbols_are_refused(template: Template, parameter: str, symbols: str) -> None:
    assert not fits(template, parameter, symbols)


def test_second_group_of_symbols_may_be_absent_and_the_first_may_not(template: Template) -> None:
    assert [fits(template, parameter, "") for parameter in SYMBOLS] == [False, True]


def test_risk_free_rate_is_bounded_as_its_setting_is(template: Template) -> None:
    parameter = template["Parameters"]["RiskFreeRate"]
    for name, within in (("Default", 5.5), ("MinValue", 0.0), ("MaxValue", 25.0)):
        given = Settings.from_env({"RISK_FREE_RATE": str(parameter[name])})
        assert given.risk_free_rate == within


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("", True),
        ("desk@example.com", True),
        ("on-call+nse@mail.example.co.in", True),
        ("desk@example", False),
        ("a@example.com,b@example.com", False),
        ("desk example.com", False),
        ("https://example.com/@x", False),
    ],
)
def test_alarms_are_mailed_to_one_address_or_to_none(
    template: Template, address: str, allowed: bool
) -> None:
    assert fits(template, "AlarmEmail", address) is allowed


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [
        ("", True),
        ("*", True),
        ("https://desk.example", True),
        ("https://a.example,http://localhost:3000", True),
        ("https://a.example, http://127.0.0.1:8080", True),
        ("*,https://desk.example", False),
        ("https://desk.example/", False),
        ("https://a.example,", False),
        (",https://a.example", False),
        (", https://a.example", False),
        ("https://a.examplehttps://b.example", False),
        ("https://a.example  ,https://b.example;", False),
        ("http://desk.example", False),
        ("null", False),
    ],
)
def test_origins_are_allowed_as_the_setting_allows_them(
    template: Template, origins: str, allowed: bool
) -> None:
    assert fits(template, "CorsOrigins", origins) is allowed
    try:
        Settings.from_env({"CORS_ORIGINS": origins})
        assert allowed
    except SettingInvalid:
        assert not allowed


def test_log_level_keeps_the_metrics(template: Template) -> None:
    """Lambda counts a line without a level, as those of metrics are, as INFO."""
    assert template["Parameters"]["LogLevel"]["AllowedValues"] == ["DEBUG", "INFO"]


def test_throttle_of_one_client_fits_into_that_of_the_stage(template: Template) -> None:
    (stage,) = template["Resources"]["Api"]["Properties"]["MethodSettings"]
    bounds = template["Parameters"]
    assert bounds["ThrottleRate"]["MaxValue"] == stage["ThrottlingRateLimit"]
    assert bounds["ThrottleBurst"]["MaxValue"] == stage["ThrottlingBurstLimit"]
    assert bounds["ThrottleRate"]["Default"] * 5 == stage["ThrottlingRateLimit"]
    assert bounds["QuotaPerDay"]["Default"] >= 5 * 2 * 385 * 60 // 5
