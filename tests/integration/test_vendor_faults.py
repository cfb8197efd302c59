"""What each fault of a simulated vendor costs: the reason of its tick, and the tick after it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from chain_fetch.http.window import Window
from chain_fetch.source import Source, SourceModule, SourceParts, SourceTerms
from chain_fetch.sources import source_modules
from local.dhan_simulator import tokens as dhan_tokens
from local.dhan_simulator.server import Dhan
from local.run.vendors import VENDORS
from local.upstox_simulator import tokens as upstox_tokens
from local.upstox_simulator.server import Upstox
from optionchain.mongo.indexes import SNAPSHOTS
from optionchain.settings import SecretStr, Settings
from tests.integration.conftest import SceneAt
from tests.support.scripted_nse import NOON, Recorder, Scene

SERVERS: dict[str, Callable[..., Upstox | Dhan]] = {"upstox": Upstox, "dhan": Dhan}
HOUR = timedelta(hours=1)
FAULTS = {
    "upstox": {
        "unauthorised": "unauthorised",
        "not_for_this_token": "unauthorised",
        "static_ip": "blocked",
        "too_many": "rate_limited",
        "too_many_200": "rate_limited",
        "error_200": "server_error",
        "front_refused": "blocked",
        "front_rate_limit": "rate_limited",
        "maintenance": "server_error",
        "locked": "server_error",
        "server_error": "server_error",
        "null_data": "empty",
        "empty_data": "empty",
        "blank_chain": "empty",
        "two_expiries": "invalid_payload",
        "odd_shares": "invalid_payload",
        "partial": "invalid_payload",
        "html_200": "not_json",
        "undecodable": "not_json",
        "truncated": "truncated",
        "connection_reset": "server_error",
        "huge": "invalid_payload",
    },
    "dhan": {
        "unauthorised": "unauthorised",
        "token_ended_200": "unauthorised",
        "not_subscribed": "unauthorised",
        "not_subscribed_200": "unauthorised",
        "too_many": "rate_limited",
        "too_many_200": "rate_limited",
        "too_many_blank": "rate_limited",
        "rate_limit": "rate_limited",
        "invalid_request": "server_error",
        "bad_gateway": "server_error",
        "server_error": "server_error",
        "blank_chain": "rate_limited",
        "empty_data": "rate_limited",
        "no_strikes": "rate_limited",
        "odd_shares": "invalid_payload",
        "html_200": "not_json",
        "undecodable": "not_json",
        "truncated": "truncated",
        "connection_reset": "server_error",
        "huge": "invalid_payload",
    },
}
TOKENS: dict[str, dict[str, Callable[[datetime], str]]] = {
    "upstox": {
        "ended": upstox_tokens.ended_token,
        "for orders": upstox_tokens.orders_token,
        "of another vendor": lambda _: "no-token",
    },
    "dhan": {
        "ended": dhan_tokens.ended_token,
        "for orders": dhan_tokens.orders_token,
        "of another vendor": lambda _: "no-token",
    },
}


class Unpaced:
    """A source whose budget holds up no test: a window counts real seconds."""

    def __init__(self, name: str) -> None:
        self._module: SourceModule = source_modules([name])[name]

    def terms(self, settings: Settings) -> SourceTerms:
        return replace(self._module.terms(settings), windows=(Window(1_000, 1),))

    def open_source(self, parts: SourceParts) -> Source:
        return self._module.open_source(parts)


@contextmanager
def at_vendor(
    here: Scene, name: str, token: str | None = None
) -> Iterator[tuple[Upstox | Dhan, Recorder]]:
    """A simulated vendor, and a recorder that asks it."""
    values = VENDORS[name].token(NOON) | ({} if token is None else {"access_token": token})
    with (
        _file_of({name: values}) as tokens,
        SERVERS[name](here.exchange.market, windows=()) as vendor,
        here.recorder(
            {name: Unpaced(name)},
            source=(name,),
            source_urls=dict.fromkeys(VENDORS[name].hosts, vendor.url),
            source_tokens=SecretStr(tokens),
            nse_symbols=("NIFTY",),
            nse_expiries=1,
            # So that a busy machine has the time to read the vendor's file in the first tick.
            nse_fetch_interval=30,
        ) as recorder,
    ):
        yield vendor, recorder


@contextmanager
def _file_of(tokens: object) -> Iterator[str]:
    """Return the path of a file: a token that is given as text is not renewed."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "tokens.json"
        path.write_text(json.dumps(tokens), encoding="utf-8")
        yield str(path)


@pytest.fixture
def here(scene_at: SceneAt) -> Iterator[Scene]:
    with scene_at(NOON) as here:
        yield here


@pytest.mark.parametrize("name", list(FAULTS))
def test_each_fault_of_a_vendor_is_the_reason_of_its_tick(here: Scene, name: str) -> None:
    """Nothing of such a tick is stored, and a tick after the wait is good again."""
    reasons = {}
    with at_vendor(here, name) as (vendor, recorder):
        assert recorder.tick()["outcome"] == "stored"
        for kind in FAULTS[name]:
            vendor.faults.add(kind)
            bad = recorder.tick()
            reasons[kind] = bad.get("reason", bad["outcome"])
            assert here.database[SNAPSHOTS].count_documents({"fetched_at": bad["tick"]}) == 0
            vendor.faults.clear()
            here.clock.go_to(here.clock.now() + 2 * HOUR)
            good = recorder.tick()
            assert (good["outcome"], good["source"]) == ("stored", name), (kind, good)
    assert reasons == FAULTS[name]


@pytest.mark.parametrize(
    ("name", "kind"), [(name, kind) for name, kinds in TOKENS.items() for kind in kinds]
)
def test_a_token_that_reads_nothing_is_a_reason(here: Scene, name: str, kind: str) -> None:
    token = TOKENS[name][kind](NOON)
    with at_vendor(here, name, token) as (_, recorder):
        entry = recorder.tick()
        assert (entry["outcome"], entry.get("reason")) == ("failed", "unauthorised"), entry
        assert token not in str(entry)
