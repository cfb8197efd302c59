"""Snapshots that are committed together, seen by the server."""

from local.mongod import Mongod
from optionchain.errors import StoreUnavailable
from optionchain.mongo.snapshot_writer import Commit, CommitResult, SnapshotWriter
from tests.support.commands import watched
from tests.support.snapshots import snapshot

CHAINS = [snapshot(symbol=name) for name in ("ACC", "IDEA", "NIFTY")]


def test_they_take_one_insert_of_contracts_and_then_one_of_headers(mongod: Mongod) -> None:
    with watched(mongod, "grouped_inserts") as (database, commands):
        store = SnapshotWriter(database)
        with commands.kept() as sent:
            store.commit_all([Commit(each) for each in CHAINS])
        assert [each["insert"] for each in sent] == ["option_chain", "snapshots"]


def test_a_contract_that_the_server_refuses_costs_its_own_snapshot_alone(mongod: Mongod) -> None:
    """Somebody has set a rule for the collection; the header of what it refuses is not written."""
    with watched(mongod, "grouped_refusals") as (database, _):
        rule = {"$nor": [{"symbol": "IDEA", "type": "PE"}]}
        database.command("collMod", "option_chain", validator=rule)
        store = SnapshotWriter(database)
        first, refused, last = store.commit_all([Commit(each) for each in CHAINS])
        assert isinstance(refused, StoreUnavailable)
        assert first == last == CommitResult(4, 0)
        assert database["snapshots"].distinct("symbol") == ["ACC", "NIFTY"]
