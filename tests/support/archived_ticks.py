"""Days of an archive of which only the file of ticks exists."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from chain_archive.parquet_writer import write_rows
from optionchain.archive.columns import COLUMNS
from optionchain.archive.manifest import ArchivedFile, Manifest
from optionchain.archive.object_store import ObjectStore
from tests.support.manifests import manifest_of

_FIRST = date(2026, 11, 2)


def archived_ticks(store: ObjectStore, number: int) -> Manifest:
    """Store the ticks of a day, as many as its number says; return its manifest."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ticks.parquet"
        write_rows(path, "ticks", [dict.fromkeys(COLUMNS["ticks"]) | {"symbol": "NIFTY"}] * number)
        digest = sha256(path.read_bytes()).hexdigest()
        file = ArchivedFile(f"files/{number}.parquet", path.stat().st_size, digest, number, {})
        store.upload(file.key, path)
    day = manifest_of("NIFTY", _FIRST + timedelta(days=number))
    return replace(day, files={**day.files, "ticks": file})
