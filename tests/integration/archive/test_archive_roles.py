"""The documented users do all that an archive asks of the database, and no more rights are needed.

The recorder's user serves the archive function and the commands, the reader's the API.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chain_archive.restoring import Restorer
from chain_archive.sealing import Sealer
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.folder_store import FolderStore
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import SEALS, TICKS, Indexes
from optionchain.mongo.retention_wait import RetentionWait
from optionchain.mongo.seal_register import SealRegister
from tests.support.api import client
from tests.support.documented_roles import DATABASE, Server, documented_server
from tests.support.sealing import DAY, record_day, stored, visible_days
from tests.support.snapshots import TICK

RETENTION_DAYS = 3_650


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with documented_server(tmp_path_factory.mktemp("roles")) as found:
        yield found


def test_the_recorders_user_seals_waits_and_restores_and_the_readers_shows_it(
    server: Server, tmp_path: Path
) -> None:
    database = server.database("recorder")
    wait = RetentionWait(database, RETENTION_DAYS, has_archive=True, all_days=True)
    indexes = Indexes(database, RETENTION_DAYS, pytest.fail, wait.extra_days)
    indexes.ensure()
    record_day(database)
    store = FolderStore(tmp_path)
    assert Sealer(database, store).seal("NIFTY", DAY).status == "sealed"
    database[TICKS].update_many({}, {"$set": {"late": True}})
    assert Sealer(database, store).seal("NIFTY", DAY).status == "sealed"
    ((manifest, documents),) = visible_days(tmp_path)
    assert (manifest["version"], documents) == (2, stored(database))
    assert SealRegister(database).of_days(DAY, DAY)[0].version == 2
    indexes.ensure()

    server.root.client.drop_database(DATABASE)
    Indexes(database, RETENTION_DAYS, pytest.fail, wait.extra_days).ensure()
    assert Restorer(database, ArchiveReader(store), lambda: TICK).restore("NIFTY", DAY).stored
    assert stored(database)["contracts"] == documents["contracts"]
    assert server.root[SEALS].count_documents({}) == 1
    database.client.close()

    settings = server.settings("reader", archive_url=str(tmp_path), nse_symbols=("NIFTY",))
    database = open_database(settings)
    api = client(database, TICK, settings)
    (found,) = api.get("/archive").json()["records"]
    assert (found["symbol"], found["day"], found["version"]) == ("NIFTY", DAY.isoformat(), 2)
    for path in ("/option-chain/NIFTY", "/health", "/stats"):
        assert api.get(path).status_code == 200, path
    database.client.close()
