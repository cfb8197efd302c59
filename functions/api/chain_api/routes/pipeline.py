"""Routes of the recorder: its status, and its start and stop."""

from fastapi import APIRouter, Request, Response

from chain_api import schemas
from chain_api.aws.caller import authorised_caller
from chain_api.dependencies import Dependencies
from chain_api.endpoints.pipeline_status import pipeline_status_answer
from chain_api.endpoints.pipeline_switch import switch_recorder
from chain_api.problems.catalogue import documented
from chain_api.rendering.formats import json_response
from chain_api.routes.api_router import api_router


def router(deps: Dependencies) -> APIRouter:
    """Return the routes over these parts."""
    routes = api_router(deps, "Pipeline", 422, 503)

    @routes.get(
        "/pipeline/status",
        operation_id="getPipelineStatus",
        summary="What the recorder is doing",
        response_model=schemas.PipelineStatus,
    )
    def pipeline_status() -> Response:
        """Ticks by outcome, lateness, who is on duty, how the exchange takes our requests."""
        return json_response(pipeline_status_answer(deps.recent))

    @routes.post(
        "/pipeline/start",
        operation_id="startPipeline",
        summary="Let the recorder run, and enable its schedule",
        response_model=schemas.PipelineState,
        responses=documented(403, 413, 502),
    )
    def start(request: Request) -> Response:
        """In AWS a request signed with an IAM identity (Signature V4), elsewhere one from the
        machine itself. Started twice it runs once.
        """
        return json_response(switch_recorder(deps, authorised_caller(request), enabled=True))

    @routes.post(
        "/pipeline/stop",
        operation_id="stopPipeline",
        summary="Have the recorder leave at its next tick, and disable its schedule",
        response_model=schemas.PipelineState,
        responses=documented(403, 413, 502),
    )
    def stop(request: Request) -> Response:
        """Who may start it may stop it. A running shift leaves within a second or two, and what
        was recorded stays. Stopped twice it is stopped.
        """
        return json_response(switch_recorder(deps, authorised_caller(request), enabled=False))

    return routes
