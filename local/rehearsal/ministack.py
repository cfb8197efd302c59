"""ministack, an emulator of AWS, as a process of this machine."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
import requests
from botocore.config import Config

from local.mongod import free_port
from local.processes import HOST, start_process

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".tools" / "ministack" / "bin" / "python"
# The credentials of ministack's only account; they mean nothing outside this machine.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "rehearsal", "AWS_SECRET_ACCESS_KEY": "rehearsal"}
_START_SECONDS = 30
_MODULE = "local.rehearsal.patched_ministack"
# Longer than an invocation behind API Gateway, which has at most 29 s.
_READ_SECONDS = 60


class MinistackUnavailable(Exception):
    """ministack is not installed or did not start; the message says what to do."""


class Ministack:
    """ministack on a free port of 127.0.0.1; its files and its log are in `folder`."""

    def __init__(self, folder: Path, region: str) -> None:
        self.region = region
        self.log = folder / "ministack.log"
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The endpoint of every AWS service."""
        return f"http://{HOST}:{self._port}"

    @property
    def env(self) -> Mapping[str, str]:
        """Variables that send an AWS client here; real credentials are left out."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        direct = dict.fromkeys(("no_proxy", "NO_PROXY"), f"{HOST},localhost")
        home = {"HOME": str(self._folder), "TMPDIR": str(self._folder / "tmp")}
        aws = {"AWS_DEFAULT_REGION": self.region, "AWS_ENDPOINT_URL": self.url}
        return kept | direct | home | aws | CREDENTIALS

    def client(self, service: str) -> Any:  # noqa: ANN401  (boto3 has no types)
        """Return a client of one AWS service."""
        return boto3.client(
            service,
            region_name=self.region,
            endpoint_url=self.url,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            config=Config(read_timeout=_READ_SECONDS, retries={"total_max_attempts": 1}),
        )

    def __enter__(self) -> Self:
        if not PYTHON.exists():
            raise MinistackUnavailable("ministack is not installed; `make rehearse` installs it")
        (self._folder / "tmp").mkdir(parents=True, exist_ok=True)
        try:
            self._process = self._start()
            self._wait_until_ready(self._process)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _start(self) -> subprocess.Popen[bytes]:
        own = {
            "GATEWAY_PORT": str(self._port),
            "BIND_HOST": HOST,  # by default it listens to every network
            "MINISTACK_HOST": HOST,
            "MINISTACK_REGION": self.region,
            "IOT_MTLS_ENABLED": "0",  # a service that is not needed, with a port of its own
            "SFTP_ENABLED": "0",
        }
        with self.log.open("wb") as output:
            return start_process(
                [str(PYTHON), "-m", _MODULE],
                cwd=ROOT,
                env={**self.env, **own},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        with requests.Session() as session:
            session.trust_env = False  # no proxy
            while time.monotonic() < deadline:
                if process.poll() is not None:
                    raise MinistackUnavailable(f"ministack ended at once; see {self.log}")
                if _is_ready(session, self.url):
                    return
                time.sleep(0.2)
        raise MinistackUnavailable(f"ministack was not ready in {_START_SECONDS} s; see {self.log}")

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            # Its functions are processes of their own in its session; none of its data is kept.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _is_ready(session: requests.Session, url: str) -> bool:
    try:
        return session.get(f"{url}/_ministack/ready", timeout=2).status_code == HTTPStatus.OK
    except requests.RequestException:
        return False
