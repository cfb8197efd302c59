"""A day that is sealed anew while a request is answered gives no answer of two versions."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from starlette.testclient import TestClient

from chain_api.app import create_app
from chain_api.archive.cold_days import ColdDays
from chain_api.dependencies import over
from optionchain.exchange_time import exchange_date
from optionchain.settings import Settings
from tests.support.api import CHAIN, database_with, problem
from tests.support.archived_days import archive_day
from tests.support.mongomock_database import memory_database, uses_mongomock
from tests.support.snapshots import TICK, snapshot
from tests.support.watched_store import WatchedStore

pytestmark = uses_mongomock

DAY = exchange_date(TICK)
LATER = TICK + timedelta(days=Settings().retention_days + 1)
MOMENT = {"as_of": TICK.isoformat()}


class ResealedStore(WatchedStore):
    """Seals the day anew as soon as the file with its headers is copied."""

    seal_anew: Callable[[], None] | None = None

    def download(self, key: str, path: Path) -> bool:
        is_there = super().download(key, path)
        if "/headers-" in key and (seal_anew := self.seal_anew):
            self.seal_anew = None
            seal_anew()
        return is_there


def archived(folder: Path, number: float) -> ResealedStore:
    """Seal a version of the day in which every price is this number."""
    store = ResealedStore(folder)
    version = snapshot(tick=TICK, underlying=number, last_price=number)
    archive_day(database_with(version), store, "NIFTY", DAY)
    return store


def numbers(chain: dict[str, Any]) -> set[float]:
    """Return the prices of a chain: of the underlying, and of each contract."""
    legs = [*chain["calls"], *chain["puts"]]
    return {chain["underlying_value"], *(leg["last_price"] for leg in legs)}


class Service:
    """The API over a day that is sealed anew in the middle of the first request."""

    def __init__(self, tmp_path: Path) -> None:
        self._folder, self._newer = tmp_path / "archive", tmp_path / "newer"
        self.store = archived(self._folder, 1.0)
        archived(self._newer, 2.0)
        deps = over(memory_database(), Settings(), lambda: LATER, archive=self.store)
        assert deps.cold
        self._cold: ColdDays = deps.cold
        self.api = TestClient(create_app(deps))

    def seal_anew(self) -> None:
        """Seal another version, which another request has read already."""
        copytree(self._newer, self._folder, dirs_exist_ok=True)
        self._cold.reader.catalogue.manifest("NIFTY", DAY, fresh=True)

    def replace(self) -> None:
        """Seal another version, and delete the files of the one before."""
        for file in self._folder.glob("files/NIFTY/*/contracts-*"):
            file.unlink()
        copytree(self._newer, self._folder, dirs_exist_ok=True)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


def test_header_and_contracts_are_of_one_version(service: Service) -> None:
    service.store.seal_anew = service.seal_anew
    assert numbers(service.api.get(CHAIN, params=MOMENT).json()) == {1.0}
    assert service.store.seal_anew is None


def test_request_that_lost_its_version_is_asked_again(service: Service) -> None:
    service.store.seal_anew = service.replace
    refused = service.api.get(CHAIN, params=MOMENT)
    problem(refused, 503, "archive-unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert numbers(service.api.get(CHAIN, params=MOMENT).json()) == {2.0}
