"""Execution environments of one function, as many as requests run at the same time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from local.lambda_emulator.runtime_emulator import RuntimeEmulator


class EnvironmentPool:
    """Gives an idle environment if there is one, else a new one, as Lambda does.

    At most `most` exist; a further request waits. `new` makes an environment that is not started.
    """

    def __init__(self, new: Callable[[], RuntimeEmulator], most: int = 4) -> None:
        self._new = new
        self._idle: list[RuntimeEmulator] = []
        self._all: list[RuntimeEmulator] = []
        self._lock = threading.Lock()
        self._free = threading.Semaphore(most)
        # An emulator ends with the thread that starts it, and a request's thread is short-lived.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="emulators")

    @contextmanager
    def environment(self) -> Iterator[RuntimeEmulator]:
        """Take an environment for one invocation."""
        with self._free:
            with self._lock:
                idle = self._idle.pop() if self._idle else None
            emulator = idle or self._starter.submit(self._start).result()
            try:
                yield emulator
            finally:
                with self._lock:
                    if emulator.exit_code is None:
                        self._idle.append(emulator)

    def stop(self) -> None:
        """End them all."""
        for emulator in self._all:
            emulator.stop()
        self._starter.shutdown()

    @property
    def environments(self) -> list[RuntimeEmulator]:
        """All environments that were started."""
        return list(self._all)

    def _start(self) -> RuntimeEmulator:
        emulator = self._new().start()
        self._all.append(emulator)
        return emulator
