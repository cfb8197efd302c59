"""A MongoDB with the roles and users that docs/operations.md makes."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bson.codec_options import CodecOptions
from pymongo.database import Database

from optionchain.mongo.client import Document, open_database
from optionchain.settings import SecretStr, Settings
from tests.infrastructure.files import text_of
from tests.support.mongomock_database import AnyDatabase
from tests.support.secret import guarded

DATABASE = "option_chain"
DOCUMENT = text_of("docs/operations.md")
ROLES = {
    role["createRole"]: role
    for text in re.findall(r"^db\.runCommand\((\{$.*?^\})\)$", DOCUMENT, re.M | re.S)
    for role in [json.loads(text)]
}
ATLAS = dict(re.findall(r"customDbRoles create (\w+) --privilege \\\n +(\S+)", DOCUMENT))
USERS = {"recorder": "optionChainRecorder", "reader": "optionChainReader"}


class Server(NamedTuple):
    """A MongoDB with the documented roles and users; `root` may do all."""

    root: AnyDatabase
    port: int

    def settings(self, user: str, **changes: object) -> Settings:
        login = f"{user}:word"
        uri = f"mongodb://{login}@127.0.0.1:{self.port}/?replicaSet=rs0"
        given: dict[str, object] = {"mongodb_uri": SecretStr(uri), "mongodb_database": DATABASE}
        return Settings(**(given | changes))  # type: ignore[arg-type]

    def database(self, user: str) -> AnyDatabase:
        return open_database(self.settings(user))


@contextmanager
def documented_server(folder: Path) -> Iterator[Server]:
    """Start a real MongoDB in which an operator has run the documented commands."""
    with guarded(folder, "unused") as found:
        admin: Database[Document] = found.root.admin
        for role in ROLES.values():
            admin.command(role)
        for user, role_name in USERS.items():
            admin.command("createUser", user, pwd="word", roles=[role_name])
        options: CodecOptions[Document] = CodecOptions(tz_aware=True)
        root = found.root.get_database(DATABASE, codec_options=options)
        yield Server(root, found.server.port)
