"""An execution environment of Lambda: AWS's runtime interface emulator around one function.

The emulator takes one invocation at a time and crashes on a second one beside it: here they wait.
"""

import ctypes
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.lambda_emulator.artifact import Artifact, BuiltFunction
from local.lambda_emulator.runtime_log import RuntimeLog
from local.mongod import free_port

HOST = "127.0.0.1"
_INVOCATIONS = "/2015-03-31/functions/function/invocations"
_START_SECONDS = 10
_STOP_SECONDS = 5
# Beside the function's time-out: a start, and the emulator's own time.
_PATIENCE_SECONDS = 20
_PR_SET_PDEATHSIG = 1
_LAMBDA = {
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "AWS_REGION": "ap-south-1",
    "AWS_DEFAULT_REGION": "ap-south-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
}


class InvocationFailed(Exception):
    """An invocation ended in an error of Lambda's; `kind` is its type, `message` what was said."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


class RuntimeEmulator:
    """One environment of a function, from `start` to `stop`; its output goes to `log`.

    On Linux it ends with the very thread that starts it: let that be a lasting one.
    """

    def __init__(
        self, artifact: Artifact, function: BuiltFunction, env: Mapping[str, str], log: Path
    ) -> None:
        self.log = RuntimeLog(log)
        self._artifact = artifact
        self._function = function
        self._env = env
        self._port = free_port()
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start it; the function itself starts with its first invocation."""
        words = [str(self._artifact.emulator)]
        words += ["--runtime-interface-emulator-address", f"{HOST}:{self._port}"]
        words += ["--runtime-api-address", f"{HOST}:{free_port()}"]
        words += [str(self._artifact.python), "-m", "awslambdaric", self._function.handler]
        with self.log.path.open("ab") as output:
            self._process = subprocess.Popen(
                words,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509  (a system call and no more)
            )
        self._wait_until_it_listens()
        return self

    def invoke(self, event: object) -> Any:  # noqa: ANN401  (JSON)
        """Return what the function returns; raise InvocationFailed where it, or Lambda, failed."""
        with self._one_at_a_time:
            body = self._post(json.dumps(event).encode())
        try:
            answer = json.loads(body)
        except ValueError:  # the emulator's own words, as of a time-out
            raise InvocationFailed("Runtime", body.decode(errors="replace")) from None
        if isinstance(answer, dict) and "errorType" in answer:
            raise InvocationFailed(answer["errorType"], answer.get("errorMessage", ""))
        return answer

    def stop(self) -> None:
        """End it, with whatever is under way."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def exit_code(self) -> int | None:
        """The code with which it ended; None while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def runtime_pid(self) -> int:
        """The process id of the function's Python, once it has started."""
        assert self._process is not None  # noqa: S101
        children = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        return int(" ".join(one.read_text() for one in children).split()[0])

    @property
    def peak_bytes(self) -> int:
        """The most memory that the function's Python has had at once."""
        status = Path(f"/proc/{self.runtime_pid}/status").read_text(encoding="utf-8")
        return int(re.findall(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[0]) * 1024

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _environment(self) -> dict[str, str]:
        function = self._function
        return {
            "PATH": os.defpath,
            **_LAMBDA,
            "LAMBDA_TASK_ROOT": str(function.path[0]),
            "PYTHONPATH": os.pathsep.join(map(str, function.path)),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            **function.env,
            **self._env,
        }

    def _post(self, event: bytes) -> bytes:
        seconds = self._function.timeout + _PATIENCE_SECONDS
        connection = http.client.HTTPConnection(HOST, self._port, timeout=seconds)
        try:
            connection.request("POST", _INVOCATIONS, event)
            return connection.getresponse().read()
        except (OSError, http.client.HTTPException) as error:
            raise InvocationFailed("Runtime", f"its process ended ({error!r})") from error
        finally:
            connection.close()

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.exit_code is None:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, self._port)) == 0:
                    return
            time.sleep(0.01)
        raise InvocationFailed("Runtime", f"the emulator did not start; see {self.log}")


def _end_with_parent() -> None:
    # SIGTERM, so that it ends the function's process as well.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
