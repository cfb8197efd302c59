"""Bodies to measure with: captured ones where they exist, else simulated ones."""

import gzip
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from local.nse_simulator.market import SimulatedMarket
from tests.support import dhan_bodies, upstox_bodies

_SHARED = Path(__file__).parents[3] / "shared"
_CAPTURED = _SHARED / "market-data"
_UPSTOX = _SHARED / "brokers" / "upstox_option_chain_NIFTY_2024-06-27.full.json"
_V3 = "v3/nifty-23-jun-2026.captured-2026-06-19T1737.json.gz"
_STEADY = datetime(2026, 6, 19, 9, 30, tzinfo=UTC)


class SampleBody(NamedTuple):
    """A NIFTY body as the exchange sends it, and its origin."""

    data: bytes
    origin: str


def v3_body() -> SampleBody:
    """Return one expiry, about 200 contracts."""
    return _captured(_V3) or SampleBody(orjson.dumps(_simulated(0)), "simulated")


def steady_body() -> SampleBody:
    """Return one expiry, the same in every run."""
    return _captured(_V3) or SampleBody(orjson.dumps(_simulated(0, _STEADY)), "simulated")


def upstox_body(legs: int = 206) -> SampleBody:
    """Return a chain of Upstox with so many contracts, and a lot of 25."""
    strikes = legs // 2
    if not _UPSTOX.is_file():
        made = upstox_bodies.chain(23_000.0 + 50 * number for number in range(strikes))
        for row in made["data"]:
            for side in ("call_options", "put_options"):
                row[side]["market_data"] |= {"oi": 30_000, "prev_oi": 30_850, "volume": 140_000}
        return SampleBody(orjson.dumps(made), "made up")
    body = orjson.loads(_UPSTOX.read_bytes())
    return SampleBody(orjson.dumps({**body, "data": body["data"][:strikes]}), "captured")


def dhan_body(legs: int = 206) -> SampleBody:
    """Return a chain of Dhan with so many contracts, and a lot of 65; no whole one was captured."""
    strikes = [23_000.0 + 50 * number for number in range(legs // 2)]
    made = dhan_bodies.chain(strikes, oi=3_060_785, previous_oi=3_344_705, volume=69_015_245)
    return SampleBody(orjson.dumps(made), "made up")


def _captured(name: str) -> SampleBody | None:
    path = _CAPTURED / name
    return SampleBody(gzip.decompress(path.read_bytes()), "captured") if path.is_file() else None


def _simulated(rank: int, instant: datetime | None = None) -> dict[str, Any]:
    now = instant or datetime.now(UTC)
    market = SimulatedMarket(clock=lambda: now)
    return market.chain("NIFTY", market.expiries("NIFTY")[rank], now)
