"""`make soak`: the promises in real time, with real processes and every disturbance."""

import argparse
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from local.terminal import print_line
from optionchain.mongo.client import open_database
from tests.soak import stored_bytes
from tests.soak.disturbances import CLOCK_SKEW, EVERYTHING
from tests.soak.report import broken, table
from tests.soak.run_phase import PhaseReport, run
from tests.soak.servers import SoakServers

_LONGEST = 510  # together with start, stop and report less than ten minutes
_MINUTE = 60.0
# The shares of the time.
_QUIET, _EVERYTHING, _KILLS, _SKEW = 2 / 16, 8 / 16, 4 / 16, 2 / 16
# How far the clock of every other environment is ahead, in seconds.
_AHEAD = 30


def main() -> int:
    """Print the report; return 1 where a promise is broken."""
    options = _arguments()
    shutil.rmtree(options.folder, ignore_errors=True)
    print_line(f"seed {options.seed}, {options.seconds} seconds")
    with SoakServers(options.folder, options.seed) as servers:
        sentences = []
        for title, headings, (columns, counts) in _phases(servers, options.seconds):
            print_line(f"\n{table(title, headings, columns)}")
            print_line(f"disturbances: {counts}")
            sentences += broken(columns)
    shutil.rmtree(options.folder / "mongod")
    print_line("\n" + "\n".join(sentences or ["Every promise was kept."]))
    return int(bool(sentences))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=int, default=480, help=f"at most {_LONGEST}")
    parser.add_argument("--seed", type=int, default=7, help="decides the disturbances")
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
    skewed = [servers.recorder("skew", 2, clocks_ahead=(0, _AHEAD))]
    yield CLOCK_SKEW.upper(), [grids[2]], run(servers, skewed, _SKEW * seconds)
    market, moments, origin = stored_bytes.session()
    database = open_database(servers.recorder("bytes", 5).settings)
    with database.client:
        measure = stored_bytes.measure(database, market, moments)
    yield "BYTES", ["5 seconds"], PhaseReport([[measure.row(origin)]], "none")


if __name__ == "__main__":
    sys.exit(main())
