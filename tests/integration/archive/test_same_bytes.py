"""A day that has left the database is answered from the archive, byte by byte as before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from random import Random
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from local.mongod import Mongod
from optionchain.archive.folder_store import FolderStore
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import Indexes
from optionchain.settings import SecretStr, Settings
from tests.support.api import client
from tests.support.archive_requests import (
    Answered,
    Asked,
    answer,
    at_moment,
    latest,
    moments,
    next_page,
    of_days,
)
from tests.support.archived_week import FRIDAY, Week, at, evict, seal_week
from tests.support.mongomock_database import AnyDatabase
from tests.support.settings import changed

# On the Saturday after the week.
NOW = at(FRIDAY, "12:00:00").replace(day=20)
SEED = 3
ASKED = 350


@dataclass
class Recorded:
    """What was answered while all was in the database."""

    settings: Settings
    database: AnyDatabase
    answers: dict[Asked, Answered]
    ledgers: dict[Asked, Answered]

    def api(self, retention_days: int) -> TestClient:
        """Return the API over what is left in the database, and the archive."""
        settings = changed(self.settings, retention_days=retention_days)
        return client(self.database, NOW, settings)


@pytest.fixture(scope="module")
def recorded(mongod: Mongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    """The week, its answers, and its archive; each test that follows lets more of it go."""
    folder = tmp_path_factory.mktemp("archive")
    settings = Settings(
        mongodb_uri=SecretStr(mongod.uri), mongodb_database=f"t{uuid4().hex}", retention_days=3_650
    )
    database = open_database(settings)
    Indexes(database, settings.retention_days).ensure()
    Week(database).record()
    api = client(database, NOW, settings)
    every = [request for moment in moments() for request in at_moment(moment)]
    chosen = [*latest(), *Random(SEED).sample(every, ASKED)]
    answers = {request: answer(api, request) for request in chosen}
    pages = [next_page(request, before) for request, before in answers.items()]
    answers |= {page: answer(api, page) for page in pages if page}
    ledgers = {request: answer(api, request) for request in of_days()}
    seal_week(database, FolderStore(folder))
    yield Recorded(changed(settings, archive_url=str(folder)), database, answers, ledgers)
    database.client.drop_database(database.name)
    database.client.close()


def check(api: TestClient, answers: Mapping[Asked, Answered]) -> None:
    """Check that every answer is as it was; say how those differ that are not."""
    found = {request: answer(api, request) for request in answers}
    differing = [
        (request, found[request], answers[request])
        for request in answers
        if found[request] != answers[request]
    ]
    assert not differing, f"{len(differing)} of {len(answers)}, at first {differing[:2]}"


def test_week_is_answered_at_all(recorded: Recorded) -> None:
    statuses = [each.status for each in recorded.answers.values()]
    assert statuses.count(200) > len(statuses) / 2
    assert set(statuses) == {200, 404, 422}


@pytest.mark.parametrize("retention_days", [30, 3, 1])
def test_answers_stay_the_same_as_days_leave_the_database(
    recorded: Recorded, retention_days: int
) -> None:
    """From a database that has everything, day after day, each at noon, to one with nothing."""
    until = NOW - timedelta(days=retention_days)
    evict(recorded.database, until)
    api = recorded.api(retention_days)
    check(api, recorded.answers)


def test_answers_stay_the_same_without_a_document_in_the_database(recorded: Recorded) -> None:
    evict(recorded.database, NOW)
    api = recorded.api(1)
    check(api, recorded.answers)
    # When the record began is another instant for days that are still in the database.
    check(api, recorded.ledgers)


def test_client_that_has_an_answer_still_has_it(recorded: Recorded) -> None:
    evict(recorded.database, NOW)
    api = recorded.api(1)
    for request, before in recorded.answers.items():
        if tag := before.headers.get("etag"):
            again = api.get(
                request.path,
                params=dict(request.parameters) or None,
                headers={"If-None-Match": tag},
            )
            assert again.status_code == 304
            assert again.headers["ETag"] == tag


def test_absolute_moments_read_the_same_months_later(recorded: Recorded) -> None:
    """A later request differs in nothing but what caches are told."""
    evict(recorded.database, NOW)
    settings = changed(recorded.settings, retention_days=30)
    api = client(recorded.database, NOW + timedelta(days=100), settings)
    for request, before in islice(recorded.answers.items(), 60, 160):
        if before.status == 200:
            found = answer(api, request)
            assert found.content == before.content
            assert found.headers.get("etag") == before.headers.get("etag")


def test_answer_says_where_it_was_read(recorded: Recorded) -> None:
    evict(recorded.database, NOW)
    told = recorded.api(1).get("/option-chain/NIFTY", params={"as_of": "2026-06-18T12:00"})
    assert told.headers["X-Storage"] == "archive"
