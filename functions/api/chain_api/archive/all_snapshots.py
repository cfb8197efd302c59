"""Snapshots of all days, of the database and of the archive."""

from pymongo.database import Database

from chain_api.archive.cold_days import ColdDays
from optionchain.mongo.client import Document
from optionchain.mongo.snapshot_reader import SnapshotReader


class AllSnapshots(SnapshotReader):
    """Reads snapshots like SnapshotReader; those of cold days from the archive."""

    def __init__(self, database: Database[Document], cold: ColdDays) -> None:
        super().__init__(database, naive=True)
        self._cold = cold
