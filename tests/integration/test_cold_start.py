"""A start that fails says why, without a secret, and the next invocation tries again."""

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chain_api import handler as api
from chain_fetch import dependencies as wiring
from chain_fetch import handler as fetch
from local.mongod import Mongod, free_port
from optionchain.errors import SettingInvalid
from optionchain.mongo.client import database_at
from optionchain.mongo.recorder_switch import RecorderSwitch
from optionchain.settings import Settings
from tests.support.gateway import answer, event, get, respond
from tests.support.invocation import until
from tests.support.mongomock_database import AnyDatabase
from tests.support.recorder import Context
from tests.support.secret import Secret, simulated_aws

SETTINGS = ("MONGODB_URI", "MONGODB_SECRET_ARN", "NSE_FETCH_INTERVAL", "LOG_LEVEL")
UNUSABLE = {
    "NSE_FETCH_INTERVAL": "7",
    "LOG_LEVEL": "loud",
    "MONGODB_URI": "postgres://u:hush@x",
    "MONGODB_SECRET_ARN": "mongodb://u:hush@x",
}


@pytest.fixture(autouse=True)
def env(
    monkeypatch: pytest.MonkeyPatch,
    lambda_loop: None,  # noqa: ARG001
) -> Iterator[pytest.MonkeyPatch]:
    """A new environment of Lambda without any setting."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for cached in (api.wire, api.fallback, wiring.wire):
        cached.cache_clear()
    opened: list[AnyDatabase] = []

    def noted(uri: str, settings: Settings) -> AnyDatabase:
        opened.append(database_at(uri, settings))
        return opened[-1]

    # Lambda freezes an environment without closing its clients; a test must close them.
    monkeypatch.setattr("optionchain.mongo.rotating_client.database_at", noted)
    yield monkeypatch
    for cached in (api.wire, api.fallback, wiring.wire):
        cached.cache_clear()
    for database in opened:
        database.client.close()


@pytest.fixture
def secret(env: pytest.MonkeyPatch) -> Iterator[Secret]:
    """A secret without a value, which the settings name."""
    with simulated_aws(env):
        secret = Secret()
        env.setenv("MONGODB_SECRET_ARN", secret.arn)
        yield secret


def check_says_so(name: str, caplog: pytest.LogCaptureFixture) -> None:
    for path in ("/option-chain/NIFTY", "/health"):
        caplog.clear()
        status, headers, body = answer(get(path))
        assert (status, headers["retry-after"]) == (503, "5"), path
        assert name not in str(body)
        (error,) = [vars(row)["error"] for row in caplog.records if row.levelname == "ERROR"]
        assert error.startswith(f"{name}=")
        assert "hush" not in error + str(body)
    assert [row["code"] for row in body["reasons"]] == ["database_unavailable"]
    problem = answer(get("/stats"))[2]
    assert problem["type"] == "urn:nse-option-chain:problem:database-unavailable"
    for path in ("/", "/docs", "/openapi.json"):
        assert answer(get(path))[0] == 200, path


@pytest.mark.parametrize(("name", "text"), UNUSABLE.items())
def test_unusable_setting_is_a_503_and_an_error_that_names_it(
    env: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str, text: str
) -> None:
    env.setenv(name, text)
    check_says_so(name, caplog)


def test_missing_uri_is_a_503_that_names_what_may_be_set(caplog: pytest.LogCaptureFixture) -> None:
    check_says_so("MONGODB_URI", caplog)
    assert "or set MONGODB_SECRET_ARN" in str([vars(row) for row in caplog.records])


@pytest.mark.usefixtures("secret")
def test_secret_without_a_value_is_a_503_that_says_so(caplog: pytest.LogCaptureFixture) -> None:
    check_says_so("MONGODB_SECRET_ARN", caplog)


def test_secret_put_right_is_found(env: pytest.MonkeyPatch, secret: Secret, mongod: Mongod) -> None:
    env.setattr("optionchain.mongo.rotating_client._SECONDS_BETWEEN_STARTS", 0.1)
    secret.put('{"password": "hush"}')
    assert answer(get("/stats"))[0] == 503
    secret.put(mongod.uri + "\n")
    until(lambda: answer(get("/stats"))[0] == 200)


@pytest.mark.time_limits
def test_absent_database_is_a_503_before_the_gateway_gives_up(env: pytest.MonkeyPatch) -> None:
    """It takes three seconds, and more on a busy machine; API Gateway waits for 29."""
    env.setenv("MONGODB_URI", f"mongodb://u:hush@127.0.0.1:{free_port()}/?replicaSet=rs0")
    started = time.monotonic()
    assert answer(get("/health"))[0] == 503
    assert time.monotonic() - started < 29


def test_schedule_is_the_one_that_the_environment_names(
    env: pytest.MonkeyPatch, mongo_settings: Settings, database: AnyDatabase
) -> None:
    assert mongo_settings.mongodb_uri is not None
    env.setenv("MONGODB_URI", mongo_settings.mongodb_uri.get_secret_value())
    env.setenv("MONGODB_DATABASE", mongo_settings.mongodb_database)
    env.setenv("SCHEDULE_NAME", "stack-every-minute")
    arn = "arn:aws:lambda:ap-south-1:1:function:x"
    with simulated_aws(env):
        scheduler = boto3.client("scheduler")
        scheduler.create_schedule(
            Name="stack-every-minute",
            ScheduleExpression="rate(1 minute)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": arn, "RoleArn": "arn:aws:iam::1:role/x"},
        )
        for name, state in (("stop", "DISABLED"), ("start", "ENABLED")):
            body = answer(event(f"api-control-{name}"))[2]
            assert (body["enabled"], body["schedule"]) == (name == "start", state)
            assert scheduler.get_schedule(Name="stack-every-minute")["State"] == state
            assert RecorderSwitch(database).enabled() == (name == "start")


@pytest.mark.parametrize(
    "request_",
    [
        {},
        [],
        "text",
        None,
        {"version": "2.0", "rawPath": "/health", "requestContext": {"http": {"method": "GET"}}},
        {"httpMethod": "GET", "path": "/health", "requestContext": {"elb": {}}, "headers": {}},
        {"Records": [{"body": "hush"}]},
        {"resource": "/{x+}", "path": 5, "httpMethod": "GET", "requestContext": {}},
        {"resource": "/", "path": "/", "httpMethod": "GET", "requestContext": {}, "headers": "x"},
    ],
)
def test_event_that_is_no_request_is_answered_400_and_logged(
    request_: Any,  # noqa: ANN401
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = respond(request_)
    problem = json.loads(response["body"])
    assert (response["statusCode"], problem["status"]) == (400, 400)
    assert response["headers"] == {"content-type": "application/problem+json"}
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("ERROR", "event_unknown")
    assert vars(record)["keys"] == sorted(request_) if isinstance(request_, dict) else True
    assert "hush" not in str(vars(record))


@pytest.mark.parametrize(("name", "text"), UNUSABLE.items())
def test_recorder_with_an_unusable_setting_fails_and_logs_its_name(
    env: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str, text: str
) -> None:
    """Lambda counts the error. Nobody is on duty, and `/gaps` says so."""
    env.setenv(name, text)
    for minute in ("first", "second"):
        with pytest.raises(SettingInvalid, match=name):
            fetch.lambda_handler({}, Context(minute, 0.1))
    logged = [vars(row) for row in caplog.records if row.levelname == "ERROR"]
    assert [row["invocation"] for row in logged] == ["first", "second"]
    assert {(row["message"], row["setting"]) for row in logged} == {("setting_invalid", name)}
    assert "hush" not in str(logged)


def test_recorder_starts_in_the_minute_after_the_secret_was_put(
    secret: Secret, mongod: Mongod, env: pytest.MonkeyPatch
) -> None:
    env.setenv("NSE_BASE_URL", f"http://127.0.0.1:{free_port()}")
    env.setenv("MARKET_HOURS", "always")
    env.setenv("NSE_FETCH_INTERVAL", "1")
    env.setenv("MONGODB_DATABASE", "cold_start")
    with pytest.raises(SettingInvalid, match=r"MONGODB_SECRET_ARN.*has a value"):
        fetch.lambda_handler({}, Context("early", 0.1))
    secret.put(mongod.uri)
    assert fetch.lambda_handler({}, Context("late", 4))["ticks"] > 0
    assert len(wiring.wire().backlog) == 0, "it was written to the ledger"
    wiring.wire().close()
