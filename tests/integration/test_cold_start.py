"""What goes wrong at a start: said once, in words, without a secret, and tried again."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from mangum.types import LambdaContext
from pymongo.database import Database

from chain_api import handler as api
from chain_fetch import dependencies as wiring
from chain_fetch import handler as fetch
from local.mongod import Mongod, free_port
from optionchain.errors import SettingInvalid
from optionchain.mongo.client import Document, database_at
from optionchain.settings import Settings
from tests.conftest import ROOT
from tests.support.invocation import until
from tests.support.recorder import Context
from tests.support.secret import Secret, simulated_aws

NO_CONTEXT = cast("LambdaContext", None)
SETTINGS = ("MONGODB_URI", "MONGODB_SECRET_ARN", "NSE_FETCH_INTERVAL", "LOG_LEVEL")
UNUSABLE = {
    "NSE_FETCH_INTERVAL": "7",
    "LOG_LEVEL": "loud",
    "MONGODB_URI": "postgres://u:hush@x",
    "MONGODB_SECRET_ARN": "mongodb://u:hush@x",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A new environment of Lambda without any setting."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    for cached in (api.wire, api.fallback, wiring.wire):
        cached.cache_clear()
    opened: list[Database[Document]] = []

    def noted(uri: str, settings: Settings) -> Database[Document]:
        opened.append(database_at(uri, settings))
        return opened[-1]

    # Nobody closes the clients of an environment of Lambda: it is frozen, and gone.
    monkeypatch.setattr("optionchain.mongo.rotation.database_at", noted)
    yield monkeypatch
    for cached in (api.wire, api.fallback, wiring.wire):
        cached.cache_clear()
    for database in opened:
        database.client.close()
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture
def secret(environment: pytest.MonkeyPatch) -> Iterator[Secret]:
    """A secret without a value, which the settings name."""
    with simulated_aws(environment):
        secret = Secret()
        environment.setenv("MONGODB_SECRET_ARN", secret.arn)
        yield secret


def ask(path: str) -> tuple[int, dict[str, str], str]:
    """Return the answer of the API, put together from the environment."""
    event = json.loads((ROOT / "events" / "api-health.json").read_text("utf-8"))
    answer: Any = api.lambda_handler(event | {"path": path}, NO_CONTEXT)
    return answer["statusCode"], answer["headers"], answer["body"]


# ── the API ──────────────────────────────────────────────────────────────────────────────────


def check_says_so(name: str, caplog: pytest.LogCaptureFixture) -> None:
    for path in ("/option-chain/NIFTY", "/health"):
        caplog.clear()
        status, headers, body = ask(path)
        assert (status, headers["retry-after"]) == (503, "5"), path
        assert name not in body
        (error,) = [vars(row)["error"] for row in caplog.records if row.levelname == "ERROR"]
        assert error.startswith(f"{name}=")
        assert "hush" not in error + body
    assert [row["code"] for row in json.loads(body)["reasons"]] == ["database_unavailable"]
    problem = json.loads(ask("/stats")[2])
    assert problem["type"] == "urn:nse-option-chain:problem:database-unavailable"
    for path in ("/", "/docs", "/openapi.json"):
        assert ask(path)[0] == 200, path


@pytest.mark.parametrize(("name", "text"), UNUSABLE.items())
def test_unusable_setting_is_a_503_and_an_error_that_names_it(
    environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str, text: str
) -> None:
    environment.setenv(name, text)
    check_says_so(name, caplog)


def test_missing_uri_is_a_503_that_names_what_may_be_set(caplog: pytest.LogCaptureFixture) -> None:
    check_says_so("MONGODB_URI", caplog)
    assert "or set MONGODB_SECRET_ARN" in str([vars(row) for row in caplog.records])


@pytest.mark.usefixtures("secret")
def test_secret_without_a_value_is_a_503_that_says_so(caplog: pytest.LogCaptureFixture) -> None:
    check_says_so("MONGODB_SECRET_ARN", caplog)


def test_secret_that_is_put_right_is_found_within_seconds(secret: Secret, mongod: Mongod) -> None:
    secret.put('{"password": "hush"}')
    assert ask("/stats")[0] == 503
    secret.put(mongod.uri + "\n")
    assert ask("/stats")[0] == 503, "Secrets Manager is not asked at each request"
    until(lambda: ask("/stats")[0] == 200, seconds=8)


@pytest.mark.parametrize(
    ("path", "seconds"), [("/stats", 3), ("/option-chain/NIFTY", 3), ("/health", 3)]
)
def test_database_that_is_not_there_is_a_503_within_three_seconds(
    environment: pytest.MonkeyPatch, path: str, seconds: float
) -> None:
    """/health looks for the calendar as well, once in half a minute."""
    environment.setenv("MONGODB_URI", f"mongodb://u:hush@127.0.0.1:{free_port()}/?replicaSet=rs0")
    started = time.monotonic()
    assert ask(path)[0] == 503
    assert time.monotonic() - started < seconds


@pytest.mark.parametrize(
    "event",
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
    event: Any,  # noqa: ANN401
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer: Any = api.lambda_handler(event, NO_CONTEXT)
    problem = json.loads(answer["body"])
    assert (answer["statusCode"], problem["status"], answer["isBase64Encoded"]) == (400, 400, False)
    assert answer["headers"] == {"content-type": "application/problem+json"}
    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == ("ERROR", "event_unknown")
    assert vars(record)["keys"] == sorted(event) if isinstance(event, dict) else True
    assert "hush" not in str(vars(record))


# ── the recorder ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("name", "text"), UNUSABLE.items())
def test_recorder_with_an_unusable_setting_fails_and_logs_its_name(
    environment: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str, text: str
) -> None:
    """The error is for Lambda to count; nobody is on duty, so `/gaps` calls the ticks missing."""
    environment.setenv(name, text)
    for minute in ("first", "second"):
        with pytest.raises(SettingInvalid, match=name):
            fetch.lambda_handler({}, Context(minute, 0.1))
    logged = [vars(row) for row in caplog.records if row.levelname == "ERROR"]
    assert [row["invocation"] for row in logged] == ["first", "second"]
    assert {(row["message"], row["setting"]) for row in logged} == {("setting_invalid", name)}
    assert "hush" not in str(logged)


def test_recorder_starts_in_the_minute_after_the_secret_was_put(
    secret: Secret, mongod: Mongod, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("NSE_BASE_URL", f"http://127.0.0.1:{free_port()}")
    environment.setenv("MARKET_HOURS", "always")
    environment.setenv("NSE_FETCH_INTERVAL", "1")
    environment.setenv("MONGODB_DATABASE", "cold_start")
    with pytest.raises(SettingInvalid, match=r"MONGODB_SECRET_ARN.*has a value"):
        fetch.lambda_handler({}, Context("early", 0.1))
    secret.put(mongod.uri)
    assert fetch.lambda_handler({}, Context("late", 1.2))["ticks"] > 0
    assert len(wiring.wire().backlog) == 0, "it was written to the ledger"
    wiring.wire().close()


# ── secrets ──────────────────────────────────────────────────────────────────────────────────

PASSWORDS = ("s3cr%2Ft-w0rd", "s3cr/t-w0rd")
USER = "recorder-of-chains"
SHOWN = ("s3cr", "w0rd", USER)
PROGRAM = """
import json, os, sys
import boto3
from aws_lambda_powertools import Logger
from moto import mock_aws
from chain_api import handler as api
from chain_fetch import handler as fetch, wiring
from tests.recorder import Context

