"""What the exchange lists of all symbols now, kept for half a minute."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock

from optionchain.mongo.listing_register import Listing, ListingRegister

# A listing changes about once a week. An expiry that is listed and not recorded is told after a
# minute at the earliest, so nothing is told later for this.
_READ_AGAIN_AFTER = timedelta(seconds=30)


class KnownListings:
    """The newest listings of all symbols. For several threads.

    Raises StoreUnavailable if MongoDB does not answer when it is asked.
    """

    def __init__(self, register: ListingRegister, now: Callable[[], datetime]) -> None:
        self._register = register
        self._now = now
        self._known: Mapping[str, Listing] = {}
        self._read_at: datetime | None = None
        self._lock = Lock()

    def read(self) -> Mapping[str, Listing]:
        """Return them by symbol, as they were read within the last half minute."""
        now = self._now()
        with self._lock:
            read_at = self._read_at
            if read_at is None or not timedelta() <= now - read_at < _READ_AGAIN_AFTER:
                self._known, self._read_at = self._register.newest(), now
            return self._known
