"""Whole chains to derive from: the captured ones where they are at hand, and modelled ones."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
import pytest

from chain_fetch.payload.parser import parse
from local.nse_simulator.market import SimulatedMarket
from optionchain.snapshot import Snapshot
from tests.conftest import CAPTURED
from tests.support.snapshots import TICK

_LEGACY = "legacy/universe-2025-07-17"
# The last minutes before an expiry, an ordinary morning, and weeks before it.
_INSTANTS = ("2026-06-19T04:00:05", "2026-06-23T09:30:00", "2026-06-23T10:07:30")
_SYMBOLS = ("NIFTY", "BANKNIFTY", "RELIANCE", "IDEA", "M&M")


def captured_chains() -> Iterator[Snapshot]:
    """Yield every expiry of every captured body of v3, a session of v3, and a legacy universe."""
    if not CAPTURED.is_dir():
        pytest.skip(f"the captured responses are not here: {CAPTURED}")
    paths = [
        CAPTURED / "v3" / "nifty-23-jun-2026.captured-2026-06-19T1737.json.gz",
        *sorted((CAPTURED / "v3-from-legacy").rglob("*.json.gz")),
        *sorted((CAPTURED / _LEGACY).glob("*.json.gz")),
    ]
    for path in paths:
        body = orjson.loads(gzip.decompress(path.read_bytes()))
        legacy = path.parent.match(_LEGACY)
        symbol = path.name.removesuffix(".json.gz").upper() if legacy else "NIFTY"
        yield from parse(body, symbol, TICK)


def modelled_chains() -> Iterator[Snapshot]:
    """Yield the stand-in exchange's chains: all expiries of five symbols at three instants."""
    for text in _INSTANTS:
        now = datetime.fromisoformat(text).replace(tzinfo=UTC)
        market = SimulatedMarket(clock=lambda now=now: now)  # type: ignore[misc]
        for symbol in _SYMBOLS:
            for expiry in market.expiries(symbol):
                yield from parse(market.chain(symbol, expiry, now), symbol, TICK)
