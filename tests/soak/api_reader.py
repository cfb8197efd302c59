"""A user of the API who reads chains all the time, and checks that each is whole."""

import traceback
from collections import Counter
from contextlib import suppress
from datetime import datetime
from threading import Event, Thread
from typing import Any, Self

from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from chain_api.app import create_app
from chain_api.dependencies import connect
from optionchain.errors import StoreUnavailable
from optionchain.exchange_time import parse_expiry
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.mongo.stored_snapshot import snapshot_of
from optionchain.settings import Settings

_OK = 200
_EXPECTED = {200, 404, 503}


class ApiReader:
    """A context manager: within it a thread reads the latest chains through the API.

    `torn` names the chains that differ from what their header committed. `strange` counts the
    statuses that no user should see.
    """

    def __init__(self, settings: Settings, pause: float = 0.05) -> None:
        self.statuses: Counter[int] = Counter()
        self.whole = 0
        self.torn: list[str] = []
        self._settings = settings
        self._pause = pause
        self._stop = Event()
        self._thread = Thread(target=self._read, name="reader", daemon=True)

    @property
    def strange(self) -> int:
        """The number of answers with a status that no user should see."""
        return sum(self.statuses[status] for status in self.statuses.keys() - _EXPECTED)

    def __enter__(self) -> Self:
        self._deps = connect(self._settings)
        self._deps.log.setLevel("CRITICAL")  # an unreachable database is expected here
        self._app = create_app(self._deps)
        # Pydantic cannot build models in several threads at once, and FastAPI builds those of a
        # route at its first request. So the first request is sent outside of the thread.
        with TestClient(self._app, raise_server_exceptions=False) as api:
            api.get(f"/option-chain/{self._settings.nse_symbols[0]}")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _read(self) -> None:
        store = self._deps.snapshots
        with TestClient(self._told, raise_server_exceptions=False) as api:
            while not self._stop.wait(self._pause):
                for symbol in self._settings.nse_symbols:
                    answer = api.get(f"/option-chain/{symbol}")
                    self.statuses[answer.status_code] += 1
                    if answer.status_code == _OK:
                        self._check(answer.json(), store)
        store._database.client.close()

    async def _told(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; print where an error came from that became an answer 500."""
        try:
            await self._app(scope, receive, send)
        except Exception:
            traceback.print_exc()
            raise

    def _check(self, chain: dict[str, Any], store: SnapshotReader) -> None:
        """Compare a chain with the hash of its header, if the header is still there."""
        read_at = datetime.fromisoformat(chain["timestamp"])
        with suppress(StoreUnavailable):
            expiry = parse_expiry(chain["expiry_date"])
            header = store.latest_header(chain["symbol"], expiry, as_of=read_at)
            if header is None or header["fetched_at"] != read_at:
                return  # a killed server loses writes that it had not acknowledged
            snapshot = snapshot_of(header, chain["calls"] + chain["puts"])
            if snapshot.content_hash == header["content_hash"]:
                self.whole += 1
            else:
                self.torn.append(f"{chain['symbol']} {chain['expiry_date']} {read_at}")
