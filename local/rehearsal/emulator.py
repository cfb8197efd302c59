"""ministack, an emulator of AWS, as a process of this machine that ends with this one."""

import os
import signal
import socket
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
from local.run.locks import HOST

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".tools" / "ministack" / "bin" / "python"
# What ministack takes for an account; nothing outside this machine knows them.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "rehearsal", "AWS_SECRET_ACCESS_KEY": "rehearsal"}
_START_SECONDS = 30
_MINISTACK = "local.rehearsal.taught"
# An invocation that is waited for has at most API Gateway's 29 s.
_READ_SECONDS = 60


class EmulatorUnavailable(Exception):
    """The emulator is not here or did not start; the message says what to do."""


class Emulator:
    """ministack on a free port of 127.0.0.1; it keeps files and log in `folder`."""

    def __init__(self, folder: Path, region: str) -> None:
        self.region = region
        self.log = folder / "ministack.log"
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._lifeline: tuple[int, int] | None = None

    @property
    def url(self) -> str:
        """Where it answers for every service of AWS."""
        return f"http://{HOST}:{self._port}"

    @property
    def env(self) -> Mapping[str, str]:
        """What sends a client of AWS here, and nowhere else: real credentials are left out."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        direct = dict.fromkeys(("no_proxy", "NO_PROXY"), f"{HOST},localhost")
        home = {"HOME": str(self._folder), "TMPDIR": str(self._folder / "tmp")}
        aws = {"AWS_DEFAULT_REGION": self.region, "AWS_ENDPOINT_URL": self.url}
        return kept | direct | home | aws | CREDENTIALS

    def client(self, service: str) -> Any:  # noqa: ANN401  (boto3 makes its clients as it runs)
        """Return a client of one of its services."""
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
            raise EmulatorUnavailable("ministack is not installed; `make rehearse` installs it")
        (self._folder / "tmp").mkdir(parents=True, exist_ok=True)
        self._lifeline = os.pipe()
        try:
            self._process = self._start(self._lifeline[0])
            self._wait(self._process)
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

    def _start(self, lifeline: int) -> subprocess.Popen[bytes]:
        own = {
            "GATEWAY_PORT": str(self._port),
            "BIND_HOST": HOST,  # it would listen to every network
            "MINISTACK_HOST": HOST,
            "MINISTACK_REGION": self.region,
            "IOT_MTLS_ENABLED": "0",  # a port more, for a service that is not wanted
            "SFTP_ENABLED": "0",
        }
        with self.log.open("wb") as output:
            return subprocess.Popen(
                [str(PYTHON), "-m", "local.run.supervised", str(lifeline), _MINISTACK],
                cwd=ROOT,
                env={**self.env, **own},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(lifeline,),
                start_new_session=True,  # so that its functions can be ended with it
            )

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        with requests.Session() as session:
            session.trust_env = False  # whatever proxy the environment names
            while time.monotonic() < deadline:
                if process.poll() is not None:
                    raise EmulatorUnavailable(f"ministack ended at once; see {self.log}")
                with socket.socket() as probe:
                    listens = probe.connect_ex((HOST, self._port)) == 0
                if listens and _is_ready(session, self.url):
                    return
                time.sleep(0.2)
        raise EmulatorUnavailable(f"ministack was not ready in {_START_SECONDS} s; see {self.log}")

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            # Nothing of it is kept. Its functions are processes of their own in its session.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for end in self._lifeline or ():
            os.close(end)
        self._lifeline = None


def _is_ready(session: requests.Session, url: str) -> bool:
    try:
        return session.get(f"{url}/_ministack/ready", timeout=2).status_code == HTTPStatus.OK
    except requests.RequestException:
        return False
