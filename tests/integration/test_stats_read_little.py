"""/stats of a long recording reads a few hundred headers, not all of them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from local.mongod import Mongod
from optionchain.mongo.documents import header_document
from optionchain.mongo.header_counts import HeaderCounts
from tests.support.api import NOW, client, read
from tests.support.commands import Watched, examined, watched
from tests.support.snapshots import TICK, snapshot

# As many as 200,000 over 30 days have in ten hours.
HEADERS = 10_000
STEP = timedelta(seconds=3.6)


@pytest.fixture(scope="module")
def recording(mongod: Mongod) -> Iterator[Watched]:
    with watched(mongod, "stats") as (database, commands):
        header = header_document(snapshot())
        ticks = (TICK - number * STEP for number in range(HEADERS))
        headers = [dict(header) | {"fetched_at": tick, "last_seen_at": tick} for tick in ticks]
        database["snapshots"].insert_many(headers)
        yield database, commands


def headers_read(recording: Watched, api: TestClient) -> int:
    """Return how many headers a request for /stats examines."""
    database, commands = recording
    with commands.kept() as sent:
        assert read(api, "/stats")["total_snapshots"] == HEADERS
        asked = list(sent)
    return sum(
        examined(database, command)
        for command in asked
        if "snapshots" in (command.get("find"), command.get("aggregate"))
    )


def test_environment_reads_all_headers_at_most_once(recording: Watched) -> None:
    api = client(recording[0])
    assert HEADERS <= headers_read(recording, api) <= HEADERS + 1_000
    for _ in range(2):
        assert headers_read(recording, api) < HEADERS / 10


def test_new_environment_reads_what_the_recorder_has_added_up(recording: Watched) -> None:
    HeaderCounts(recording[0]).write(NOW)
    assert headers_read(recording, client(recording[0])) < HEADERS / 10
