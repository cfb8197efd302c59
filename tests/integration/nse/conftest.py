"""One stand-in of the exchange for all tests of its client."""

from collections.abc import Iterator

import pytest

from chain_fetch.nse.client import NseClient
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from tests.support.nse_client import NOON, client_of


@pytest.fixture(scope="session")
def server() -> Iterator[Exchange]:
    with Exchange(SimulatedMarket(clock=lambda: NOON)) as exchange:
        yield exchange


@pytest.fixture
def exchange(server: Exchange) -> Exchange:
    """The exchange without a fault, and as if nobody had asked yet."""
    server.faults.clear()
    server.requests.clear()
    return server


@pytest.fixture
def client(exchange: Exchange) -> Iterator[NseClient]:
    with client_of(exchange.url) as client:
        yield client
