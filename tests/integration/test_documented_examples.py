"""The examples in README.md and docs/ are what the application answers."""

from pathlib import Path

import pytest

from local.documentation.curl import DocumentedRequest, request_of
from local.documentation.examples import DOCUMENTS, application, with_answers
from local.openapi.example_archive import sealed_example
from local.openapi.example_session import record
from tests.support.mongomock_database import AnyDatabase


def test_documented_answers_are_what_the_application_answers(database: AnyDatabase) -> None:
    """After a change of answers: `make docs`."""
    record(database)
    with sealed_example(database) as archive:
        client = application(database, archive)
        for document in DOCUMENTS:
            text = document.read_text(encoding="utf-8")
            assert with_answers(text, client) == text, document.name


def test_readme_shows_six_requests_with_their_answers() -> None:
    readme = Path(DOCUMENTS[0]).read_text(encoding="utf-8")
    assert readme.count("<!-- example") == readme.count("<!-- /example -->") == 6


def test_a_request_is_read_from_its_curl_command() -> None:
    command = "curl -X PUT 'http://127.0.0.1:8000/a?b=c' \\\n  -H 'Accept: text/csv' -d '{}'"
    assert request_of(command) == DocumentedRequest("PUT", "/a?b=c", {"Accept": "text/csv"}, "{}")


@pytest.mark.parametrize("command", ["wget http://127.0.0.1:8000/", "curl -k http://127.0.0.1/"])
def test_a_command_that_the_writer_cannot_ask_is_refused(command: str) -> None:
    with pytest.raises(ValueError, match="an example"):
        request_of(command)
