"""A real HTTP server that speaks S3, with moto behind it, and misbehaves when it is told to."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Literal, NamedTuple

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.backends import get_backend
from moto.core.botocore_stubber import BotocoreStubber

from optionchain.archive.s3_store import S3Store
from tests.support.secret import MOTO, REGION

BUCKET = "chains"
PREFIX = "own/archive"
_URL = f"s3://{BUCKET}/{PREFIX}"
_ERROR = "<Error><Code>{}</Code><Message>told to</Message></Error>"

type Kind = Literal[
    "error", "cut_upload", "lost_answer", "cut_download", "short_length", "changed", "slow"
]


class Fault(NamedTuple):
    """What the server does with one request of a method.

    error: answers `status` with S3's name of an error. cut_upload: closes while it reads the body.
    lost_answer: does it, and closes. cut_download: closes in the middle of the body. short_length:
    the body and its length lack the end. changed: one byte is another one. slow: waits `seconds`.
    """

    kind: Kind
    method: Literal["GET", "PUT", "DELETE"]
    status: int = 500
    code: str = "InternalError"
    seconds: float = 0.0


@dataclass
class S3Server:
    """The server: its port, the faults that it has next, and the requests that it was sent."""

    server: ThreadingHTTPServer
    faults: deque[Fault] = field(default_factory=deque)
    requests: list[str] = field(default_factory=list)
    delay: float = 0.0
    _well: int = 0

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def fail(self, *faults: Fault) -> None:
        """Have these faults, one request of the method each, in order."""
        self.faults.extend(faults)

    def fail_after(self, requests: int, *faults: Fault) -> None:
        """Have these faults, once that many requests were answered well."""
        self._well = requests
        self.fail(*faults)

    def take(self, method: str) -> Fault | None:
        """Return the fault of the next request of this method."""
        if self._well:
            self._well -= 1
            return None
        for fault in self.faults:
            if fault.method == method:
                self.faults.remove(fault)
                return fault
        return None

    @cached_property
    def store(self) -> S3Store:
        """The store in this server's bucket."""
        return S3Store(_URL)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: S3Server

    def _answer(self) -> None:
        self.state.requests.append(f"{self.command} {self.path}")
        sleep(self.state.delay)
        fault = self.state.take(self.command)
        kind = fault.kind if fault else None
        length = int(self.headers.get("Content-Length", "0"))
        if fault and kind == "slow":
            sleep(fault.seconds)
        body = self.rfile.read(length // 2 if kind == "cut_upload" else length)
        if kind == "cut_upload":
            self.close_connection = True
            return
        if fault and kind == "error":
            self._send(fault.status, {}, _ERROR.format(fault.code).encode())
            return
        status, headers, content = self._stored(body)
        if kind == "lost_answer":
            self.close_connection = True
            return
        self._send(status, headers, content, kind)

    do_GET = do_PUT = do_DELETE = do_HEAD = _answer  # noqa: N815  (http.server's names)

    def _stored(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Return what moto answers."""
        sent = HTTPHeaders()
        for name, value in self.headers.items():
            sent[name] = value
        url = f"https://s3.{REGION}.amazonaws.com{self.path}"
        request = AWSPreparedRequest(self.command, url, sent, body, stream_output=False)
        with MOTO:
            answer = BotocoreStubber().process_request(request)
        assert answer is not None
        status, headers, content = answer
        return status, dict(headers), content if isinstance(content, bytes) else content.encode()

    def _send(
        self, status: int, headers: dict[str, str], content: bytes, kind: Kind | None = None
    ) -> None:
        if kind == "short_length":
            content = content[: -len(content) // 2]
        if kind == "changed":
            content = bytes([content[0] ^ 1]) + content[1:]
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in {"content-length", "connection", "date", "server"}:
                self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "HEAD":
            return
        half = kind == "cut_download"
        self.close_connection = self.close_connection or half
        with suppress(OSError):
            self.wfile.write(content[: len(content) // 2] if half else content)

    def log_message(self, *_: object) -> None:
        """Write no log."""


@contextmanager
def s3_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    """Run the server, with an empty bucket; boto3 asks it instead of AWS."""
    get_backend("s3").reset()
    handler = type("_Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    state = handler.state = S3Server(server)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ENDPOINT_URL", state.url)
    try:
        client = boto3.client("s3")
        where = {"LocationConstraint": REGION}
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
        client.close()
        state.requests.clear()
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        get_backend("s3").reset()