def chain(error):
    while error is not None:
        yield error
        yield from chain(error.__context__)
        error = error.__cause__

given, request = json.load(sys.stdin)
with mock_aws():
    if secret := given.pop("secret", None):
        answer = boto3.client("secretsmanager").create_secret(Name="uri", SecretString=secret)
        os.environ["MONGODB_SECRET_ARN"] = answer["ARN"]
    os.environ |= given
    try:
        print(fetch.lambda_handler({}, Context("a-request", 0.1)))
    except Exception as error:
        Logger(service="lambda").exception("unhandled")
        for each in chain(error):
            print(repr(each), str(each), vars(each))
    for path in ("/health", "/stats"):
        print(api.lambda_handler(request | {"path": path}, None))
"""


def written_with(given: dict[str, str]) -> str:
    """Return all that both functions write in a process of their own, exceptions and answers."""
    ours = {"PATH", "HOME", "LD_LIBRARY_PATH"}
    environment = {name: text for name, text in os.environ.items() if name in ours} | {
        "NSE_BASE_URL": f"http://127.0.0.1:{free_port()}",
        "MARKET_HOURS": "always",
        "LOG_LEVEL": "DEBUG",
        "AWS_DEFAULT_REGION": "ap-south-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
    }
    request = json.loads((ROOT / "events" / "api-health.json").read_text("utf-8"))
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", PROGRAM],
        input=json.dumps([given, request]),
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("mongodb://{user}:{password}@127.0.0.1:{absent}/", "Connection refused"),
        ("mongodb://{user}:{password}@127.0.0.1:{port}/?directConnection=true", "refuses the user"),
        ("mongodb://{user}:{password}@127.0.0.1:notaport/", "must be a mongodb:// URI"),
        ("mongodb://{user}:{password}@a,b/?directConnection=true", "options that clash"),
        ("mongodb+srv://{user}:{password}@nosuch.invalid/", "ConfigurationError"),
        ("postgres://{user}:{password}@127.0.0.1/", "must be a mongodb:// URI"),
        ('{{"user": "{user}", "password": "{password}"}}', "must be a mongodb:// URI"),
    ],
)
def test_nothing_that_is_written_shows_a_part_of_the_uri(
    mongod: Mongod, uri: str, why: str
) -> None:
    """By either setting, for a password that is percent-encoded and for one that should be."""
    known = {"user": USER, "absent": free_port(), "port": mongod.port}
    encoded, plain = (uri.format(password=password, **known) for password in PASSWORDS)
    ways = {
        "as the secret": {"secret": encoded},
        "not encoded": {"secret": plain},
        "as the setting": {"MONGODB_URI": encoded},
        "as the ARN": {"MONGODB_SECRET_ARN": encoded},
    }
    with ThreadPoolExecutor(2) as pool:
        written = dict(zip(ways, pool.map(written_with, ways.values()), strict=True))
    for how, text in written.items():
        assert not [part for part in SHOWN if part in text], how
        assert "MONGODB_" in text or why in text, how
    assert why in written["as the secret"]
    assert why in written["as the setting"]
    assert "must be the ARN of a secret" in written["as the ARN"]
