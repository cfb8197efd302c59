"""A preflight asks the vendor whether it accepts the token of the secret."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from local.nse_simulator.market import SimulatedMarket
from local.preflight.account import client_factory
from local.preflight.source_findings import token_findings
from local.upstox_simulator import tokens as upstox_tokens
from local.upstox_simulator.faults import CONTRACTS, FaultKind
from local.upstox_simulator.server import Upstox
from tests.support.secret import REGION, simulated_aws


@pytest.fixture(scope="module")
def upstox() -> Iterator[Upstox]:
    with Upstox(SimulatedMarket()) as vendor:
        yield vendor


@pytest.fixture
def arn(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A secret with a token that Upstox accepts."""
    given = upstox_tokens.analytics_token(datetime.now(UTC) - timedelta(minutes=1))
    with simulated_aws(monkeypatch):
        manager = boto3.client("secretsmanager", region_name=REGION)
        text = json.dumps({"upstox": {"access_token": given}})
        yield str(manager.create_secret(Name="tokens", SecretString=text)["ARN"])


def levels(url: str, **parameters: str) -> list[str]:
    env = {"SOURCE_URLS": f"upstox={url}"}
    return [each.level for each in token_findings(parameters, client_factory(REGION), env)]


def test_token_that_the_vendor_accepts_is_ready(upstox: Upstox, arn: str) -> None:
    upstox.faults.clear()
    assert levels(upstox.url, Source="upstox,nse", SourceSecretArn=arn) == ["ok", "ok", "ok"]


def test_token_that_the_vendor_refuses_prevents_the_deployment(upstox: Upstox, arn: str) -> None:
    upstox.faults.add(FaultKind.UNAUTHORISED, path=CONTRACTS)
    assert levels(upstox.url, Source="upstox", SourceSecretArn=arn) == ["ok", "ok", "missing"]


def test_sources_that_need_no_token_are_not_looked_at() -> None:
    nowhere = "http://127.0.0.1:1"
    assert levels(nowhere) == []
    assert levels(nowhere, Source="fyers") == []
    assert levels(nowhere, Source="upstox") == ["missing"]


def test_ended_token_is_not_sent(upstox: Upstox, arn: str) -> None:
    ended = upstox_tokens.ended_token(datetime.now(UTC))
    text = json.dumps({"upstox": {"access_token": ended}})
    boto3.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=text)
    upstox.requests.clear()
    assert levels(upstox.url, Source="upstox", SourceSecretArn=arn) == ["ok", "missing"]
    assert len(upstox.requests) == 0
