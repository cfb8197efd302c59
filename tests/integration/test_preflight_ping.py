"""The ping of a preflight against a real mongod, a closed port and bad URIs."""

import pytest

from local.mongod import Mongod, free_port
from local.preflight.database import ping
from optionchain.settings import SecretStr


@pytest.mark.parametrize(
    ("uri", "result"),
    [
        ("{mongod}", "answers"),
        ("mongodb://nobody:hush@{mongod.host}", "refused"),
        ("mongodb://127.0.0.1:{port}/", "unreachable"),
        ("nonsense", "invalid"),
        ("mongodb://u:p/w@h/", "invalid"),
        ("mongodb://u:p@h:99999/", "invalid"),
    ],
)
def test_a_ping_tells_what_is_wrong(mongod: Mongod, uri: str, result: str) -> None:
    host = mongod.uri.removeprefix("mongodb://")
    uri = uri.replace("{mongod.host}", host).replace("{mongod}", mongod.uri)
    assert ping(SecretStr(uri.replace("{port}", str(free_port())))) == result
