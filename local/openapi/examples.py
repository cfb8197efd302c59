"""Examples of answers and problems for the OpenAPI document, made by the application."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, cast

import yaml
from pymongo.database import Database
from starlette.testclient import TestClient

from chain_api.app import create_app
from chain_api.caching.http_cache import MOST_BYTES
from chain_api.dependencies import Dependencies, over
from chain_api.middleware.body_bound import MOST_BYTES as MOST_BODY
from chain_api.problems.catalogue import MEDIA_TYPE, Problem, schedule_unavailable, too_large
from local.openapi.example_archive import sealed_example
from local.openapi.example_requests import ANSWERS, PROBLEMS, ExampleRequest
from local.openapi.example_session import NOW, SYMBOLS
from optionchain.errors import (
    ArchiveDamaged,
    ArchiveUnavailable,
    SnapshotIncomplete,
    StoreRefused,
    StoreUnavailable,
)
from optionchain.mongo.client import Document
from optionchain.mongo.snapshot_reader import SnapshotReader
from optionchain.settings import Settings

_GATEWAY_RESPONSES = Path(__file__).parents[2] / "functions" / "api" / "gateway_responses.yaml"
_ADDRESS = "http://127.0.0.1:8000"
_CHAIN = "/option-chain/NIFTY"
# The real sizes depend on the server and the machine.
_BYTES = {"data": 9611557, "storage": 2490368, "indexes": 2842624}
_INCOMPLETE = "The snapshot NIFTY 23-Jun-2026 of 2026-06-19T09:32:25Z has 412 of 812 contracts"
_FILE_BYTES = 14203
_FILE_SHA256 = "9c1f0a7b3d5e2f48a1c06b7d9e3f5a2c4b8d0e6f1a3c5e7092b4d6f8a0c2e4f6"
_DAMAGED = (
    "files/NIFTY/2026-05-19/contracts-9c1f0a7b3d5e2f48.parquet is not the file that its manifest "
    "names"
)
# The problems that only API Gateway answers, by its names for them.
_AT_THE_GATEWAY = ("INVALID_API_KEY", "THROTTLED", "QUOTA_EXCEEDED", "INTEGRATION_TIMEOUT")


class _Away:
    """A reader whose every method fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        def fail(*_: object) -> NoReturn:
            raise self._error

        return fail


def examples(database: Database[Document]) -> dict[str, Any]:
    """Return the examples over the recording of `local.openapi.example_session`."""
    with sealed_example(database) as folder:
        settings = Settings(nse_symbols=SYMBOLS, archive_url=folder)
        deps = over(database, settings, lambda: NOW)
        client = _client(deps)
        problems = dict(sorted(_problems(deps, client).items()))
        return {"answers": _answers(client), "problems": problems}


def _answers(client: TestClient) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    for name, request in ANSWERS:
        media_type, example = _answer(client, request)
        of_operation = answers.setdefault(request.operation_id, {}).setdefault(media_type, {})
        of_operation[name] = example
    return answers


def _client(deps: Dependencies, host: str = "127.0.0.1") -> TestClient:
    app = create_app(deps)
    return TestClient(app, _ADDRESS, raise_server_exceptions=False, client=(host, 50_000))


def _answer(client: TestClient, request: ExampleRequest) -> tuple[str, dict[str, Any]]:
    response = client.request(request.method, request.path, json=request.body)
    if response.status_code != 200:  # noqa: PLR2004
        raise RuntimeError(f"{request.path}: {response.text}")
    media_type = response.headers["content-type"].partition(";")[0]
    value: Any = response.text
    if request.operation_id == "getArchive":
        value = re.sub(r",\d+\r\n", f",{_FILE_BYTES * 4}\r\n", value)
    if media_type == "application/json":
        value = steady(response.json())
    return media_type, {"summary": request.summary, "value": value}


def steady(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without the differences between runs: sizes, and the order of counts."""
    if "links_reason" in answer:  # /archive
        return {**answer, "records": [_steady_day(day) for day in answer["records"]]}
    if "bytes" in answer:
        return {**answer, "bytes": _BYTES}
    if "lateness_ms" in answer:  # /pipeline/status, whose counts come in any order
        ticks = {period: dict(sorted(counts.items())) for period, counts in answer["ticks"].items()}
        return {**answer, "ticks": ticks}
    return answer


def _steady_day(day: dict[str, Any]) -> dict[str, Any]:
    """Return a sealed day without what the version of the Parquet writer decides."""
    files = [
        {
            **file,
            "key": f"{file['key'].rpartition('-')[0]}-{_FILE_SHA256[:16]}.parquet",
            "bytes": _FILE_BYTES,
            "sha256": _FILE_SHA256,
        }
        for file in day["files"]
    ]
    return {**day, "bytes": _FILE_BYTES * len(files), "files": files}


def _problems(deps: Dependencies, client: TestClient) -> dict[str, Any]:
    found = {slug: _problem(client, request) for slug, request in PROBLEMS.items()}
    without = _client(replace(deps, cold=None))
    found["no-archive"] = _problem(without, ExampleRequest("", "/archive"))
    long = {"symbol": "N" * MOST_BODY}
    found["body-too-large"] = _problem(client, ExampleRequest("", "/option-chain/filter", long))
    found["forbidden"] = _problem(
        _client(deps, "203.0.113.7"), ExampleRequest("", "/pipeline/stop", {})
    )
    for slug, error in (
        ("database-unavailable", StoreUnavailable("away")),
        ("database-refuses", StoreRefused("not authorised")),
        ("snapshot-incomplete", SnapshotIncomplete(_INCOMPLETE)),
        ("archive-unavailable", ArchiveUnavailable("away")),
        ("archive-damaged", ArchiveDamaged(_DAMAGED)),
        ("internal-error", RuntimeError("unforeseen")),
    ):
        store = cast("SnapshotReader", _Away(error))
        found[slug] = _problem(_client(replace(deps, snapshots=store)), ExampleRequest("", _CHAIN))
    advice = "Ask for less: a smaller limit, a window of strikes, `columns`, or format=csv."
    found |= _body(too_large(MOST_BYTES + 1_234_567, MOST_BYTES, advice), _CHAIN)
    found |= _body(
        schedule_unavailable("nse-option-chain-every-minute", "AccessDeniedException"),
        "/pipeline/stop",
    )
    return found | _gateway_problems()


def _problem(client: TestClient, request: ExampleRequest) -> Mapping[str, Any]:
    response = client.request(request.method, request.path, json=request.body)
    if response.headers["content-type"] != MEDIA_TYPE:
        raise RuntimeError(f"{request.path}: {response.text}")
    body: Mapping[str, Any] = response.json()
    return body


def _body(problem: Problem, path: str) -> dict[str, Any]:
    return {problem.slug: problem.body(path)}


def _gateway_problems() -> dict[str, Any]:
    """Return the problems that API Gateway answers by itself, in the template's words."""
    responses = yaml.safe_load(_GATEWAY_RESPONSES.read_text(encoding="utf-8"))
    templates = (responses[name]["responseTemplates"] for name in _AT_THE_GATEWAY)
    sent = [json.loads(each["application/json"]) for each in templates]
    return {each["type"].rpartition(":")[2]: each | {"instance": _CHAIN} for each in sent}
