"""The options of `make run`: environment variables, make variables and the command line."""

import argparse
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chain_fetch.source_settings import check_source_settings
from local.archive.options import archive_of_run
from local.run.pace import pace_of
from local.run.replayed import folder_of, symbols_of
from local.run.sources import RunSources, read_sources, tokens_of
from local.run.start import Start, check_age, read_start, start_defaults
from optionchain.errors import SettingInvalid, StoreUnavailable
from optionchain.misspelt_settings import misspelt_settings
from optionchain.mongo.client import open_database
from optionchain.settings import Settings

_HIGHEST_PORT = 65_535
_PORT = re.compile(r"[0-9]{1,5}")
# The options that are no settings, and variables of the Makefile that other targets take.
_OTHERS = ("PORT", "DATA_DIR", "REPLAY", "AT", "DAY")
_OF_MAKE = {"PYTHON", "UV", "ARCH", "BIN", "SHELL"}
_DEFAULTS = {"MARKET_HOURS": "always"}
# The simulated exchange has no limit, so the first chain need not wait for its turn.
_SIMULATOR_DEFAULTS = {"NSE_MAX_REQUESTS_PER_SECOND": "20"}


@dataclass(frozen=True)
class Options:
    """The validated options of one run.

    `env` is the environment of the processes, without the addresses that are known only when the
    run starts. `label` is SIMULATED, REPLAY, or empty for the exchange's own data. `start` is where
    the run begins in time, None for now. `pace` are the settings that the sources have changed.
    `misspelt` are variables that look like options and are none, with the nearest right name.
    """

    settings: Settings
    env: Mapping[str, str]
    port: int
    data_dir: Path
    seed: int
    replay: Path | None
    label: str
    sources: RunSources
    pace: Mapping[str, str]
    start: Start | None = None
    misspelt: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def own_mongod(self) -> bool:
        """Whether this run starts a mongod: MONGODB_URI is not given."""
        return self.settings.mongodb_uri is None

    @property
    def own_exchange(self) -> bool:
        """Whether this run starts the simulated exchange: nothing else is given and asked."""
        return "NSE_BASE_URL" not in self.env and not self.sources.live


def read_options(
    arguments: Sequence[str] | None = None,
    env: Mapping[str, str] | None = None,
    now: datetime | None = None,
) -> Options:
    """Read the command line and the environment; raise SettingInvalid for a bad value.

    An empty variable counts as not set.
    """
    source = os.environ if env is None else env
    given = {name: text for name, text in source.items() if text.strip()}
    parsed = _parser().parse_args(arguments)
    replay = folder_of(parsed.replay or given.get("REPLAY"), given)
    data_dir = Path(given.get("DATA_DIR", ".local"))
    check_source_settings(Settings.from_env(given))
    sources = read_sources(given | ({"REPLAY": str(replay)} if replay else {}), data_dir)
    label = _label(replay, sources)
    now = now or datetime.now(UTC)
    start = read_start(given, now)
    started = _SIMULATOR_DEFAULTS if "NSE_BASE_URL" not in given else {}
    started |= start_defaults(start)
    env = _DEFAULTS | started | sources.chosen | symbols_of(replay) | given
    env |= tokens_of(given, data_dir) if sources.live else {}
    # The settings are read twice: the name of the database depends on the name that is given.
    base = Settings.from_env(env).mongodb_database
    env["MONGODB_DATABASE"] = database_name(base, label, now, of_its_own=start is not None)
    env |= archive_of_run(given, data_dir, env["MONGODB_DATABASE"], label)
    pace = pace_of(Settings.from_env(env), given)
    env |= pace
    settings = Settings.from_env(env)
    _check_uri(settings)
    if start:
        check_age(start, given, now, timedelta(days=settings.retention_days))
    return Options(
        settings=settings,
        env=env,
        port=_port(given.get("PORT", "8000")),
        data_dir=data_dir,
        seed=parsed.seed,
        replay=replay,
        label=label,
        sources=sources,
        pace=pace,
        start=start,
        misspelt=misspelt_settings(given, _OTHERS, _made(given)),
    )


def database_name(base: str, label: str, now: datetime, *, of_its_own: bool = False) -> str:
    """Return the database of a run: simulated data never lie in the database of real data.

    A replay moves its captures to today, and a run may begin at another moment. A second one would
    go back in time, so each has a database of its own.
    """
    if not label:
        return base
    suffix = f"_{now:%m%d_%H%M%S}" if of_its_own or label == "REPLAY" else ""
    return f"{base}_{label.lower()}{suffix}"


def _made(given: Mapping[str, str]) -> set[str]:
    """Return the variables of `make run NAME=value`, but for those of make itself."""
    return set(given.get("MAKE_GIVEN", "").split()) - _OF_MAKE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local.run",
        description="Records the option chain and serves it, on this machine.",
        epilog="Environment: PORT DATA_DIR REPLAY MONGODB_URI NSE_BASE_URL NSE_SYMBOLS "
        "NSE_FETCH_INTERVAL NSE_EXPIRIES MARKET_HOURS SOURCE SOURCE_TOKENS AT DAY",
    )
    parser.add_argument("--replay", metavar="FOLDER", help="serve captured v3 bodies")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another market")
    return parser


def _port(text: str) -> int:
    if not _PORT.fullmatch(text.strip()) or not 0 < int(text) <= _HIGHEST_PORT:
        raise SettingInvalid("PORT", text, f"must be a port from 1 to {_HIGHEST_PORT}")
    return int(text)


def _check_uri(settings: Settings) -> None:
    # Only the syntax is checked: a host that does not resolve now may do so later.
    with suppress(StoreUnavailable):
        if settings.mongodb_uri is not None:
            open_database(settings).client.close()


def _label(replay: Path | None, sources: RunSources) -> str:
    if replay is not None:
        return "REPLAY"
    return "" if sources.live else "SIMULATED"
