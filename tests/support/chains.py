"""Whole chains: the captured ones, if they are here, and those of the simulated market."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
import pytest

from chain_fetch.nse.body_parser import parse
from local.nse_simulator.market import SimulatedMarket
from optionchain.snapshot import Snapshot
from tests.conftest import CAPTURED
from tests.support.captured import as_v3
from tests.support.captured_minutes import EXPIRING, MINUTES, NEXT_WEEK, minutes_of
from tests.support.snapshots import TICK

_UNIVERSE = "legacy/universe-2025-07-17"
# The last minutes before an expiry, an ordinary morning, and weeks before it.
_INSTANTS = (
    "2026-06-19T04:00:05",
    "2026-06-22T06:45:00",
    "2026-06-23T05:15:00",
    "2026-06-23T09:30:00",
    "2026-06-23T09:57:30",
)
_SYMBOLS = ("NIFTY", "BANKNIFTY", "RELIANCE", "IDEA", "M&M")


def captured_chains() -> Iterator[Snapshot]:
    """Yield every expiry of every captured chain: v3, a session of it, and a universe before it."""
    if not CAPTURED.is_dir():
        pytest.skip(f"the captured responses are not here: {CAPTURED}")
    paths = [
        CAPTURED / "v3" / "nifty-23-jun-2026.captured-2026-06-19T1737.json.gz",
        *sorted((CAPTURED / "v3-from-legacy").rglob("*.json.gz")),
    ]
    for path in paths:
        yield parse(gzip.decompress(path.read_bytes()), "NIFTY", TICK)
    for path in sorted((CAPTURED / _UNIVERSE).glob("*.json.gz")):
        symbol = path.name.removesuffix(".json.gz").upper()
        for body in as_v3(orjson.loads(gzip.decompress(path.read_bytes()))).values():
            yield parse(orjson.dumps(body), symbol, TICK)


def captured_minutes() -> Iterator[Snapshot]:
    """Yield both expiries of each sixth minute of a captured day, which has no quotes."""
    path = CAPTURED / MINUTES
    if not path.is_file():
        pytest.skip(f"the captured minutes are not here: {path}")
    for expiry in (EXPIRING, NEXT_WEEK):
        yield from minutes_of(gzip.decompress(path.read_bytes()), expiry)[::6]


def modelled_chains() -> Iterator[Snapshot]:
    """Yield the simulated exchange's chains: all expiries of five symbols at five instants."""
    for text in _INSTANTS:
        now = datetime.fromisoformat(text).replace(tzinfo=UTC)
        market = SimulatedMarket(clock=lambda now=now: now)  # type: ignore[misc]
        for symbol in _SYMBOLS:
            for expiry in market.expiries(symbol):
                yield parse(orjson.dumps(market.chain(symbol, expiry, now)), symbol, TICK)
