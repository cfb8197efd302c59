"""Where the database's URI comes from, and the seam between the driver's errors and ours."""

import traceback
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from pymongo.errors import AutoReconnect, PyMongoError, ServerSelectionTimeoutError

from optionchain.errors import OptionChainError, SettingInvalid, StoreUnavailable
from optionchain.mongo.client import database_errors, open_database
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


@pytest.mark.parametrize(
    "uri",
    [
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
    ],
)
def test_a_uri_that_is_none_names_its_setting_and_hides_itself(uri: str) -> None:
    """Neither the message nor the traceback repeats PyMongo's, which may quote the URI."""
    with pytest.raises(SettingInvalid, match=r"MONGODB_URI.*must be a mongodb:// URI") as caught:
        open_database(Settings.from_env({"MONGODB_URI": uri}))
    assert caught.value.name == "MONGODB_URI"
    assert SECRET not in shown(caught.value)


@pytest.mark.parametrize(
    "uri",
    [
        f"mongodb://u:{SECRET}@",
        f"mongodb://u:{SECRET}@a.example,b.example/?directConnection=true",
    ],
)
def test_a_uri_that_contradicts_itself_names_its_setting_and_hides_itself(uri: str) -> None:
    with pytest.raises(SettingInvalid, match="MONGODB_URI") as caught:
        open_database(Settings.from_env({"MONGODB_URI": uri}))
    assert SECRET not in shown(caught.value)


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


@pytest.mark.usefixtures("aws")
def test_the_uri_is_read_from_secrets_manager_where_no_uri_is_given() -> None:
    manager = boto3.client("secretsmanager")
    uri = f"mongodb://u:{SECRET}@db.example/?connect=false"
    arn = manager.create_secret(Name="uri", SecretString=uri)["ARN"]
    database = open_database(Settings(mongodb_secret_arn=arn))
    database.client.close()
    assert "db.example" in repr(database.client)


@pytest.mark.usefixtures("aws")
def test_a_secret_that_is_no_uri_hides_itself() -> None:
    manager = boto3.client("secretsmanager")
    arn = manager.create_secret(Name="uri", SecretString=f'{{"password": "{SECRET}"}}')["ARN"]
    with pytest.raises(SettingInvalid) as caught:
        open_database(Settings(mongodb_secret_arn=arn))
    assert SECRET not in shown(caught.value)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    "value", [{"SecretString": "  "}, {"SecretBinary": b"mongodb://db.example"}, {}]
)
def test_a_secret_without_a_text_names_its_setting(value: dict[str, Any]) -> None:
    arn = boto3.client("secretsmanager").create_secret(Name="uri", **value)["ARN"]
    with pytest.raises(SettingInvalid) as caught:
        open_database(Settings(mongodb_secret_arn=arn))
    assert str(caught.value).startswith(f"MONGODB_SECRET_ARN='{arn}': ")


@pytest.mark.usefixtures("aws")
def test_a_secret_that_came_by_a_file_may_end_with_a_line() -> None:
    uri = "mongodb://db.example/chains\n"
    arn = boto3.client("secretsmanager").create_secret(Name="uri", SecretString=uri)["ARN"]
    database = open_database(Settings(mongodb_secret_arn=arn))
    database.client.close()
    assert database.client.nodes == frozenset()


def test_a_uri_in_the_place_of_the_arn_is_hidden_and_sent_nowhere() -> None:
    """Without Secrets Manager, simulated or not: a unit test has no network."""
    uri = f"mongodb://u:{SECRET}@db.example"
    with pytest.raises(SettingInvalid, match="must be the ARN of a secret") as caught:
        open_database(Settings(mongodb_secret_arn=uri))
    assert caught.value.name == "MONGODB_SECRET_ARN"
    assert SECRET not in shown(caught.value)


def test_what_pymongo_says_of_a_uri_is_not_even_the_context_of_the_error() -> None:
    with pytest.raises(SettingInvalid) as caught:
        open_database(Settings.from_env({"MONGODB_URI": f"mongodb://u:{SECRET}@db.example:port"}))
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.usefixtures("aws")
def test_a_secret_that_cannot_be_read_is_named_with_aws_s_reason() -> None:
    arn = f"arn:aws:secretsmanager:{REGION}:123456789012:secret:none"
    with pytest.raises(SettingInvalid, match="ResourceNotFoundException") as caught:
        open_database(Settings(mongodb_secret_arn=arn))
    assert caught.value.name == "MONGODB_SECRET_ARN"
    assert arn in str(caught.value)


@pytest.mark.parametrize("error", [AutoReconnect("gone"), ServerSelectionTimeoutError("nobody")])
def test_the_driver_s_errors_become_the_project_s_own(error: PyMongoError) -> None:
    with pytest.raises(StoreUnavailable, match=str(error)) as caught, database_errors():
        raise error
    assert caught.value.__cause__ is error


def test_other_errors_pass_the_seam_unchanged() -> None:
    with pytest.raises(ZeroDivisionError), database_errors():
        raise ZeroDivisionError


def test_every_error_of_the_project_is_one_kind() -> None:
    assert issubclass(SettingInvalid, OptionChainError)
    assert issubclass(StoreUnavailable, OptionChainError)
