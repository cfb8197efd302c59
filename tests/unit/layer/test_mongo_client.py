"""Where the database's URI comes from, and how PyMongo's errors are translated."""

import traceback
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from pymongo import ReadPreference
from pymongo.errors import (
    AutoReconnect,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from optionchain.errors import SettingInvalid, StoreRefused, StoreUnavailable
from optionchain.mongo.client import (
    OPERATION_TIMEOUT_MS,
    database_errors,
    naive_collection,
    open_database,
)
from optionchain.settings import Settings

SECRET = "tiger-17"
REGION = "ap-south-1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Secrets Manager, simulated in this process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        yield


def shown(error: BaseException) -> str:
    """Everything a log may show of an error, its causes included."""
    return "".join(traceback.format_exception(error)) + repr(error)


NO_URIS = [
    SECRET,
    f"https://u:{SECRET}@db.example/",
    f"mongodb://u:p@{SECRET}@db.example",
    f"mongodb://u:p/{SECRET}@db.example",
    f"mongodb://u:p%{SECRET}@db.example",
    f"mongodb://u:{SECRET}@db.example:port",
    f"mongodb://u:{SECRET}@db.example:99999",
    f"mongodb://u:{SECRET}@[::1",
    f"mongodb://u:{SECRET}@db.example/?option",
    f"mongodb://u:{SECRET}@db.example/a b$",
    f"mongodb+srv://u:{SECRET}@a.example,b.example",
]
CONTRADICTIONS = [
    f"mongodb://u:{SECRET}@",
    f"mongodb://u:{SECRET}@a.example,b.example/?directConnection=true",
]


@pytest.mark.parametrize("uri", [*NO_URIS, *CONTRADICTIONS])
def test_an_unusable_uri_is_named_by_its_setting_and_never_shown(uri: str) -> None:
    """PyMongo's message may quote the URI, so it is not even the context of the error."""
    with pytest.raises(SettingInvalid, match=r"MONGODB_URI") as caught:
        open_database(Settings.from_env({"MONGODB_URI": uri}))
    assert caught.value.name == "MONGODB_URI"
    assert SECRET not in shown(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert uri in CONTRADICTIONS or "must be a mongodb:// URI" in str(caught.value)


def test_a_host_that_cannot_be_found_is_a_database_away_at_the_first_operation() -> None:
    """So that an invocation starts, records its ticks as lost, and tries again."""
    uri = f"mongodb+srv://u:{SECRET}@127.0.0.1"
    database = open_database(Settings.from_env({"MONGODB_URI": uri}))
    with pytest.raises(StoreUnavailable) as caught, database_errors():
        database["ticks"].find_one()
    assert SECRET not in shown(caught.value)


def test_without_a_uri_or_a_secret_the_setting_that_is_missing_is_named() -> None:
    with pytest.raises(SettingInvalid, match=r"MONGODB_URI=None: .* or set MONGODB_SECRET_ARN"):
        open_database(Settings())


def test_a_database_is_opened_under_its_name_and_reads_aware_datetimes() -> None:
    settings = Settings.from_env(
        {"MONGODB_URI": "mongodb://db.example/?connect=false", "MONGODB_DATABASE": "chains"}
    )
    database = open_database(settings)
    database.client.close()
    assert database.name == "chains"
    assert database.codec_options.tz_aware


@pytest.mark.time_limits
@pytest.mark.parametrize(
    "options",
    [
        "w=0",
        "w=1&journal=false",
        "w=0&wtimeoutMS=1",
        "readPreference=secondary",
        "readPreference=nearest&readConcernLevel=linearizable",
        "readConcernLevel=available&retryWrites=false&retryReads=false",
    ],
)
def test_no_option_of_a_uri_changes_how_is_written_and_read(options: str) -> None:
    """With w=0 the same tick was claimed twice, and a secondary gave empty chains."""
    settings = Settings.from_env({"MONGODB_URI": f"mongodb://u:{SECRET}@db.example/?{options}"})
    database = open_database(settings)
    naive = naive_collection(database, "ticks")
    for handle in (database, database["ticks"], database.get_collection("ticks"), naive):
        assert handle.write_concern == WriteConcern("majority")
        assert handle.read_preference == ReadPreference.PRIMARY
        assert handle.read_concern == ReadConcern("local")
    client = database.client
    assert client.write_concern.document["w"] == "majority"
    assert (client.options.retry_writes, client.options.retry_reads) == (True, True)
    assert client.options.timeout == OPERATION_TIMEOUT_MS / 1e3
    client.close()


@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("readPreferenceTags=dc:x", "readPreferenceTags"),
        ("MAXSTALENESSSECONDS=120", "maxStalenessSeconds"),
    ],
)
def test_an_option_for_secondaries_is_refused_by_name(option: str, name: str) -> None:
    uri = f"mongodb://u:{SECRET}@db.example/?readPreference=secondary&{option}"
    with pytest.raises(SettingInvalid, match=f"must not have {name}") as caught:
        open_database(Settings.from_env({"MONGODB_URI": uri}))
    assert SECRET not in shown(caught.value)


