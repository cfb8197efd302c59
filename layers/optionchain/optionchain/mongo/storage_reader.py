"""How much a database takes, and how its large collections are stored."""

from pymongo.database import Database

from optionchain.mongo.client import Document, database_errors
from optionchain.mongo.compressed_collections import Compression, compression_of
from optionchain.mongo.indexes import RECORDED


class StorageReader:
    """Asks MongoDB; raises StoreUnavailable, and StoreRefused without the right to ask."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database

    def size(self) -> dict[str, int]:
        """Return the bytes of the database: `data`, `storage` (compressed), `indexes`.

        It takes the right dbStats.
        """
        with database_errors():
            answer = self._database.command("dbStats")
        names = {"data": "dataSize", "storage": "storageSize", "indexes": "indexSize"}
        return {name: int(answer[key]) for name, key in names.items()}

    def compression(self) -> dict[str, Compression | None]:
        """Return how each collection that grows with each tick is stored, None if there is none.

        It takes the right collStats.
        """
        return {name: compression_of(self._database, name) for name in RECORDED}
