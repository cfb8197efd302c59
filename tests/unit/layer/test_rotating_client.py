"""When a URI is read, how often at most, and what becomes of the client before."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pymongo.database import Database
from pymongo.errors import InvalidOperation

from optionchain.errors import SettingInvalid, StoreUnavailable
from optionchain.mongo import rotating_client as access_module
from optionchain.mongo.client import Document
from optionchain.mongo.rotating_client import RotatingClient
from optionchain.mongo.rotating_database import rotating_database
from optionchain.settings import SecretStr, Settings
from tests.support.patience import PATIENCE_SECONDS


class Uris:
    """Gives URIs in turn, the last for ever; counts how often it was asked."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.asked = 0
        self.now = 0.0

    def __call__(self) -> str:
        self.asked += 1
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        if not text:
            raise SettingInvalid("MONGODB_SECRET_ARN", "arn", "must have a value")
        return text


@contextmanager
def opened(uris: Uris, settings: Settings | None = None) -> Iterator[RotatingClient]:
    access = RotatingClient(settings or Settings(), uris, lambda: uris.now)
    yield access
    access.close()


def test_uri_is_read_once_and_not_before_it_is_needed() -> None:
    uris = Uris("mongodb://a.example")
    with opened(uris) as access:
        collection = rotating_database(access)["ticks"]
        assert uris.asked == 0
        assert access.open() is access.open()
        assert collection.name == "ticks"
        assert uris.asked == 1


def test_start_that_failed_is_tried_again_after_five_seconds() -> None:
    uris = Uris("", "", "mongodb://a.example")
    with opened(uris) as access:
        for now, asked in ((0, 1), (4.9, 1), (5.1, 2), (10, 2)):
            uris.now = now
            with pytest.raises(StoreUnavailable, match="MONGODB_SECRET_ARN"):
                rotating_database(access)["ticks"].find_one()
            assert uris.asked == asked
        uris.now = 10.2
        assert access.open().name == "option_chain"


def test_uri_is_read_again_once_a_minute_at_most() -> None:
    uris = Uris("mongodb://a.example")
    with opened(uris) as access:
        first = access.open()
        for now, asked in ((1, 2), (60.9, 2), (61.1, 3)):
            uris.now = now
            assert access.renew(first) is None
            assert uris.asked == asked


def test_another_uri_gives_all_callers_another_client() -> None:
    uris = Uris("mongodb://a.example", "mongodb://b.example", "mongodb://c.example")
    with opened(uris) as access:
        first = access.open()
        second = access.renew(first)
        assert second is access.open() is not first
        assert access.renew(first) is second, "who comes later finds it renewed"
        assert uris.asked == 2


def test_secret_that_became_unusable_leaves_the_client_as_it_is() -> None:
    uris = Uris("mongodb://a.example", "", "mongodb://b.example")
    with opened(uris) as access:
        first = access.open()
        with pytest.raises(SettingInvalid):
            access.renew(first)
        assert access.open() is first
        uris.now = 61
        assert access.renew(first) is not None


def test_uri_of_the_environment_is_not_read_again() -> None:
    uris = Uris("mongodb://a.example", "mongodb://b.example")
    settings = Settings(mongodb_uri=SecretStr("mongodb://a.example"))
    with opened(uris, settings) as access:
        assert access.renew(access.open()) is None
        assert uris.asked == 1


def is_closed(database: Database[Document]) -> bool:
    try:
        database.command("ping")
    except InvalidOperation:
        return True
    return False


def test_old_client_is_closed_once_those_at_work_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_module, "_SECONDS_UNTIL_CLOSE", 0.01)
    uris = Uris("mongodb://a.example", "mongodb://b.example")
    with opened(uris) as access:
        first = access.open()
        access.renew(first)
        assert access._close_timer is not None
        access._close_timer.join(PATIENCE_SECONDS)
        assert is_closed(first)


def test_closing_closes_a_client_that_is_leaving_too() -> None:
    uris = Uris("mongodb://a.example", "mongodb://b.example")
    with opened(uris) as access:
        databases = [first := access.open(), access.renew(first)]
    for database in databases:
        assert database is not None
        assert is_closed(database)
