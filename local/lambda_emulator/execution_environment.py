"""The recorder's emulated environments, in the shape that the local scheduler uses."""

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from local.lambda_emulator.runtime_emulator import InvocationFailed, RuntimeEmulator

_BEGIN_SECONDS = 2


class EmulatedEnvironment:
    """An emulator that runs an invocation in a thread; `collect` notes its end.

    `request_id` is the emulator's own, because the recorder writes that one into the database.
    """

    def __init__(self, emulator: RuntimeEmulator) -> None:
        self._emulator = emulator
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="invocation")
        self._shift: Future[Any] | None = None
        self.request_id: str | None = None

    def invoke(self, event: Mapping[str, Any], request_id: str) -> None:
        """Begin an invocation; `request_id` serves until the emulator has logged its own."""
        begun = len(self._emulator.log.request_ids)
        self._shift = self._pool.submit(self._emulator.invoke, event)
        deadline = time.monotonic() + _BEGIN_SECONDS
        while not (new := self._emulator.log.request_ids[begun:]) and time.monotonic() < deadline:
            time.sleep(0.005)
        self.request_id = new[0] if new else request_id

    def collect(self) -> str | None:
        """Note an invocation that has ended; return its error as a sentence."""
        if self._shift is None or not self._shift.done():
            return None
        error = self._shift.exception()
        self._shift = self.request_id = None
        if error is None:
            return None
        reason = error if isinstance(error, InvocationFailed) else repr(error)
        return f"an invocation of the fetch Lambda failed: {reason}; see {self._emulator.log}"

    def ended(self) -> bool:
        """Tell whether its process has ended."""
        return self._shift is None and self._emulator.exit_code is not None

    def stop(self) -> None:
        """End the process."""
        self._emulator.stop()
        self._pool.shutdown()
