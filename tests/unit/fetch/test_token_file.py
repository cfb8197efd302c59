"""Recorders of one machine share the tokens of a file: what one renews the others find."""

import json
import stat
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest

from chain_fetch.tokens.token_store import TokenStore, token_store
from local.run.shared_tokens import share_tokens
from optionchain.errors import SettingInvalid
from optionchain.settings import SecretStr, Settings
from tests.support.tokens import token

NOON = datetime(2026, 9, 16, 6, 30, tzinfo=UTC)
OLD, NEW = token(NOON), token(NOON + timedelta(hours=1))


def store_of(path: Path) -> TokenStore:
    return token_store(Settings(source_tokens=SecretStr(str(path))))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    kept = tmp_path / "tokens.json"
    kept.write_text(json.dumps({"dhan": {"access_token": OLD, "pin": "1"}, "upstox": {}}))
    return kept


def test_what_one_recorder_renews_the_others_find(path: Path) -> None:
    one, other = store_of(path), store_of(path)
    held = one.write("dhan", {"access_token": NEW}, OLD)
    assert other.read() == {"dhan": {"access_token": NEW, "pin": "1"}, "upstox": {}}
    assert held == other.read()["dhan"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_newer_token_stays(path: Path) -> None:
    store_of(path).write("dhan", {"access_token": NEW}, OLD)
    older = token(NOON + timedelta(minutes=1))
    held = store_of(path).write("dhan", {"access_token": older}, OLD)
    assert held["access_token"] == NEW


def test_recorders_that_write_at_once_lose_nothing(path: Path) -> None:
    names = [f"source{number}" for number in range(8)]
    threads = [
        Thread(target=store_of(path).write, args=(name, {"access_token": name}, ""))
        for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = store_of(path).read()
    assert {name: found[name]["access_token"] for name in names} == {name: name for name in names}


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"dhan": "a token"}'])
def test_a_file_of_another_form_is_told_without_its_text(path: Path, text: str) -> None:
    path.write_text(text)
    with pytest.raises(SettingInvalid, match=r"SOURCE_TOKENS='\(hidden\)'") as caught:
        store_of(path).read()
    assert text not in str(caught.value)


def test_a_file_that_is_not_there_is_told_without_its_path(tmp_path: Path) -> None:
    with pytest.raises(SettingInvalid, match="its file cannot be read: No such file") as caught:
        store_of(tmp_path / "nowhere").read()
    assert str(tmp_path) not in str(caught.value)


def test_tokens_of_the_environment_are_not_shared(path: Path) -> None:
    assert store_of(path).shared
    assert not token_store(Settings(source_tokens=SecretStr("{}"))).shared


def test_a_run_shares_the_tokens_that_it_is_given(tmp_path: Path) -> None:
    with ExitStack() as closing:
        shared = share_tokens({"SOURCE_TOKENS": '{"dhan": {}}'}, tmp_path, closing)
        path = Path(shared["SOURCE_TOKENS"])
        assert store_of(path).read() == {"dhan": {}}
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert share_tokens(shared, tmp_path, closing) == {}
    assert not path.exists()
    with ExitStack() as closing:
        assert share_tokens({}, tmp_path, closing) == {}
