"""What the client remembers of expiries, types and symbols."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from chain_fetch.nse.client import NseClient
from chain_fetch.unknown_symbol import UnknownSymbol
from local.nse_simulator.faults import CHAIN, CONTRACTS, PAGE
from local.nse_simulator.market import SimulatedMarket
from local.nse_simulator.server import Exchange
from tests.support.nse_client import KINDS, NEAREST, TODAY, chain, client_of
from tests.support.patience import within


class Days:
    """A day in India that a test changes, for the exchange and its client alike."""

    def __init__(self, day: date = TODAY) -> None:
        self.day = day

    def __call__(self) -> date:
        return self.day

    def noon(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 6, 30, tzinfo=UTC)


@pytest.fixture
def days() -> Days:
    return Days()


@pytest.fixture
def living(days: Days) -> Iterator[tuple[Exchange, NseClient]]:
    """An exchange and a client whose day a test changes."""
    with (
        Exchange(SimulatedMarket(clock=days.noon)) as exchange,
        client_of(exchange.url, today=days) as client,
    ):
        yield exchange, client


def test_contract_info_has_what_is_listed_on_the_day(
    living: tuple[Exchange, NseClient], days: Days
) -> None:
    """When it is read again is for the recorder to decide."""
    exchange, client = living
    for _ in range(8):
        assert client.expiries("NIFTY", within()) == exchange.market.expiries("NIFTY")
        days.day += timedelta(days=1)
    assert len(exchange.requests.to(CONTRACTS)) == 8


def test_underlyings_are_read_once_a_day(living: tuple[Exchange, NseClient], days: Days) -> None:
    exchange, client = living
    for _ in range(2):
        for symbol in ("NIFTY", "BANKNIFTY", "IDEA"):
            client.expiries(symbol, within())
            client.chain(symbol, exchange.market.expiries(symbol)[0], within())
        days.day += timedelta(days=1)
    assert len(exchange.requests.to(KINDS)) == 2


def test_expiry_of_today_is_kept(living: tuple[Exchange, NseClient], days: Days) -> None:
    _, client = living
    days.day = NEAREST
    assert client.expiries("NIFTY", within())[0] == NEAREST


def test_failed_reading_of_the_underlyings_forgets_nothing_still_good(
    living: tuple[Exchange, NseClient], days: Days
) -> None:
    exchange, client = living
    client.expiries("NIFTY", within())
    exchange.faults.add("server_error", path=KINDS)
    days.day += timedelta(days=1)
    for _ in range(3):
        assert client.expiries("NIFTY", within())
        assert client.chain("NIFTY", exchange.market.expiries("NIFTY")[0], within())
    assert len(exchange.requests.to(KINDS)) == 2, "it is not asked for again within the minute"


def test_type_is_read_from_underlying_information(exchange: Exchange, client: NseClient) -> None:
    symbols = exchange.market.symbols()
    assert set(symbols.values()) == {"Indices", "Equity"}
    for symbol, kind in symbols.items():
        client.chain(symbol, exchange.market.expiries(symbol)[0], within())
        assert f"type={kind}" in exchange.requests.to(CHAIN)[-1].query.split("&")
    assert len(exchange.requests.to(KINDS)) == 1


def test_unknown_symbol_costs_no_further_request(exchange: Exchange, client: NseClient) -> None:
    for _ in range(3):
        with pytest.raises(UnknownSymbol, match=r"'NITFY' is none of .* near to it: NIFTY"):
            client.expiries("NITFY", within())
        with pytest.raises(UnknownSymbol):
            client.chain("NITFY", NEAREST, within())
    assert [row.path for row in exchange.requests] == [PAGE, KINDS]
    assert chain(client).quotes
