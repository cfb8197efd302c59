"""Carries requests of httpx to the API in this process, and faults on the way."""

from collections.abc import Sequence

import httpx
from starlette.testclient import TestClient


class ApiTransport(httpx.BaseTransport):
    """Answers by the API; before that by each of `faults`, once: a status, or an error to raise."""

    def __init__(self, api: TestClient, faults: Sequence[int | Exception] = ()) -> None:
        self._api = api
        self._faults = list(faults)
        self.asked: list[httpx.Request] = []
        self.answered: list[int] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self._faults:
            fault = self._faults.pop(0)
            if isinstance(fault, Exception):
                raise fault
            return httpx.Response(fault, headers={"Retry-After": "7"}, json={"type": "/busy"})
        path = request.url.raw_path.decode().removeprefix("/dev")
        answer = self._api.get(path, headers=dict(request.headers))
        self.answered.append(answer.status_code)
        # TestClient has unpacked the body already.
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name.lower() not in ("content-encoding", "content-length")
        }
        return httpx.Response(answer.status_code, headers=headers, content=answer.content)
