"""How many requests a source gets in any stretch of time."""

from typing import NamedTuple


class Window(NamedTuple):
    """At most so many requests in any stretch of so many seconds."""

    requests: int
    seconds: float
