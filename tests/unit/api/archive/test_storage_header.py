"""X-Storage says where the snapshots of an answer were read."""

import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from chain_api.archive.storage_header import StorageHeader
from chain_api.archive.storage_used import Storage, begin, header_value, note
from optionchain.settings import Settings
from tests.support.api import CHAIN, FILTER, client, database_with
from tests.support.mongomock_database import uses_mongomock
from tests.support.snapshots import snapshot

pytestmark = uses_mongomock

GZIP = {"accept-encoding": "gzip"}


@pytest.mark.parametrize("archive", [None, "/nowhere/archive"])
def test_every_answer_about_snapshots_says_it(archive: str | None) -> None:
    api = client(database_with(snapshot([24_000.0])), settings=Settings(archive_url=archive))
    below = ("", "/strikes", "/expiry-dates", "/snapshots", "/history?strike=24000", "/gaps")
    for path in (*(CHAIN + each for each in below), CHAIN):  # the last one is cached
        for response in (api.get(path), api.head(path), api.get(path, headers=GZIP)):
            assert response.status_code == 200
            assert response.headers["X-Storage"] == "database", path
            if tag := response.headers.get("etag"):
                again = api.get(path, headers={"if-none-match": tag})
                assert (again.status_code, again.headers["X-Storage"]) == (304, "database")
    filtered = api.post(FILTER, json={"symbol": "NIFTY"})
    assert filtered.headers["X-Storage"] == "database"


def test_other_answers_and_problems_do_not(api: TestClient) -> None:
    paths = ("/", "/health", "/stats", "/symbols", f"{CHAIN}?limit=1", "/option-chain/NOPE", "/no")
    for path in paths:
        assert "X-Storage" not in api.get(path).headers, path


@pytest.mark.parametrize(
    ("read", "value"),
    [
        ((), "database"),
        (("database",), "database"),
        (("archive",), "archive"),
        (("archive", "database", "archive"), "both"),
    ],
)
@pytest.mark.parametrize("threaded", [True, False])
def test_it_names_what_was_read_in_whatever_thread(
    read: tuple[Storage, ...], value: str, *, threaded: bool
) -> None:
    to_read = list(read)

    def read_all() -> None:
        for storage in to_read:
            note(storage)

    async def answer(_: Request) -> Response:
        if threaded:
            await run_in_threadpool(read_all)
        else:
            read_all()
        return Response()

    app = StorageHeader(Starlette(routes=[Route("/option-chain/NIFTY", answer)]))
    api = TestClient(app)
    assert api.get(CHAIN).headers["X-Storage"] == value
    # Each request begins anew.
    to_read.clear()
    assert api.get(CHAIN).headers["X-Storage"] == "database"


def test_note_outside_of_a_request_does_nothing() -> None:
    note("archive")
    assert header_value(begin()) == "database"
