"""Snapshots that are committed together: each is whole or not there, whatever the others are."""

from datetime import date

import pytest

from optionchain.errors import SnapshotTorn, StoreUnavailable
from optionchain.mongo.snapshot_writer import Commit, CommitResult, SnapshotWriter
from optionchain.mongo.stored_snapshot import snapshot_of
from optionchain.snapshot import Snapshot
from tests.contract.test_store_contract import HeaderlessDatabase
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import snapshot

NEXT = date(2026, 6, 30)
CHAINS = (
    snapshot(),
    snapshot([25000.0], expiry=NEXT),
    snapshot([7.5, 8.0, 8.5], symbol="IDEA", expiry=NEXT),
)
SIZES = [len(each.quotes) for each in CHAINS]


def read(store: SnapshotWriter) -> list[Snapshot | None]:
    """Return what a reader finds of each chain."""
    found = [store.latest_header(each.symbol, each.expiry) for each in CHAINS]
    return [header and snapshot_of(header, store.contracts(header)) for header in found]


def test_each_snapshot_is_read_as_it_was_committed(store: SnapshotWriter) -> None:
    done = store.commit_all([Commit(each) for each in CHAINS])
    assert done == [CommitResult(size, 0) for size in SIZES]
    assert read(store) == list(CHAINS)


def test_each_counts_its_own_documents_that_were_there(
    store: SnapshotWriter, database: AnyDatabase
) -> None:
    store.commit(Commit(CHAINS[1]))
    for expected in ([0, SIZES[1], 0], SIZES):
        done = store.commit_all([Commit(each) for each in CHAINS])
        assert [each.duplicates for each in done if isinstance(each, CommitResult)] == expected
    assert database["snapshots"].count_documents({}) == len(CHAINS)
    assert database["option_chain"].count_documents({}) == sum(SIZES)


@pytest.mark.parametrize("committed", [True, False])
def test_a_torn_one_is_not_committed_and_the_others_are(
    store: SnapshotWriter, database: AnyDatabase, committed: bool
) -> None:
    """Contracts of another attempt stand under its tick, with a header or without."""
    before = snapshot([24050.0], last_price=7.0)
    if committed:
        store.commit(Commit(before))
    else:
        with pytest.raises(StoreUnavailable):
            SnapshotWriter(HeaderlessDatabase(database)).commit(Commit(before))
    torn, *others = store.commit_all([Commit(each) for each in CHAINS])
    assert isinstance(torn, SnapshotTorn)
    assert others == [CommitResult(size, 0) for size in SIZES[1:]]
    assert read(store) == [before if committed else None, *CHAINS[1:]]
    stored = {"symbol": "NIFTY", "expiry_date": "23-Jun-2026"}
    assert database["option_chain"].count_documents(stored) == len(before.quotes)


def test_without_their_headers_none_is_seen_and_another_attempt_completes_all(
    store: SnapshotWriter, database: AnyDatabase
) -> None:
    with pytest.raises(StoreUnavailable):
        SnapshotWriter(HeaderlessDatabase(database)).commit_all([Commit(each) for each in CHAINS])
    assert database["option_chain"].count_documents({}) == sum(SIZES)
    assert store.latest_header("NIFTY", EXPIRY) is None
    assert read(store) == [None, None, None]
    done = store.commit_all([Commit(each) for each in CHAINS])
    assert done == [CommitResult(0, size) for size in SIZES]
    assert read(store) == list(CHAINS)


def test_nothing_to_commit_is_nothing_to_do(store: SnapshotWriter) -> None:
    assert store.commit_all([]) == []
