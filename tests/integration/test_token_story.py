"""The token of a vendor ends while the recorder works, on a real mongod and a real HTTP server."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chain_api import dependencies as api_deps
from chain_api.endpoints.health import current_health
from chain_api.endpoints.source_states import source_states
from chain_fetch.dependencies import Dependencies
from local.nse_simulator.market import SimulatedMarket
from local.upstox_simulator import tokens as upstox_tokens
from local.upstox_simulator.server import Upstox
from local.vendor_simulator.tokens import sign
from optionchain.settings import Settings
from tests.support.invocation import at_work, until
from tests.support.mongomock_database import AnyDatabase
from tests.support.recorder import recorder
from tests.support.secret import Secret, simulated_aws
from tests.support.settings import changed

INTERVAL = timedelta(seconds=2)


@pytest.fixture
def upstox() -> Iterator[Upstox]:
    with Upstox(SimulatedMarket(), windows=()) as vendor:
        yield vendor


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[Secret]:
    """A secret that is looked up every half second while its token does not hold."""
    monkeypatch.setattr("chain_fetch.tokens.source_credentials._URGENT_SECONDS", 0.5)
    with simulated_aws(monkeypatch):
        yield Secret()


@pytest.fixture
def deps(mongo_settings: Settings, upstox: Upstox, secret: Secret) -> Iterator[Dependencies]:
    hosts = ("upstox", "upstox-files", "nse-files")
    settings = changed(
        mongo_settings,
        source=("upstox",),
        source_urls=dict.fromkeys(hosts, upstox.url),
        source_secret_arn=secret.arn,
        nse_symbols=("NIFTY",),
        nse_fetch_interval=INTERVAL.seconds,
        nse_expiries=1,
        market_hours="always",
        log_level="ERROR",
    )
    with recorder(settings) as deps:
        yield deps


def text(token: str) -> str:
    return json.dumps({"upstox": {"access_token": token}})


def ending_at(ends: datetime) -> str:
    now = datetime.now(UTC) - timedelta(minutes=1)
    return sign({"iat": int(now.timestamp()), "exp": int(ends.timestamp()), "isExtended": True})


def of_a_year() -> str:
    return upstox_tokens.analytics_token(datetime.now(UTC) - timedelta(minutes=1))


def told(deps: Dependencies, database: AnyDatabase) -> tuple[str, list[str]]:
    """Return what the API says of the token: in the status, and the notices of /health."""
    api = api_deps.over(database, deps.settings)
    (state,) = source_states(api, datetime.now(UTC))
    codes = [notice["code"] for notice in current_health(api)["notices"]]
    return state["token"], [code for code in codes if code.startswith("token")]


def test_token_that_is_replaced_in_time_costs_no_tick(
    deps: Dependencies, database: AnyDatabase, secret: Secret
) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=6)
    secret.put(text(ending_at(ends)))
    with at_work(deps, database) as work:
        assert told(deps, database) == ("ends_soon", ["token_ends"])
        secret.put(text(of_a_year()))
        until(lambda: work.good(ends + INTERVAL))
        assert work.entries(datetime.min.replace(tzinfo=UTC), outcome="failed") == []
        assert told(deps, database) == ("valid", [])


def test_revoked_token_that_was_replaced_costs_no_tick(
    deps: Dependencies, database: AnyDatabase, secret: Secret, upstox: Upstox
) -> None:
    """The vendor refuses what says that it holds: the request is sent again with the new one."""
    first = of_a_year()
    secret.put(text(first))
    with at_work(deps, database) as work:
        secret.put(text(ending_at(datetime.now(UTC) + timedelta(days=300))))
        upstox.faults.add("unauthorised", times=1)
        until(lambda: upstox.faults.states()[0]["applied"])
        revoked = datetime.now(UTC)
        until(lambda: work.good(revoked))
        assert work.entries(datetime.min.replace(tzinfo=UTC), outcome="failed") == []


def test_ended_token_is_said_and_the_next_one_ends_the_wait(
    deps: Dependencies, database: AnyDatabase, secret: Secret
) -> None:
    ends = datetime.now(UTC) + timedelta(seconds=4)
    secret.put(text(ending_at(ends)))
    with at_work(deps, database) as work:
        until(lambda: work.entries(ends, outcome="failed"))
        (entry, *_) = work.entries(ends, outcome="failed")
        assert entry["reason"] == "unauthorised"
        assert "the token of upstox ended at" in entry["detail"]
        assert told(deps, database) == ("ended", ["token_ended"])
        until(lambda: work.entries(ends, outcome="skipped"))
    secret.put(text(of_a_year()))
    again = datetime.now(UTC)
    with at_work(deps, database) as work:
        until(lambda: work.good(again))
        assert told(deps, database) == ("valid", [])
