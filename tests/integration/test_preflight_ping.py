"""What a preflight asks a real mongod, a closed port and bad URIs."""

import pytest

from local.mongod import Mongod, free_port
from local.preflight.database import compression, ping
from optionchain.mongo.compressed_collections import Compression
from optionchain.settings import SecretStr
from tests.support.mongomock_database import AnyDatabase


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


def test_it_tells_how_collections_are_stored(shared_database: AnyDatabase) -> None:
    host, port = shared_database.client.address or ("", 0)
    uri = SecretStr(f"mongodb://{host}:{port}/?directConnection=true")
    found = compression(uri, shared_database.name)
    assert found == dict.fromkeys(
        ("option_chain", "snapshots", "ticks"), Compression("zstd", "zstd")
    )
    assert compression(uri, "nothing_yet") == dict.fromkeys(found)
    assert compression(SecretStr(f"mongodb://127.0.0.1:{free_port()}/"), "nothing_yet") is None
    assert compression(SecretStr("nonsense"), "nothing_yet") is None
