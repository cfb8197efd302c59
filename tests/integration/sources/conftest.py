"""Fixtures: each source over a real HTTP server that answers as its vendor does."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from chain_fetch.source import Source, SourceTerms
from chain_fetch.sources import source_modules
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot
from tests.integration.sources.adapter import NEAR, SYMBOL, Adapter, Fault
from tests.integration.sources.adapters import ADAPTERS
from tests.support.nse_client import Sent
from tests.support.patience import PATIENCE_SECONDS, within
from tests.support.settings import changed
from tests.support.snapshots import TICK
from tests.support.source_parts import FakeCredentials, FakeLots, Parts
from tests.support.vendor_server import Asked, VendorServer, vendor_server


@dataclass
class Asking:
    """A source, its vendor, and the fakes that it is built from."""

    adapter: Adapter
    server: VendorServer
    parts: Parts
    source: Source
    terms: SourceTerms

    def chain(self, seconds: float = PATIENCE_SECONDS) -> Snapshot:
        """Ask for the nearest chain and read it, as a tick does."""
        body = self.source.chain(SYMBOL, NEAR, within(seconds))
        return self.source.parse(body, SYMBOL, TICK)

    def list_first(self) -> None:
        """Read the list of expiries, as every recorder does before its first chain."""
        self.source.expiries(SYMBOL, within())

    def fail_chains(self, fault: Fault | Sent) -> None:
        """Let the vendor answer a fault to requests for chains from now on."""
        honest = self.adapter.answer

        def answer(asked: Asked) -> Sent:
            if not self.adapter.is_chain(asked):
                return honest(asked)
            return fault.sent(asked) if isinstance(fault, Fault) else fault

        self.server.answer = answer

    @property
    def chains_asked(self) -> list[Asked]:
        """The requests for chains that the vendor got."""
        return [each for each in self.server.asked if self.adapter.is_chain(each)]


@pytest.fixture(params=ADAPTERS, ids=str)
def adapter(request: pytest.FixtureRequest) -> Adapter:
    given: Adapter = request.param
    return given


@pytest.fixture
def asking(adapter: Adapter) -> Iterator[Asking]:
    """A source before its first request."""
    with vendor_server(adapter.answer) as server:
        settings = changed(Settings(), source=(adapter.name,), **adapter.settings(server.url))
        credentials = FakeCredentials(adapter.token)
        parts = Parts(settings, lambda: TICK, credentials, FakeLots(dict(adapter.lots)))
        module = source_modules([adapter.name])[adapter.name]
        with closing(module.open_source(parts.source_parts())) as source:
            yield Asking(adapter, server, parts, source, module.terms(settings))
