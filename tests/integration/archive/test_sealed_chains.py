"""Every document of real and of simulated chains is in the archive as MongoDB has it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from chain_archive.sealing import seal
from optionchain.analytics import analytics_of
from optionchain.archive.folder_store import FolderStore
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.snapshot import Snapshot
from tests.support.chains import captured_chains, modelled_chains
from tests.support.mongomock_database import AnyDatabase
from tests.support.sealing import DAY, stored, visible_days
from tests.support.snapshots import TICK

SOURCES: dict[str, Callable[[], Iterator[Snapshot]]] = {
    "captured": captured_chains,
    "simulated": modelled_chains,
}


@pytest.mark.parametrize("chains", SOURCES.values(), ids=SOURCES)
def test_every_document_of_whole_chains_is_in_the_archive(
    database: AnyDatabase, tmp_path: Path, chains: Callable[[], Iterator[Snapshot]]
) -> None:
    writer, store, symbols = SnapshotWriter(database), FolderStore(tmp_path), set[str]()
    for number, chain in enumerate(chains()):
        tick = TICK + number * timedelta(seconds=5)
        writer.commit(
            Commit(replace(chain, fetched_at=tick), derive=partial(analytics_of, rate=5.5))
        )
        symbols.add(chain.symbol)
    for symbol in symbols:
        seal(database, store, symbol, DAY)
    found = {manifest["symbol"]: documents for manifest, documents in visible_days(tmp_path)}
    assert found.keys() == symbols
    for symbol in symbols:
        assert found[symbol] == stored(database, symbol)
