"""Processor time of one thing done, without what the process did beside it."""

import time
from collections.abc import Callable

_TRIES = 3


def done_with_seconds[Answer](do: Callable[[], Answer], bound: float) -> tuple[Answer, float]:
    """Return what `do` answers, and the seconds of the quickest try.

    It is tried again only while it takes the bound or longer. The seconds are those of the whole
    process: a collection of other tests' garbage counts as well, but not three times in a row.
    """
    took = []
    for _ in range(_TRIES):
        started = time.process_time()
        answer = do()
        took.append(time.process_time() - started)
        if took[-1] < bound:
            break
    return answer, min(took)
