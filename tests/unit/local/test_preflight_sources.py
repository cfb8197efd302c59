"""A preflight says which source lacks what, and shows no token."""

from datetime import timedelta

import pytest

from local.preflight.finding import Finding
from local.preflight.observations import AwsFailure, Secret
from local.preflight.source_checks import (
    secret_is_named,
    sources_fit,
    token_answers,
    token_holds,
    tokens_in,
)
from local.token.vendor import Verdict
from optionchain.settings import SecretStr
from tests.support.snapshots import TICK
from tests.support.tokens import token

ARN = "arn:aws:secretsmanager:ap-south-1:123456789012:secret:tokens-AbCdEf"
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
PUT = f"make token SOURCE=upstox SECRET={ARN}"


def holds(access_token: str, **more: str) -> Finding:
    return token_holds("upstox", {"access_token": access_token, **more}, ARN, WEEK, TICK)


def secret(text: str | None) -> Secret:
    return Secret(ARN, None if text is None else SecretStr(text))


@pytest.mark.parametrize(
    ("finding", "level", "part"),
    [
        (sources_fit({}), "note", "often refuses addresses of clouds"),
        (sources_fit({"Source": "upstox"}), "ok", "upstox"),
        (sources_fit({"Source": "upstox,nse", "CrossCheck": "true"}), "ok", "upstox, then nse"),
        (sources_fit({"Source": "upstox", "CrossCheck": "true"}), "missing", "CrossCheck=false"),
        (sources_fit({"Source": "nse,fyers"}), "missing", "no source fyers; there are nse, upstox"),
        (sources_fit({"Source": "hush;"}), "missing", "correct Source"),
        (sources_fit({"Source": "upstox, nse"}), "missing", "without spaces"),
        (sources_fit({"Source": "nse", "UpstoxQuotes": "true"}), "note", "UpstoxQuotes=false"),
        (secret_is_named(ARN, ["upstox"]), "ok", "those of upstox"),
        (secret_is_named("", ["upstox"]), "missing", "SourceSecretArn names no secret"),
        (holds(token(TICK, TICK + 2 * WEEK)), "ok", "ends on Friday, 03 July 2026"),
        (holds(token(TICK, TICK + WEEK)), "note", PUT),
        (holds(token(TICK, TICK)), "missing", "ended on Friday, 19 June 2026, 15:02 IST"),
        (holds("hush"), "note", "does not say when it ends"),
        (holds(token(TICK, TICK), totp_secret="A"), "ok", "itself, by TOTP"),
        (holds("", totp_secret="A"), "ok", "itself, by TOTP"),
        (token_answers("upstox", Verdict(usable=True, text="accepts"), ARN), "ok", "accepts"),
        (token_answers("upstox", Verdict(usable=False, text="no"), ARN), "missing", PUT),
    ],
)
def test_a_finding_of_a_source_has_level_and_remedy(
    finding: Finding, level: str, part: str
) -> None:
    assert finding.level == level
    assert part in f"{finding.text} {finding.remedy}"
    assert finding.remedy or level == "ok"
    assert "hush" not in f"{finding}".replace("no source hush;", "")


@pytest.mark.parametrize(
    ("found", "faults", "part", "sources"),
    [
        (secret(None), 2, "no token of upstox", []),
        (secret("hush"), 1, "no JSON object by source", []),
        (secret('{"upstox": "hush"}'), 1, "no JSON object by source", []),
        (secret('{"upstox": {"access_token": "hush"}}'), 1, "SOURCE=dhan", ["upstox"]),
        (
            secret('{"upstox": {"access_token": "hush"}, "dhan": {"totp_secret": "hush"}}'),
            0,
            "",
            ["upstox", "dhan"],
        ),
        (AwsFailure("denied", "AccessDeniedException"), 1, "secretsmanager:GetSecretV", []),
        (AwsFailure("other", "ResourceNotFoundException"), 1, "correct SourceSecretArn", []),
    ],
)
def test_every_source_without_a_token_is_named(
    found: Secret | AwsFailure, faults: int, part: str, sources: list[str]
) -> None:
    held, findings = tokens_in(found, ["upstox", "dhan"])
    assert len(findings) == faults
    told = " ".join(f"{each.text} {each.remedy}" for each in findings)
    assert part in told
    assert "hush" not in told
    assert list(held) == sources
