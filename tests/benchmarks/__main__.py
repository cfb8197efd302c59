"""`make bench`: every measure of the project, as ratios from one run on a real mongod."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from local.mongod import Mongod
from optionchain.connection import open_database
from optionchain.settings import Settings
from tests.benchmarks import ingest, serve
from tests.benchmarks.measure import Ratio, table


def main() -> int:
    """Print the table; return 1 where a ratio is over its limit."""
    with tempfile.TemporaryDirectory() as folder, Mongod(Path(folder)) as mongod:
        ratios = list(_ratios(mongod))
    print(table(ratios))  # noqa: T201
    return int(any(ratio.limit is not None and ratio.value > ratio.limit for ratio in ratios))


def _ratios(mongod: Mongod) -> Iterator[Ratio]:
    ours, bare, served = (
        open_database(Settings.from_env({"MONGODB_URI": mongod.uri, "MONGODB_DATABASE": name}))
        for name in ("ours", "bare", "served")
    )
    yield from ingest.ratios(ours, bare)
    yield from serve.ratios(served)


if __name__ == "__main__":
    sys.exit(main())
