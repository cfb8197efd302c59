"""How a function loads its modules at a cold start."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Load modules without searching them for garbage, now or ever.

    Loaded modules stay in memory for good. Searching them while they load takes 18 of 206 ms of
    the recorder's start and 21 of 351 ms of the API's; one full search later takes 15 ms.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
