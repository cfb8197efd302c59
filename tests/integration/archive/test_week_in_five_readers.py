"""A week that was recorded in MongoDB and sealed: five readers find every document of it."""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any
from uuid import uuid4

import bson
import pytest
from bson.codec_options import CodecOptions

from local.mongod import Mongod
from optionchain.archive.catalogue import Catalogue
from optionchain.archive.document_rows import contract_document
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.layout import FileKind
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, TICKS, Indexes
from optionchain.settings import SecretStr, Settings
from tests.support.archived_week import DAYS, OF_MONDAY, SYMBOLS, Week, seal_week
from tests.support.mongomock_database import AnyDatabase
from tests.support.parquet_readers import READERS

type Documents = list[bytes]

COLLECTIONS: dict[FileKind, str] = {"contracts": CONTRACTS, "headers": SNAPSHOTS, "ticks": TICKS}
_AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)


@pytest.fixture(scope="module")
def database(mongod: Mongod) -> Iterator[AnyDatabase]:
    settings = Settings(
        mongodb_uri=SecretStr(mongod.uri), mongodb_database=f"t{uuid4().hex}", retention_days=3_650
    )
    found = open_database(settings)
    Indexes(found, settings.retention_days).ensure()
    Week(found).record()
    yield found
    found.client.drop_database(found.name)
    found.client.close()


@pytest.fixture(scope="module")
def archive(database: AnyDatabase, tmp_path_factory: pytest.TempPathFactory) -> FolderStore:
    store = FolderStore(tmp_path_factory.mktemp("archive"))
    seal_week(database, store)
    return store


def comparable(document: dict[str, Any]) -> bytes:
    """Return a document as bytes, whatever the order of its fields: BSON tells types apart."""
    return bson.encode({name: document[name] for name in sorted(document) if name != "_id"})


def in_mongodb(database: AnyDatabase, kind: FileKind, symbol: str) -> Documents:
    found = database[COLLECTIONS[kind]].find({"symbol": symbol})
    return sorted(map(comparable, found))


def in_files(archive: FolderStore, kind: FileKind, symbol: str, reader: str) -> Documents:
    catalogue = Catalogue(archive)
    days = [catalogue.manifest(symbol, day) for day in catalogue.days(symbol)]
    paths = [Path(archive.url) / day.files[kind].key for day in days if day]
    rows = READERS[reader](paths)
    if kind == "contracts":
        return sorted(comparable(contract_document(row)) for row in rows)
    return sorted(comparable(bson.decode(row["document"], _AWARE)) for row in rows)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", COLLECTIONS)
def test_every_document_of_a_week_equals_its_row(
    database: AnyDatabase, archive: FolderStore, kind: FileKind, reader: str
) -> None:
    assert len(Catalogue(archive).days(SYMBOLS[0])) == len(DAYS)
    for symbol in (*SYMBOLS, OF_MONDAY):
        found = in_files(archive, kind, symbol, reader)
        assert found == in_mongodb(database, kind, symbol)
        assert found
