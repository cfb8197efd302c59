"""No part of a token is written anywhere, whatever is wrong with it or with the vendor."""

import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain
from uuid import uuid4

import pytest
from pymongo import MongoClient

from chain_fetch.sources import SOURCES, source_modules
from local.dhan_simulator import tokens as dhan_tokens
from local.dhan_simulator.server import Dhan
from local.mongod import Mongod, free_port
from local.nse_simulator.market import SimulatedMarket
from local.upstox_simulator import tokens as upstox_tokens
from local.upstox_simulator.server import Upstox
from optionchain.mongo.client import Document
from optionchain.settings import Settings
from tests.support.written_output import written_by

# What both functions write of each case.
type Written = Mapping[str, str]
BEFORE = datetime.now(UTC) - timedelta(minutes=1)
PIN, TOTP = "770155", dhan_tokens.TOTP_SECRET
GOOD = {
    "upstox": {"access_token": upstox_tokens.analytics_token(BEFORE)},
    "dhan": {
        "client_id": dhan_tokens.CLIENT_ID,
        "access_token": dhan_tokens.token(BEFORE),
        "pin": PIN,
        "totp_secret": TOTP,
    },
}
ENDED = {
    "upstox": {"access_token": upstox_tokens.ended_token(BEFORE)},
    "dhan": {**GOOD["dhan"], "access_token": dhan_tokens.ended_token(BEFORE)},
}
UNKNOWN = {name: {**GOOD[name], "access_token": f"hush-{name}-hush"} for name in GOOD}
ODD = {name: {**GOOD[name], "access_token": f"hush\n{name} hush\u0967"} for name in GOOD}
TOKENS = [each["access_token"] for kind in (GOOD, ENDED) for each in kind.values()]
SHOWN = ["hush", PIN, TOTP, *{part for each in TOKENS for part in each.split(".")[1:]}]
_PROCESSES = 3
# Each case is a new environment of Lambda: what both functions keep is cleared.
PROGRAM = """
import json, os, sys
import boto3
from aws_lambda_powertools import Logger
from moto import mock_aws
from chain_api import handler as api
from chain_fetch import dependencies, handler as fetch
from tests.support.patience import patient_clients
from tests.support.recorder import Context

def chain(error):
    while error is not None:
        yield error
        yield from chain(error.__context__)
        error = error.__cause__

def run(given):
    seconds = float(given["NSE_FETCH_INTERVAL"]) + 3
    if secret := given.pop("secret", None):
        answer = boto3.client("secretsmanager").create_secret(Name="tokens", SecretString=secret)
        given["SOURCE_SECRET_ARN"] = answer["ARN"]
    os.environ |= given
    try:
        print(fetch.lambda_handler({}, Context("a-request", seconds)))
    except Exception as error:
        Logger(service="lambda").exception("unhandled")
        for each in chain(error):
            print(repr(each), str(each), vars(each))
    for path in ("/health", "/pipeline/status", "/option-chain/NIFTY/gaps", "/stats"):
        print(api.lambda_handler(request | {"path": path}, None))
    for name in given:
        del os.environ[name]

cases, request = json.load(sys.stdin)
for given in cases:
    for stream in (sys.stdout, sys.stderr):
        print("NEXT CASE", file=stream, flush=True)
    for kept in (api.wire, api.fallback, dependencies.wire):
        kept.cache_clear()
    with mock_aws(), patient_clients():
        run(given)
"""


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, str]]:
    """The addresses of the vendors by source."""
    with Upstox(SimulatedMarket()) as upstox, Dhan(SimulatedMarket(), windows=()) as dhan:
        yield {"upstox": upstox.url, "dhan": dhan.url}


