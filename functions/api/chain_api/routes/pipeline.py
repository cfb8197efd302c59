"""Routes of the recorder: what it is doing, and its switch."""

from fastapi import APIRouter, Request, Response

from chain_api import control, schemas, status
from chain_api.authority import caller
from chain_api.deps import Deps
from chain_api.problems import documented
from chain_api.rendering import json


def router(deps: Deps) -> APIRouter:
    """Return the routes over these parts."""
    routes = APIRouter(tags=["Pipeline"], responses=documented(503))

    @routes.get(
        "/pipeline/status",
        operation_id="getPipelineStatus",
        summary="What the recorder is doing",
        response_model=schemas.PipelineStatus,
    )
    def pipeline_status() -> Response:
        return json(status.answer(deps))

    @routes.post(
        "/pipeline/start",
        operation_id="startPipeline",
        summary="Let the recorder run, and enable its schedule",
        response_model=schemas.PipelineState,
        responses=documented(403, 502),
    )
    def start(request: Request) -> Response:
        return json(control.switch(deps, caller(request), enabled=True))

    @routes.post(
        "/pipeline/stop",
        operation_id="stopPipeline",
        summary="Have the recorder leave at its next tick, and disable its schedule",
        response_model=schemas.PipelineState,
        responses=documented(403, 502),
    )
    def stop(request: Request) -> Response:
        return json(control.switch(deps, caller(request), enabled=False))

    return routes
