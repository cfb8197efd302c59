"""One version of each sealed day for the whole of a request.

A day that is sealed anew while a request is answered would else give its header in one version and
its contracts in the next: a torn snapshot.
"""

from contextvars import ContextVar
from datetime import date

from optionchain.archive.manifest import Manifest

_pinned: ContextVar[dict[tuple[str, date], Manifest] | None] = ContextVar(
    "pinned_days", default=None
)


def begin() -> None:
    """Begin a request: no day has been read yet."""
    _pinned.set({})


def pinned(day: Manifest) -> Manifest:
    """Return the manifest with which this request began to read a day; outside of one this one."""
    known = _pinned.get()
    return day if known is None else known.setdefault((day.symbol, day.day), day)