def cases(source: str, url: str) -> dict[str, dict[str, str]]:
    """Return what may be wrong: the variables of the recorder by case."""
    away = f"http://127.0.0.1:{free_port()}"
    (module,) = source_modules([source]).values()
    hosts = [*module.terms(Settings()).hosts, "nse-files"]
    # Time for a busy machine. Dhan carries a request in 3 s: a tick reads a list and a chain, and
    # cases before took places.
    given = {"NSE_FETCH_INTERVAL": {"upstox": "6", "dhan": "15"}[source], "SOURCE": source}
    given |= {"SOURCE_URLS": ",".join(f"{each}={url}" for each in hosts)}
    kinds = {"good": GOOD, "ended": ENDED, "unknown": UNKNOWN, "odd": ODD}
    texts = {name: json.dumps(kind) for name, kind in kinds.items()}
    if source == "upstox":  # what is done with these is the same for all sources
        texts |= {"no JSON": "hush hush", "of another": '{"other": {"a": "hush"}}'}
    found = {f"{name} as the setting": given | {"SOURCE_TOKENS": texts[name]} for name in texts}
    if source == "upstox":
        kept = ("good", "ended", "no JSON", "of another")
        found |= {f"{name} as the secret": given | {"secret": texts[name]} for name in kept}
        found["as the ARN"] = given | {"SOURCE_SECRET_ARN": GOOD[source]["access_token"]}
    found["vendor away"] = given | {
        "SOURCE_TOKENS": texts["good"],
        "SOURCE_URLS": ",".join(f"{each}={away}" for each in hosts),
    }
    return found


def written_with(given: list[dict[str, str]], uri: str, database: str) -> list[str]:
    """Return all that both functions write in a process of their own, case by case."""
    settings = {
        "MONGODB_URI": uri,
        "MONGODB_DATABASE": database,
        "NSE_SYMBOLS": "NIFTY",
        "NSE_EXPIRIES": "1",
    }
    return written_by(PROGRAM, given, settings, seconds=280)


@pytest.fixture(scope="module")
def written(mongod: Mongod, vendors: dict[str, str]) -> Written:
    """What is written of each case, in the database too."""
    named = {
        f"{source}, {case}": variables
        for source, url in vendors.items()
        if source in SOURCES
        for case, variables in cases(source, url).items()
    }
    parts = [list(named)[number::_PROCESSES] for number in range(_PROCESSES)]
    databases = [f"t{uuid4().hex}" for _ in parts]

    def run(part: list[str], database: str) -> list[str]:
        return written_with([named[case] for case in part], mongod.uri, database)

    with ThreadPoolExecutor(_PROCESSES) as pool:
        texts = chain(*pool.map(run, parts, databases))
    found = dict(zip(chain(*parts), texts, strict=True))
    with MongoClient[Document](mongod.uri) as client:
        for database in databases:
            for collection in client[database].list_collection_names():
                texts = chain.from_iterable(map(texts_of, client[database][collection].find()))
                found[f"{database}, collection {collection}"] = "\n".join(texts)
            client.drop_database(database)
    return found


def texts_of(value: object) -> Iterator[str]:
    """Yield every text in a document: a secret is one, also of digits, and prices are none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from chain.from_iterable(map(texts_of, chain.from_iterable(value.items())))
    elif isinstance(value, list):
        yield from chain.from_iterable(map(texts_of, value))


def is_shown(part: str, text: str) -> bool:
    """Tell whether a text shows a part of a token; digits within a number are not the PIN."""
    return bool(re.search(rf"(?<![\w.]){part}(?!\w)" if part == PIN else re.escape(part), text))


def test_nothing_that_is_written_shows_a_part_of_a_token(written: Written) -> None:
    assert any("collection source" in case for case in written)
    for case, text in written.items():
        assert not [part for part in SHOWN if is_shown(part, text)], case


@pytest.mark.parametrize(
    "case",
    ["upstox, good as the setting", "upstox, good as the secret", "dhan, good as the setting"],
)
def test_good_token_is_used(written: Written, case: str) -> None:
    """Else nothing would be hidden here."""
    assert '"outcome":"stored"' in written[case]


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("ended as the secret", "the token of upstox ended at"),
        ("unknown as the setting", "UDAPI100050"),
        ("no JSON as the setting", "SOURCE_TOKENS='(hidden)': must be a JSON object by source"),
        ("no JSON as the secret", "SOURCE_SECRET_ARN='(hidden)': its secret must be a JSON"),
        ("of another as the setting", "SOURCE_TOKENS='other': must be by names out of nse,"),
        ("of another as the secret", "has a token of upstox"),
        ("as the ARN", "SOURCE_SECRET_ARN='(hidden)': must be the whole ARN"),
    ],
)
def test_operator_is_told_what_is_wrong(written: Written, case: str, told: str) -> None:
    assert told in written[f"upstox, {case}"]
