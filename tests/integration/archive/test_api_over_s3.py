"""The API over sealed days in an S3 that fails: a 503 and no half answer, and then the answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from chain_archive.sealing import seal
from local.mongod import Mongod
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import Indexes
from optionchain.settings import SecretStr, Settings
from tests.support.api import client, problem
from tests.support.archived_week import DAYS, FRIDAY, Week, at, evict
from tests.support.mongomock_database import AnyDatabase
from tests.support.s3_server import Fault, S3Server, s3_server
from tests.support.settings import changed

NOW = at(FRIDAY, "12:00:00").replace(day=20)
COLD = {"as_of": "2026-06-16T11:00:07", "expiry": "all"}
NIFTY = "/option-chain/NIFTY"
# Two of each are more than botocore's attempts.
FAULTS = [
    Fault("error", "GET", 500, "InternalError"),
    Fault("error", "GET", 503, "SlowDown"),
    Fault("cut_download", "GET"),
    Fault("short_length", "GET"),
    Fault("changed", "GET"),
]


@dataclass
class Sealed:
    """A week whose first days are in S3 alone, and what was answered while they were hot."""

    server: S3Server
    database: AnyDatabase
    settings: Settings
    answer: bytes

    def api(self) -> TestClient:
        """Return the API in a new environment, which has read nothing yet."""
        return client(self.database, NOW, self.settings)


@pytest.fixture(scope="module")
def week(mongod: Mongod) -> Iterator[Sealed]:
    """The week, sealed into S3 over HTTP; MongoDB has the last two days."""
    uri, name = SecretStr(mongod.uri), f"t{uuid4().hex}"
    settings = Settings(mongodb_uri=uri, mongodb_database=name, retention_days=3_650)
    database = open_database(settings)
    Indexes(database, settings.retention_days).ensure()
    Week(database).record()
    hot = client(database, NOW, settings).get(NIFTY, params=COLD)
    assert hot.status_code == 200
    with pytest.MonkeyPatch.context() as environment, s3_server(environment) as server:
        for day in DAYS:
            assert seal(database, server.store, "NIFTY", day)
        evict(database, at(DAYS[3], "00:00:00"))
        settings = changed(settings, retention_days=2, archive_url=server.store.url)
        yield Sealed(server, database, settings, hot.content)
    database.client.drop_database(database.name)
    database.client.close()


@pytest.fixture
def sealed(week: Sealed) -> Sealed:
    """The same, and S3 answers well and at once until a test says otherwise."""
    week.server.faults.clear()
    week.server.fail_after(0)
    week.server.delay = 0.0
    week.server.requests.clear()
    return week


def test_cold_day_is_answered_from_s3_as_it_was(sealed: Sealed) -> None:
    response = sealed.api().get(NIFTY, params=COLD)
    assert (response.status_code, response.content) == (200, sealed.answer)
    assert response.headers["X-Storage"] == "archive"


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}-{fault.status}")
@pytest.mark.parametrize("after", [0, 1, 2])
def test_fault_of_s3_is_a_503_and_then_the_answer(sealed: Sealed, fault: Fault, after: int) -> None:
    """Whichever read it hits: of a listing, of a manifest, or of a file."""
    api = sealed.api()
    sealed.server.fail_after(after, fault, fault)
    response = api.get(NIFTY, params=COLD)
    if response.status_code != 200:
        problem(response, 503, "archive-unavailable")
        assert response.headers["Retry-After"] == "5"
        response = api.get(NIFTY, params=COLD)
    assert (response.status_code, response.content) == (200, sealed.answer)


def test_file_that_is_another_one_is_a_503_that_names_it(sealed: Sealed) -> None:
    store = sealed.server.store
    (key,) = [each.key for each in store.keys("files/NIFTY/2026-06-16/headers")]
    whole = store.read(key)
    assert whole
    store.replace(key, whole.data[:-1] + b"2", whole.tag)
    body = problem(sealed.api().get(NIFTY, params=COLD), 503, "archive-damaged")
    assert key in body["detail"]
    damaged = store.read(key)
    assert damaged
    assert store.replace(key, whole.data, damaged.tag)


def test_what_is_about_now_is_answered_without_a_request_to_s3(sealed: Sealed) -> None:
    """Of the configured symbols BANKNIFTY was never recorded, so it has nothing in the database."""
    plain = client(sealed.database, NOW, changed(sealed.settings, archive_url=None))
    api = sealed.api()
    below = ("", "/strikes", "/expiry-dates", "/analytics", "/snapshots", "/gaps")
    service = ("/health", "/stats", "/symbols", "/pipeline/status", "/")
    for path in (*service, *(NIFTY + each for each in below), f"{NIFTY}?as_of=2026-06-19T11:00:07"):
        response = api.get(path)
        assert response.status_code == plain.get(path).status_code, path
        assert response.headers.get("X-Storage", "database") == "database", path
    assert sealed.server.requests == []


def test_cold_chain_takes_few_requests(sealed: Sealed) -> None:
    """At 20 ms each, as a bucket of the same region takes, they are 0.4 s."""
    api = sealed.api()
    assert api.get(NIFTY, params=COLD).status_code == 200
    first = len(sealed.server.requests)
    assert first < 20
    assert api.get(NIFTY, params=COLD).status_code == 200
    # The second time nothing is asked.
    assert len(sealed.server.requests) == first
