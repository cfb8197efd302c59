"""Tries again while the database is away for a moment, as during an election of a new primary."""

import time
from collections.abc import Callable

from pymongo.errors import OperationFailure

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
            except StoreUnavailable as error:
                if not _passes(error):
                    raise
                self._sleep(pause)
        with database_errors():
            return read()


def _passes(error: StoreUnavailable) -> bool:
    """Tell whether an error may be one of a moment; a server that refuses refuses again."""
    cause = error.__cause__
    if isinstance(error, StoreRefused):
        return False
    if not isinstance(cause, OperationFailure):
        return True
    return cause.timeout or cause.has_error_label("RetryableWriteError")
