"""An execution environment of Lambda: AWS's runtime interface emulator around one function.

The emulator takes one invocation at a time and crashes on a second one beside it, so invocations
wait for each other here.
"""

import http.client
import json
import os
import re
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.lambda_emulator.artifact import Artifact, BuiltFunction
from local.lambda_emulator.runtime_log import RuntimeLog
from local.mongod import free_port
from local.processes import HOST, start_process, stop_process, wait_for_port

_INVOCATIONS = "/2015-03-31/functions/function/invocations"
_START_SECONDS = 10
_STOP_SECONDS = 5
# Added to the function's time-out: for a cold start, and for the emulator itself.
_EXTRA_SECONDS = 20
_LAMBDA = {
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "AWS_REGION": "ap-south-1",
    "AWS_DEFAULT_REGION": "ap-south-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
}


class InvocationFailed(Exception):
    """An invocation ended in an error of Lambda; `kind` is its type, `message` its text."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


class RuntimeEmulator:
    """One environment of a function, from `start` to `stop`; its output goes to `log`.

    Start it from a thread that lasts, see `start_process`.
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
        command = [str(self._artifact.emulator)]
        command += ["--runtime-interface-emulator-address", f"{HOST}:{self._port}"]
        command += ["--runtime-api-address", f"{HOST}:{free_port()}"]
        command += [str(self._artifact.python), "-m", "awslambdaric", self._function.handler]
        with self.log.path.open("ab") as output:
            self._process = start_process(
                command,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            wait_for_port(self._port, _START_SECONDS, self._check_running)
        except TimeoutError as error:
            raise InvocationFailed("Runtime", f"{error}; see {self.log}") from error
        return self

    def invoke(self, event: object) -> Any:  # noqa: ANN401  (JSON)
        """Return the function's result; raise InvocationFailed where it, or Lambda, failed."""
        with self._one_at_a_time:
            body = self._post(json.dumps(event).encode())
        try:
            result = json.loads(body)
        except ValueError:  # a message of the emulator itself, as after a time-out
            raise InvocationFailed("Runtime", body.decode(errors="replace")) from None
        if isinstance(result, dict) and "errorType" in result:
            raise InvocationFailed(result["errorType"], result.get("errorMessage", ""))
        return result

    def stop(self) -> None:
        """End it, together with a running invocation."""
        if self._process is not None:
            stop_process(self._process, _STOP_SECONDS)

    @property
    def url(self) -> str:
        """Where an event can be posted, one at a time."""
        return f"http://{HOST}:{self._port}{_INVOCATIONS}"

    @property
    def exit_code(self) -> int | None:
        """The code with which it ended; None while it runs."""
        return None if self._process is None else self._process.poll()

    @property
    def runtime_pid(self) -> int:
        """The process id of the function's Python, once it has started."""
        assert self._process is not None  # noqa: S101
        children = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        return int(" ".join(each.read_text() for each in children).split()[0])

    @property
    def peak_bytes(self) -> int:
        """The largest memory of the function's Python since its start."""
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
        seconds = self._function.timeout + _EXTRA_SECONDS
        connection = http.client.HTTPConnection(HOST, self._port, timeout=seconds)
        try:
            connection.request("POST", _INVOCATIONS, event)
            return connection.getresponse().read()
        except (OSError, http.client.HTTPException) as error:
            raise InvocationFailed("Runtime", f"its process ended ({error!r})") from error
        finally:
            connection.close()

    def _check_running(self) -> None:
        if self.exit_code is not None:
            raise InvocationFailed("Runtime", f"the emulator did not start; see {self.log}")
