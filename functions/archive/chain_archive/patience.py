"""Tries again while the database is away for a moment, as during an election of a new primary."""

import time
from collections.abc import Callable

from optionchain.errors import StoreRefused, StoreUnavailable
from optionchain.mongo.client import database_errors

# An election takes some 12 seconds.
_PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)


class Patience:
    """Repeats reads; raises StoreUnavailable if the database stays away for half a minute."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep

    def of[Answer](self, read: Callable[[], Answer]) -> Answer:
        """Return what `read` returns, which must be harmless to repeat."""
        for pause in _PAUSES:
            try:
                with database_errors():
                    return read()
            except StoreRefused:
                raise
            except StoreUnavailable:
                self._sleep(pause)
        with database_errors():
            return read()
