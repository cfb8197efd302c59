"""The source over the simulated Dhan: its lots, its shares, and a token that is renewed at work."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from chain_fetch.dhan.source import DhanSource, open_source
from chain_fetch.refused import Refused
from chain_fetch.tokens.source_credentials import SourceCredentials
from chain_fetch.tokens.token_record import TokenRecord
from local.dhan_simulator import tokens
from local.dhan_simulator.faults import GENERATE, RENEW
from local.dhan_simulator.server import Dhan
from local.nse_simulator.market import SimulatedMarket
from optionchain.mongo.token_register import TokenRegister
from optionchain.settings import Settings
from tests.support.mongomock_database import AnyDatabase
from tests.support.patience import within
from tests.support.settings import changed
from tests.support.source_parts import FakeCredentials, Parts
from tests.support.tokens import FakeTokens

# In session, in India: 11:30.
NOON = datetime(2026, 9, 16, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LOGIN = {"pin": tokens.PIN, "totp_secret": tokens.TOTP_SECRET}


class Scene:
    """The vendor, the secret, and a clock that all of them share."""

    def __init__(self, server: Dhan, database: AnyDatabase, settings: Settings) -> None:
        self.server, self.database = server, database
        names = ("dhan", "dhan-files", "dhan-login")
        self.settings = changed(settings, source_urls=dict.fromkeys(names, server.url))
        self.store = FakeTokens()
        self.seconds = 0.0
        self.closing = ExitStack()

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def give(self, access_token: str, **more: str) -> None:
        """Put a token into the secret."""
        values = {"client_id": tokens.CLIENT_ID, "access_token": access_token, **more}
        self.store.tokens = {"dhan": values}

    def recorder(self) -> DhanSource:
        """Another recorder, which looks the secret up by itself."""
        record = TokenRecord("dhan", TokenRegister(self.database), 2 * HOUR, self.now)
        credentials = SourceCredentials(record, self.store, lambda: self.seconds)
        parts = Parts(self.settings, self.now, FakeCredentials({}))
        source = open_source(parts.source_parts(database=self.database, credentials=credentials))
        self.closing.callback(source.close)
        return source

    def asked(self, path: str) -> int:
        """How often the vendor was asked for something."""
        return sum(request.path == path for request in self.server.requests)


@pytest.fixture
def scene(database: AnyDatabase, mongo_settings: Settings) -> Iterator[Scene]:
    shared: list[Scene] = []
    market = SimulatedMarket(clock=lambda: shared[0].now() if shared else NOON)
    with Dhan(market, windows=()) as server:
        shared.append(Scene(server, database, mongo_settings))
        with shared[0].closing:
            yield shared[0]


def expiries(source: DhanSource) -> int:
    return len(source.expiries("NIFTY", within()))


@pytest.mark.parametrize("symbol", ["NIFTY", "BANKNIFTY", "RELIANCE", "M&M"])
def test_a_chain_is_read_by_the_lots_and_ids_of_dhan_s_own_list(scene: Scene, symbol: str) -> None:
    scene.give(tokens.token(NOON))
    parts = Parts(scene.settings, scene.now, FakeCredentials(scene.store.tokens["dhan"]))
    source = open_source(parts.source_parts(database=scene.database))
    scene.closing.callback(source.close)
    (terms,) = source.read_master([symbol], within(10)).values()
    parts.lots.learn("dhan", symbol, terms, NOON.date())
    nearest = source.expiries(symbol, within())[0]
    found = source.parse(source.chain(symbol, nearest, within()), symbol, NOON)
    body = scene.server.market.chain(symbol, nearest, NOON)
    sent = {
        (row["strikePrice"], side): row[side]["openInterest"]
        for row in body["records"]["data"]
        for side in ("CE", "PE")
        if row[side]["identifier"]
    }
    assert {quote.leg: quote.open_interest for quote in found.quotes} == sent
    assert len(sent) > 10


def test_a_token_of_the_website_is_renewed_before_any_request(scene: Scene) -> None:
    scene.give(tokens.token(NOON - 22 * HOUR))
    source = scene.recorder()
    source.open()
    assert scene.asked(RENEW) == 1
    assert expiries(source) > 3
    assert scene.store.tokens["dhan"]["access_token"] != tokens.token(NOON - 22 * HOUR)


def test_another_recorder_loses_no_request_when_its_token_dies(scene: Scene) -> None:
    scene.give(tokens.token(NOON - 20 * HOUR))
    first, second = scene.recorder(), scene.recorder()
    assert expiries(first) == expiries(second)
    scene.seconds = (1.5 * HOUR).total_seconds()
    # The second one has just looked the secret up, and holds the token that the first one renews.
    held = scene.store.tokens
    assert expiries(second) == expiries(first)
    assert scene.store.tokens != held
    scene.seconds += 40
    assert expiries(first) == expiries(second)
    assert scene.asked(RENEW) == 1


def test_an_ended_token_is_made_anew_by_pin_and_one_time_code(scene: Scene) -> None:
    scene.give(tokens.ended_token(NOON), **LOGIN)
    source = scene.recorder()
    assert expiries(source) > 3
    assert scene.asked(GENERATE) == 1
    # A token that was made by a program is not renewed, but made anew in its turn.
    scene.seconds = (22 * HOUR).total_seconds()
    assert expiries(source) > 3
    assert (scene.asked(GENERATE), scene.asked(RENEW)) == (2, 0)


def test_a_wrong_pin_is_sent_once_by_all_recorders_together(scene: Scene) -> None:
    scene.give(tokens.ended_token(NOON), **LOGIN | {"pin": "000000"})
    for number in range(5):
        scene.seconds = 300 * number
        with pytest.raises(Refused) as caught:
            expiries(scene.recorder())
        assert caught.value.reason == "unauthorised"
        assert "000000" not in str(caught.value)
    assert scene.asked(GENERATE) == 1
    scene.give(tokens.ended_token(NOON), **LOGIN)
    assert expiries(scene.recorder()) > 3
    assert scene.asked(GENERATE) == 2
