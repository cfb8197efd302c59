"""The way into MongoDB of a running function: which client is the one of the moment.

The secret is read once, and again where its URI led nowhere: the password may have changed.
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

# A wrong password must not hammer Secrets Manager, nor a missing secret.
_SECONDS_BETWEEN_RENEWALS = 60
_SECONDS_BETWEEN_STARTS = 5
# By then whoever was at work with the old client is done.
_SECONDS_TO_LEAVE = 2 * OPERATION_TIMEOUT_MS / 1e3


class RotatingClient:
    """Opens a client, and another one once the secret has changed. Safe among threads.

    `read_uri` may raise SettingInvalid; by default it reads what the settings name.
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
        self._opened: Database[Document] | None = None
        self._failed: SettingInvalid | None = None
        self._start_at = self._renew_at = float("-inf")
        self._leaving: Timer | None = None

    def open(self) -> Database[Document]:
        """Return the database of the moment; raise SettingInvalid, every few seconds anew."""
        with self._lock:
            if self._opened is None:
                self._opened = self._start()
            return self._opened

    def renew(self, old: Database[Document]) -> Database[Document] | None:
        """Return another database than the one that led nowhere; None if there is none.

        Raises SettingInvalid. Reads the secret, but not in the minute after it has.
        """
        with self._lock:
            if self._opened is not old:  # another thread was here before
                return self._opened
            # What the environment gives does not change while this runs.
            if self._settings.mongodb_uri is not None or self._monotonic() < self._renew_at:
                return None
            self._renew_at = self._monotonic() + _SECONDS_BETWEEN_RENEWALS
            uri = self._read_uri()
            if uri == self._uri:
                return None
            self._opened, self._uri = database_at(uri, self._settings), uri
            self._dismiss(old)
            return self._opened

    def close(self) -> None:
        """Close the client of the moment, and one that is leaving."""
        with self._lock:
            if self._leaving:
                self._leaving.cancel()
                self._leaving.function()
            if self._opened is not None:
                self._opened.client.close()

    def _start(self) -> Database[Document]:
        if self._failed and self._monotonic() < self._start_at:
            raise self._failed.with_traceback(None)
        try:
            uri = self._read_uri()
            opened = database_at(uri, self._settings)
        except SettingInvalid as error:
            self._failed = error
            self._start_at = self._monotonic() + _SECONDS_BETWEEN_STARTS
            raise
        self._uri = uri
        return opened

    def _dismiss(self, old: Database[Document]) -> None:
        """Close a client once those at work with it are done."""
        self._leaving = Timer(_SECONDS_TO_LEAVE, old.client.close)
        self._leaving.daemon = True
        self._leaving.start()
