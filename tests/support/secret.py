"""A secret in a simulated Secrets Manager, and a MongoDB that asks for user and password."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber
from pymongo import MongoClient

from local.mongod import Mongod
from optionchain.mongo.client import Document

USER = "recorder-of-chains"
REGION = "ap-south-1"
# One request at a time: moto is not made for several threads. It closes the content of an object
# that one thread replaces while another one still answers of it.
MOTO = threading.Lock()


@contextmanager
def simulated_aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Simulate AWS in this process, with credentials that are valid nowhere else."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    process = BotocoreStubber.process_request

    def process_alone(stubber: BotocoreStubber, request: AWSPreparedRequest) -> object:
        with MOTO:
            return process(stubber, request)

    monkeypatch.setattr(BotocoreStubber, "process_request", process_alone)
    with mock_aws():
        yield


class Secret:
    """A secret, created without a value as the stack does."""

    def __init__(self) -> None:
        self._manager = boto3.client("secretsmanager")
        self.arn = str(self._manager.create_secret(Name="uri")["ARN"])

    def put(self, text: str) -> None:
        """Give it a value, as the operator does."""
        self._manager.put_secret_value(SecretId=self.arn, SecretString=text)


@dataclass(frozen=True)
class Guarded:
    """A mongod with one user; `root` may do all."""

    server: Mongod
    root: MongoClient[Document]

    def uri(self, password: str) -> str:
        """Return the URI of the user with this password."""
        return f"mongodb://{USER}:{password}@127.0.0.1:{self.server.port}/?replicaSet=rs0"

    def change(self, password: str) -> None:
        """Give the user another password, and cut its connections as a fail-over would."""
        self.root.admin.command("updateUser", USER, pwd=password)
        self.cut()

    def replace(self, password: str) -> None:
        """Replace the user, whose connections stay open."""
        self.root.admin.command("dropUser", USER)
        self.add(password)

    def add(self, password: str) -> None:
        """Create the user."""
        self.root.admin.command("createUser", USER, pwd=password, roles=["readWriteAnyDatabase"])

    def cut(self) -> None:
        """Make the next command of a function close its connection and those in its pool."""
        point = {"configureFailPoint": "failCommand", "mode": {"times": 1}}
        commands = ["aggregate", "count", "distinct", "find", "insert", "update", "dbStats"]
        data = {"failCommands": commands, "closeConnection": True, "appName": "nse-option-chain"}
        self.root.admin.command({**point, "data": data})


@contextmanager
def guarded(folder: Path, password: str) -> Iterator[Guarded]:
    """Start a mongod with a user of this password."""
    key = folder / "key"
    key.write_text("betweenTheMembersOfOne12", encoding="ascii")
    key.chmod(0o600)  # mongod refuses any other mode
    options = ("--keyFile", str(key), "--setParameter", "enableTestCommands=1")
    with Mongod(folder, options=options) as server:
        uri = f"mongodb://{{}}127.0.0.1:{server.port}/?directConnection=true"
        # mongod lets the first one in without a name.
        with MongoClient[Document](uri.format("")) as first:
            first.admin.command("createUser", "root", pwd="root", roles=["root"])
        with MongoClient[Document](uri.format("root:root@")) as root:
            found = Guarded(server, root)
            found.add(password)
            yield found
