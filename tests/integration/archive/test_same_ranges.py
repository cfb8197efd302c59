"""A range of time is answered page by page, byte by byte, as before its days left the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest

from local.mongod import Mongod
from optionchain.archive.folder_store import FolderStore
from optionchain.mongo.client import open_database
from optionchain.mongo.disagreement_register import DisagreementRegister
from optionchain.mongo.indexes import Indexes
from optionchain.settings import SecretStr, Settings
from tests.support.api import client
from tests.support.archive_ranges import Pages, pages, ranges
from tests.support.archive_requests import Asked
from tests.support.archived_week import Week, evict, seal_week
from tests.support.mongomock_database import AnyDatabase
from tests.support.sealed_week import NOW, disagree
from tests.support.settings import changed

SEED = 7
ASKED = 240


@dataclass
class Recorded:
    """What was answered while all was in the database."""

    settings: Settings
    database: AnyDatabase
    answers: dict[Asked, Pages]


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
    disagree(DisagreementRegister(database))
    api = client(database, NOW, settings)
    every = list(ranges(api))
    chosen = Random(SEED).sample(every, min(ASKED, len(every)))
    answers = {request: pages(api, request) for request in chosen}
    seal_week(database, FolderStore(folder))
    yield Recorded(changed(settings, archive_url=str(folder)), database, answers)
    database.client.drop_database(database.name)
    database.client.close()


def check(recorded: Recorded, retention_days: int) -> None:
    """Check that every page is as it was; say how those differ that are not."""
    settings = changed(recorded.settings, retention_days=retention_days)
    api = client(recorded.database, NOW, settings)
    differing = [
        (request, found, expected)
        for request, expected in recorded.answers.items()
        if (found := pages(api, request)) != expected
    ]
    assert not differing, f"{len(differing)} of {len(recorded.answers)}, at first {differing[:1]}"


def test_ranges_are_answered_at_all(recorded: Recorded) -> None:
    statuses = [page.status for answer in recorded.answers.values() for page in answer]
    assert statuses.count(200) > len(statuses) / 2
    assert set(statuses) == {200, 404}
    assert max(map(len, recorded.answers.values())) > 2


@pytest.mark.parametrize("retention_days", [30, 3, 1])
def test_ranges_stay_the_same_as_days_leave_the_database(
    recorded: Recorded, retention_days: int
) -> None:
    """From a database that has everything, day after day, each at noon, to one with nothing."""
    evict(recorded.database, NOW - timedelta(days=retention_days))
    check(recorded, retention_days)


def test_ranges_stay_the_same_without_a_document_in_the_database(recorded: Recorded) -> None:
    evict(recorded.database, NOW)
    check(recorded, 1)
