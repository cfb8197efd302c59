"""How a function loads its modules at a cold start."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Load modules without looking for garbage among them; never look at them again.

    What is loaded stays for good. To search it while it grows is 18 of 206 ms of the recorder's
    start and 21 of 351 ms of the API's (measured); one full search of it afterwards, 15 ms.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if enabled:
            gc.enable()
