"""The recorder's environments as the local scheduler sees them."""

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from local.lambda_emulator.runtime_emulator import InvocationFailed, RuntimeEmulator

_BEGIN_SECONDS = 2


class EmulatedEnvironment:
    """An emulator to which an invocation is handed and from which its end is collected.

    `request_id` is the emulator's own, which the recorder is known by in the database.
    """

    def __init__(self, emulator: RuntimeEmulator) -> None:
        self._emulator = emulator
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="invocation")
        self._shift: Future[Any] | None = None
        self.request_id: str | None = None

    def invoke(self, event: Mapping[str, Any], request_id: str) -> None:
        """Begin an invocation; `request_id` holds until the emulator's own is known."""
        begun = len(self._emulator.log.request_ids)
        self._shift = self._pool.submit(self._emulator.invoke, event)
        deadline = time.monotonic() + _BEGIN_SECONDS
        while not (own := self._emulator.log.request_ids[begun:]) and time.monotonic() < deadline:
            time.sleep(0.005)
        self.request_id = own[0] if own else request_id

    def collect(self) -> str | None:
        """Take note of an invocation that has ended; return its error as a sentence."""
        if self._shift is None or not self._shift.done():
            return None
        error = self._shift.exception()
        self._shift = self.request_id = None
        if error is None:
            return None
        where = f"see {self._emulator.log}"
        what = error if isinstance(error, InvocationFailed) else repr(error)
        return f"an invocation of the fetch Lambda failed: {what}; {where}"

    def ended(self) -> bool:
        """Tell whether its process has ended."""
        return self._shift is None and self._emulator.exit_code is not None

    def stop(self) -> None:
        """End the process."""
        self._emulator.stop()
        self._pool.shutdown()
