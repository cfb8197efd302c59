"""Every source says which symbols have options, and of which kind each one is, in its own words."""

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from chain_fetch.source import ListsSymbols
from chain_fetch.sources import SOURCES, source_modules
from local.dhan_simulator.server import Dhan
from local.nse_simulator.instruments import INSTRUMENTS
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from local.stand_in.server import StandInServer
from local.upstox_simulator.server import Upstox
from optionchain.settings import Settings
from tests.support.mongomock_database import AnyDatabase
from tests.support.patience import within
from tests.support.settings import changed
from tests.support.source_parts import FakeCredentials, Parts

NOON = datetime(2026, 9, 16, 6, 0, tzinfo=UTC)
SERVERS: Mapping[str, Callable[[SimulatedMarket], StandInServer]] = {
    "nse": Exchange,
    "upstox": Upstox,
    "dhan": Dhan,
}
KINDS = {"Indices": "index", "Equity": "stock"}


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_lists_every_symbol_without_a_token(name: str, database: AnyDatabase) -> None:
    market = SimulatedMarket(clock=lambda: NOON)
    with SERVERS[name](market) as server:
        urls: dict[str, Any] = {"nse_base_url": server.url, "source_urls": {name: server.url}}
        parts = Parts(changed(Settings(), **urls), lambda: NOON, FakeCredentials({}))
        given = parts.source_parts(database=database)
        with closing(source_modules([name])[name].open_source(given)) as source:
            assert isinstance(source, ListsSymbols)
            found = source.symbols(within(20))
    assert {symbol: each.kind for symbol, each in found.items()} == {
        symbol: KINDS[item.kind] for symbol, item in INSTRUMENTS.items()
    }
    counted = {symbol: len(market.expiries(symbol)) for symbol in INSTRUMENTS}
    uncounted = dict.fromkeys(INSTRUMENTS)
    expiries = {symbol: each.expiries for symbol, each in found.items()}
    assert expiries == (uncounted if name == "nse" else counted)
