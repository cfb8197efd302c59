"""The MongoDB client of a running function, replaced when the secret with its URI has changed.

The secret is read once, and again when its URI fails: the password may have changed.
"""

import time
from collections.abc import Callable
from functools import partial
from threading import Lock, Timer

from pymongo.database import Database

from optionchain.errors import SettingInvalid
from optionchain.mongo.client import OPERATION_TIMEOUT_MS, Document, database_at
from optionchain.mongo.credentials import uri_of
from optionchain.settings import Settings

# A wrong password or a missing secret must not cause a request to Secrets Manager at every tick.
_SECONDS_BETWEEN_RENEWALS = 60
_SECONDS_BETWEEN_STARTS = 5
# By then operations that began with the old client have ended.
_SECONDS_UNTIL_CLOSE = 2 * OPERATION_TIMEOUT_MS / 1e3


class RotatingClient:
    """Opens a client, and another one if the secret has changed. Safe for several threads.

    `read_uri` may raise SettingInvalid; by default it reads the URI that the settings name.
    """

    def __init__(
        self,
        settings: Settings,
        read_uri: Callable[[], str] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._read_uri = read_uri or partial(uri_of, settings)
        self._monotonic = monotonic
        self._lock = Lock()
        self._uri = ""
        self._database: Database[Document] | None = None
        self._start_error: SettingInvalid | None = None
        self._next_start = self._next_renewal = float("-inf")
        self._close_timer: Timer | None = None

    def open(self) -> Database[Document]:
        """Return the database; raise SettingInvalid. After an error it waits a few seconds."""
        with self._lock:
            if self._database is None:
                self._database = self._start()
            return self._database

    def renew(self, old: Database[Document]) -> Database[Document] | None:
        """Return another database than the failed one; None if there is no other URI.

        Raises SettingInvalid. Reads the secret at most once a minute.
        """
        with self._lock:
            if self._database is not old:  # another thread has replaced it
                return self._database
            # A URI from the environment does not change while the function runs.
            if self._settings.mongodb_uri is not None or self._monotonic() < self._next_renewal:
                return None
            self._next_renewal = self._monotonic() + _SECONDS_BETWEEN_RENEWALS
            uri = self._read_uri()
            if uri == self._uri:
                return None
            self._database, self._uri = database_at(uri, self._settings), uri
            self._close_later(old)
            return self._database

    def close(self) -> None:
        """Close the client, and the one before it if that is still open."""
        with self._lock:
            if self._close_timer:
                self._close_timer.cancel()
                self._close_timer.function()
            if self._database is not None:
                self._database.client.close()

    def _start(self) -> Database[Document]:
        if self._start_error and self._monotonic() < self._next_start:
            raise self._start_error.with_traceback(None)
        try:
            uri = self._read_uri()
            opened = database_at(uri, self._settings)
        except SettingInvalid as error:
            self._start_error = error
            self._next_start = self._monotonic() + _SECONDS_BETWEEN_STARTS
            raise
        self._uri = uri
        return opened

    def _close_later(self, old: Database[Document]) -> None:
        """Close a client when operations that began with it have ended."""
        self._close_timer = Timer(_SECONDS_UNTIL_CLOSE, old.client.close)
        self._close_timer.daemon = True
        self._close_timer.start()
