"""This build beside an older one, in one run: both record this build's simulated market."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

from local.mongod import Mongod
from local.nse_simulator.instruments import INSTRUMENTS
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import TICKS
from optionchain.settings import Settings
from tests.performance.measure import Ratio
from tests.whole_market.live import invoke_live
from tests.whole_market.scope import NO_ARCHIVE

_ROUNDS = {"poll": 5, "store": 2}
# Of the ticks in real time the first ones read the lists of 213 symbols.
_WARM_MINUTES, _MINUTES = 2, 3
_LIMITS = {"poll": 0.2, "store": 0.7, "live": 0.5}


def rows(base: Path) -> Iterator[Ratio]:
    """Measure both builds; `base` is a checkout of the older one, its environment in `.venv`."""
    builds = [str(base / ".venv/bin/python"), sys.executable]
    with tempfile.TemporaryDirectory() as folder, Mongod(Path(folder) / "mongod") as mongod:
        older, ours = _measured("poll", builds, mongod, "ms")
        yield Ratio("a tick without news, NIFTY, client CPU", ours, older, _LIMITS["poll"])
        older, ours = _measured("store", builds, mongod, "client_us", "server_us")
        name = "1,000 stored contracts of 213 symbols, client and server CPU"
        yield Ratio(name, ours, older, _LIMITS["store"])
        older, ours = (
            _delay(build, f"live_{number}", mongod, Path(folder))
            for number, build in enumerate(builds)
        )
        name = "tick to completed, 213 symbols each minute, 20 requests/s"
        yield Ratio(name, ours, older, _LIMITS["live"])


def _measured(measure: str, builds: Sequence[str], mongod: Mongod, *figures: str) -> list[float]:
    """Return the median of each build; the builds take turns."""
    found: dict[str, list[float]] = {build: [] for build in builds}
    for _ in range(_ROUNDS[measure]):
        for build in builds:
            command = [build, "-m", "tests.whole_market.measured", measure]
            server = ["--uri", mongod.uri, "--server", str(mongod.pid)]
            done = subprocess.run([*command, *server], stdout=subprocess.PIPE, check=True)
            answer = json.loads(done.stdout)
            found[build].append(sum(answer[name] for name in figures))
    return [median(found[build]) for build in builds]


def _delay(build: str, database: str, mongod: Mongod, folder: Path) -> float:
    """Return the median milliseconds from a tick until its entry is complete, in real time."""
    env = {
        "MONGODB_URI": mongod.uri,
        "MONGODB_DATABASE": database,
        "NSE_SYMBOLS": ",".join(INSTRUMENTS),
        "NSE_FETCH_INTERVAL": "60",
        "NSE_EXPIRIES": "2",
        "NSE_MAX_REQUESTS_PER_SECOND": "20",
        "MARKET_HOURS": "always",
        "SOURCE_URLS": NO_ARCHIVE,
        "LOG_LEVEL": "ERROR",
    }
    minutes = _WARM_MINUTES + _MINUTES
    begins, ends = invoke_live(env, [{}], folder / database, minutes, build)
    warm = begins + (ends - begins) * _WARM_MINUTES / minutes
    with closing((opened := open_database(Settings.from_env(env))).client):
        query = {"tick": {"$gte": warm, "$lt": ends}, "outcome": {"$in": ["stored", "unchanged"]}}
        delays = [
            (each["completed_at"] - each["tick"]).total_seconds()
            for each in opened[TICKS].find(query)
        ]
    return float(median(delays)) * 1e3