def with_secret(**value: Any) -> Settings:  # noqa: ANN401  (text or bytes)
    """Store a secret, and return the settings that name it."""
    arn = boto3.client("secretsmanager").create_secret(Name="uri", **value)["ARN"]
    return Settings(mongodb_secret_arn=arn)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("end", ["", "\n"])
def test_the_uri_is_read_from_secrets_manager_if_none_is_given(end: str) -> None:
    """A secret that was written from a file ends with a line break."""
    uri = f"mongodb://u:{SECRET}@db.example/?connect=false{end}"
    database = open_database(with_secret(SecretString=uri))
    database.client.close()
    assert "db.example" in repr(database.client)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    "value",
    [
        {"SecretString": f'{{"password": "{SECRET}"}}'},
        {"SecretString": "  "},
        {"SecretBinary": b"mongodb://db.example"},
        {},
    ],
)
def test_a_secret_that_is_no_uri_is_named_and_not_shown(value: dict[str, Any]) -> None:
    settings = with_secret(**value)
    with pytest.raises(SettingInvalid) as caught:
        open_database(settings)
    assert str(caught.value).startswith(f"MONGODB_SECRET_ARN='{settings.mongodb_secret_arn}': ")
    assert SECRET not in shown(caught.value)


def test_a_uri_in_the_place_of_the_arn_is_hidden_and_sent_nowhere() -> None:
    """Without Secrets Manager, simulated or not: a unit test has no network."""
    uri = f"mongodb://u:{SECRET}@db.example"
    with pytest.raises(SettingInvalid, match="must be the ARN of a secret") as caught:
        open_database(Settings(mongodb_secret_arn=uri))
    assert caught.value.name == "MONGODB_SECRET_ARN"
    assert SECRET not in shown(caught.value)


@pytest.mark.usefixtures("aws")
def test_a_secret_that_cannot_be_read_is_named_with_aws_s_reason() -> None:
    arn = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:none"
    with pytest.raises(SettingInvalid, match="ResourceNotFoundException") as caught:
        open_database(Settings(mongodb_secret_arn=arn))
    assert caught.value.name == "MONGODB_SECRET_ARN"
    assert arn in str(caught.value)


@pytest.mark.parametrize("error", [AutoReconnect("gone"), ServerSelectionTimeoutError("nobody")])
def test_pymongo_s_errors_become_store_unavailable(error: PyMongoError) -> None:
    with pytest.raises(StoreUnavailable, match=str(error)) as caught, database_errors():
        raise error
    assert caught.value.__cause__ is error


ATLAS = "user is not allowed to do action [dbStats] on [option_chain.]"


@pytest.mark.parametrize(
    ("code", "message", "refused"),
    [
        (13, "not authorized on option_chain to execute command { dbStats: 1 }" + "x" * 900, True),
        (8_000, ATLAS, True),
        (8_000, "bad auth : authentication failed", False),
        (18, "Authentication failed.", False),
        (50, "operation exceeded time limit", False),
    ],
)
def test_a_missing_right_is_told_from_a_database_away(
    code: int, message: str, refused: bool
) -> None:
    error = OperationFailure(message, code, {"errmsg": message, "code": code})
    with pytest.raises(StoreUnavailable) as caught, database_errors():
        raise error
    assert isinstance(caught.value, StoreRefused) is refused
    if refused:
        assert str(caught.value) == f"MongoDB refuses the user this right: {message[:100]}"


def test_other_errors_are_not_translated() -> None:
    with pytest.raises(ZeroDivisionError), database_errors():
        raise ZeroDivisionError
