"""`make soak`: the promises in real time, with real processes, while everything goes wrong."""

import argparse
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from optionchain.mongo.client import open_database
from tests.soak import stored_bytes
from tests.soak.disturbances import EVERYTHING
from tests.soak.report import broken, table
from tests.soak.run_phase import PhaseReport, run
from tests.soak.servers import SoakServers

_LONGEST = 510  # with starts, leaves and the counting it stays below ten minutes
_MINUTE = 60.0
_QUIET, _EVERYTHING, _KILLS = 3 / 16, 7 / 16, 6 / 16  # of the time


def main() -> int:
    """Print the report; return 1 where a promise is broken."""
    options = _arguments()
    shutil.rmtree(options.folder, ignore_errors=True)
    print(f"seed {options.seed}, {options.seconds} seconds", flush=True)  # noqa: T201
    with SoakServers(options.folder, options.seed) as servers:
        sentences = []
        for title, columns, (found, disturbance_counts) in _phases(servers, options.seconds):
            print(f"\n{table(title, columns, found)}", flush=True)  # noqa: T201
            print(f"what went wrong: {disturbance_counts}", flush=True)  # noqa: T201
            sentences += broken(found)
    shutil.rmtree(options.folder / "mongod")
    print("", *sentences or ["Every promise was kept."], sep="\n")  # noqa: T201
    return int(bool(sentences))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=int, default=480, help=f"at most {_LONGEST}")
    parser.add_argument("--seed", type=int, default=7, help="another seed is other mischief")
    parser.add_argument("--folder", type=Path, default=Path(".local/soak"))
    options = parser.parse_args()
    options.seconds = min(options.seconds, _LONGEST)
    return options


def _phases(servers: SoakServers, seconds: int) -> Iterator[tuple[str, list[str], PhaseReport]]:
    grids = {2: "2 seconds", 5: "5 seconds"}
    for name, share, kinds in (("quiet", _QUIET, []), ("everything", _EVERYTHING, EVERYTHING)):
        recorders = [servers.recorder(f"{name}_{grid}", grid, _MINUTE) for grid in grids]
        yield name.upper(), list(grids.values()), run(servers, recorders, share * seconds, kinds)
    rivals = [servers.recorder("kills", 2)]
    yield "SIGKILL", [grids[2]], run(servers, rivals, _KILLS * seconds, ["kill"])
    market, moments, origin = stored_bytes.session()
    database = open_database(servers.recorder("bytes", 5).settings)
    with database.client:
        measure = stored_bytes.measure(database, market, moments)
    yield "BYTES", ["5 seconds"], PhaseReport([[measure.row(origin)]], "nothing")


if __name__ == "__main__":
    sys.exit(main())
