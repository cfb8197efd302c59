"""Tokens in the environment and in a secret: what is read, what stays, and what is never shown."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from chain_fetch.tokens.token_store import GivenTokens, SecretTokens, Values, token_store
from optionchain.aws_secret import SecretText
from optionchain.errors import SettingInvalid
from optionchain.settings import SecretStr, Settings
from tests.support.secret import Secret, simulated_aws
from tests.support.snapshots import TICK
from tests.support.tokens import token

HOUR = timedelta(hours=1)
OLD, NEW, NEWER = (token(TICK + number * HOUR) for number in range(3))
BAD = ["hush", '["hush"]', '{"dhan": "hush"}', '{"dhan": {"access_token": {"hush": 1}}}', ""]


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[Secret]:
    with simulated_aws(monkeypatch):
        made = Secret()
        made.put(json.dumps({"dhan": {"access_token": OLD, "pin": "1"}, "upstox": {"a": "b"}}))
        yield made


def shown(error: BaseException | None) -> str:
    """Return the text of an error with everything that it follows from."""
    return f"{error!r} {shown(error.__cause__ or error.__context__)}" if error else ""


@pytest.mark.parametrize("text", BAD)
def test_text_of_another_form_is_refused_and_never_shown(text: str, secret: Secret) -> None:
    if text:  # AWS takes no empty secret
        secret.put(text)
        with pytest.raises(SettingInvalid, match="must be a JSON object by source") as caught:
            token_store(Settings(source_secret_arn=secret.arn)).read()
        assert "hush" not in shown(caught.value)
    with pytest.raises(SettingInvalid, match=r"SOURCE_TOKENS='\(hidden\)': must be a") as caught:
        token_store(Settings(source_tokens=SecretStr(text)))
    assert "hush" not in shown(caught.value)


@pytest.mark.parametrize("text", [OLD, "hush", '{"dhan": {}}'])
def test_token_in_the_place_of_the_arn_is_not_shown(text: str) -> None:
    with pytest.raises(SettingInvalid, match=r"SOURCE_SECRET_ARN='\(hidden\)'"):
        token_store(Settings(source_secret_arn=text))


def test_without_a_setting_there_is_no_token() -> None:
    assert token_store(Settings()).read() == {}


def test_renewed_token_of_the_environment_is_kept_in_memory() -> None:
    store = GivenTokens({"dhan": {"access_token": OLD, "pin": "1"}})
    held = store.write("dhan", {"access_token": NEW}, OLD)
    assert held == store.read()["dhan"] == {"access_token": NEW, "pin": "1"}


def test_secret_that_is_absent_is_told_without_the_number_of_the_account(secret: Secret) -> None:
    with pytest.raises(SettingInvalid, match="may read \\(ResourceNotFoundException\\)") as caught:
        SecretTokens(f"{secret.arn}x").read()
    assert "123456789012" not in shown(caught.value)


def test_secret_that_cannot_be_written_is_told_without_what_was_to_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """AWS cannot be reached from here."""
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    class Read(SecretTokens):
        def _read(self) -> SecretText:
            return SecretText("{}", "of-the-version")

    store = Read("arn:aws:secretsmanager:ap-south-1:123456789012:secret:x")
    with pytest.raises(SettingInvalid, match=r"may write \(\w+Error\)") as caught:
        store.write("dhan", {"access_token": "hush"}, OLD)
    assert not [part for part in ("hush", "123456789012") if part in shown(caught.value)]


@pytest.mark.parametrize(
    ("stored", "stays"),
    [(OLD, False), (NEWER, True), ("opaque", True), (token(TICK - HOUR), False), ("", False)],
)
def test_newest_token_stays_in_the_secret_with_all_other_keys(
    secret: Secret, stored: str, stays: bool
) -> None:
    """Another recorder or a person may have put one there since the exchange."""
    secret.put(json.dumps({"dhan": {"access_token": stored, "pin": "2"}, "upstox": {"a": "b"}}))
    held = SecretTokens(secret.arn).write("dhan", {"access_token": NEW}, OLD)
    assert held == {"access_token": stored if stays else NEW, "pin": "2"}
    assert SecretTokens(secret.arn).read() == {"dhan": held, "upstox": {"a": "b"}}


def test_of_two_recorders_that_renew_at_once_the_later_token_stands(secret: Secret) -> None:
    """Both have read the same version; the second one to write has to read again."""

    class Interrupted(SecretTokens):
        def _parsed(self, text: str) -> Mapping[str, Values]:
            if OLD in text:
                SecretTokens(secret.arn).write("dhan", {"access_token": NEWER}, OLD)
            return super()._parsed(text)

    held = Interrupted(secret.arn).write("dhan", {"access_token": NEW}, OLD)
    assert held["access_token"] == NEWER
    assert SecretTokens(secret.arn).read()["dhan"]["access_token"] == NEWER
