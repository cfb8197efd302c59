"""The ping of a preflight: what a real mongod, a closed port and a bad URI come to."""

import pytest
from pydantic import SecretStr

from local.mongod import Mongod, free_port
from local.preflight.database import ping


def test_database_that_is_there_answers(mongod: Mongod) -> None:
    assert ping(SecretStr(mongod.uri)) == "answers"


def test_user_that_the_server_does_not_know_is_refused(mongod: Mongod) -> None:
    uri = mongod.uri.replace("mongodb://", "mongodb://nobody:hush@")
    assert ping(SecretStr(uri)) == "refused"


def test_port_that_is_closed_is_out_of_reach() -> None:
    assert ping(SecretStr(f"mongodb://127.0.0.1:{free_port()}/")) == "unreachable"


@pytest.mark.parametrize("uri", ["nonsense", "mongodb://u:p/w@h/", "mongodb://u:p@h:99999/"])
def test_uri_that_cannot_be_read_is_invalid(uri: str) -> None:
    assert ping(SecretStr(uri)) == "invalid"
