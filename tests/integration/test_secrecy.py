"""Neither function writes a part of the database's URI, whatever is wrong with it."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pytest

from local.mongod import Mongod, free_port
from tests.support.written_output import written_by

# By the URI and the way in which it comes.
type Written = Mapping[tuple[str, str], str]
# Percent-encoded, and as it should be.
PASSWORD, PLAIN = "s3cr%2Ft-w0rd", "s3cr/t-w0rd"
USER = "recorder-of-chains"
SHOWN = ("s3cr", "w0rd", USER)
ABSENT = "mongodb://{user}:{password}@127.0.0.1:{absent}/"
REFUSING = "mongodb://{user}:{password}@127.0.0.1:{port}/?directConnection=true"
NO_URI = "must be a mongodb:// URI"
# What is wrong with each URI.
URIS = {
    ABSENT: "Connection refused",
    REFUSING: "refuses the user",
    "mongodb://{user}:{password}@127.0.0.1:notaport/": NO_URI,
    "mongodb://{user}:{password}@a,b/?directConnection=true": "options that clash",
    "mongodb+srv://{user}:{password}@nosuch.invalid/": "ConfigurationError",
    "postgres://{user}:{password}@127.0.0.1/": NO_URI,
    '{{"user": "{user}", "password": "{password}"}}': NO_URI,
}
UNUSABLE = [
    *(uri for uri, why in URIS.items() if why in (NO_URI, "options that clash")),
    "mongodb://{user}:{password}@/",
    "mongodb://{user}:{password}@127.0.0.1/?tls=true&tlsInsecure=1&tlsAllowInvalidCertificates=1",
    # Not encoded: a part of the password would be the name of a host, or its port.
    "mongodb://{user}:s3cr@t-w0rd/x@127.0.0.1/",
    "mongodb://{user}:27017/s3cr@127.0.0.1/",
]
# Each case is a new environment of Lambda: what both functions keep is cleared.
PROGRAM = """
import json, os, sys
import boto3
from aws_lambda_powertools import Logger
from moto import mock_aws
from chain_api import handler as api
from chain_fetch import dependencies, handler as fetch
from optionchain.mongo import client
from tests.support.recorder import Context

client.OPERATION_TIMEOUT_MS = client.SERVER_SELECTION_TIMEOUT_MS = 1_000

def chain(error):
    while error is not None:
        yield error
        yield from chain(error.__context__)
        error = error.__cause__

def run(given):
    if secret := given.pop("secret", None):
        answer = boto3.client("secretsmanager").create_secret(Name="uri", SecretString=secret)
        given["MONGODB_SECRET_ARN"] = answer["ARN"]
    os.environ |= given
    try:
        print(fetch.lambda_handler({}, Context("a-request", 0.1)))
    except Exception as error:
        Logger(service="lambda").exception("unhandled")
        for each in chain(error):
            print(repr(each), str(each), vars(each))
    for path in ("/health", "/stats"):
        print(api.lambda_handler(request | {"path": path}, None))
    for name in given:
        del os.environ[name]

cases, request = json.load(sys.stdin)
for given in cases:
    for stream in (sys.stdout, sys.stderr):
        print("NEXT CASE", file=stream, flush=True)
    for kept in (api.wire, api.fallback, dependencies.wire):
        kept.cache_clear()
    with mock_aws():
        run(given)
"""


def written_with(cases: list[dict[str, str]]) -> list[str]:
    """Return all that both functions write in a process of their own, case by case."""
    exchange = f"http://127.0.0.1:{free_port()}"
    settings = {"NSE_BASE_URL": exchange, "NSE_FETCH_INTERVAL": "1"}
    return written_by(PROGRAM, cases, settings, seconds=110)


@pytest.fixture(scope="module")
def written(mongod: Mongod) -> Written:
    """What is written of each URI that comes in each way."""
    known = {"user": USER, "absent": free_port(), "port": mongod.port}
    cases: dict[tuple[str, str], dict[str, str]] = {}
    for uri in {*URIS, *UNUSABLE}:
        encoded = uri.format(password=PASSWORD, **known)
        cases[uri, "as the setting"] = {"MONGODB_URI": encoded}
        if uri in URIS:
            cases[uri, "as the secret"] = {"secret": encoded}
            cases[uri, "not encoded"] = {"secret": uri.format(password=PLAIN, **known)}
            cases[uri, "as the ARN"] = {"MONGODB_SECRET_ARN": encoded}
    # Side by side, because two of the URIs make each of their cases wait for a server.
    groups = [
        [case for case in cases if case[0] == ABSENT],
        [case for case in cases if case[0] == REFUSING],
        [case for case in cases if case[0] not in (ABSENT, REFUSING)],
    ]
    with ThreadPoolExecutor(len(groups)) as pool:
        texts = pool.map(lambda group: written_with([cases[case] for case in group]), groups)
        return dict(zip(chain(*groups), chain(*texts), strict=True))


def test_nothing_that_is_written_shows_a_part_of_the_uri(written: Written) -> None:
    for case, text in written.items():
        assert not [part for part in SHOWN if part in text], case


@pytest.mark.parametrize("uri", URIS)
def test_the_operator_is_told_what_is_wrong(written: Written, uri: str) -> None:
    why = URIS[uri]
    for way in ("as the secret", "as the setting"):
        assert why in written[uri, way], way
    assert "MONGODB_" in written[uri, "not encoded"] or why in written[uri, "not encoded"]
    assert "must be the ARN of a secret" in written[uri, "as the ARN"]


@pytest.mark.parametrize("uri", UNUSABLE)
def test_a_uri_of_no_use_stops_the_recorder_and_is_hidden(written: Written, uri: str) -> None:
    assert "SettingInvalid: MONGODB_URI='(hidden)'" in written[uri, "as the setting"]


def test_ticks_that_a_database_refuses_name_the_cause(written: Written) -> None:
    for uri, why in ((ABSENT, "Connection refused"), (REFUSING, "Authentication failed")):
        lines = [
            json.loads(line)
            for line in written[uri, "as the setting"].splitlines()
            if '"message":"tick"' in line
        ]
        assert lines
        assert {(line["reason"], why in line["detail"]) for line in lines} == {("database", True)}
