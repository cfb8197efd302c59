"""As many execution environments of a function as are asked for at once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from local.lambda_emulator.runtime_emulator import RuntimeEmulator


class EnvironmentPool:
    """Environments of one function: an idle one if there is one, else a new one, as Lambda does.

    At most `most` at once; who comes then waits. `new` makes one that is not yet started.
    """

    def __init__(self, new: Callable[[], RuntimeEmulator], most: int = 4) -> None:
        self._new = new
        self._idle: list[RuntimeEmulator] = []
        self._all: list[RuntimeEmulator] = []
        self._lock = threading.Lock()
        self._free = threading.Semaphore(most)
        # An emulator ends with the thread that starts it: this one lasts as long as the fleet.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="emulators")

    @contextmanager
    def environment(self) -> Iterator[RuntimeEmulator]:
        """Have an environment for one invocation."""
        with self._free:
            with self._lock:
                found = self._idle.pop() if self._idle else None
            one = found or self._starter.submit(self._start).result()
            try:
                yield one
            finally:
                with self._lock:
                    if one.exit_code is None:
                        self._idle.append(one)

    def stop(self) -> None:
        """End them all."""
        for one in self._all:
            one.stop()
        self._starter.shutdown()

    @property
    def environments(self) -> list[RuntimeEmulator]:
        """All that were started."""
        return list(self._all)

    def _start(self) -> RuntimeEmulator:
        one = self._new().start()
        self._all.append(one)
        return one
