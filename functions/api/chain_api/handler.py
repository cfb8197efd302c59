"""The API Lambda: API Gateway's events in, HTTP answers out."""

import logging
import os
from functools import cache, lru_cache

from optionchain.module_loading import garbage_collection_paused

with garbage_collection_paused():
    from mangum import Mangum
    from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
    from mangum.types import ASGI, LambdaContext, LambdaEvent

    from chain_api.app import create_app
    from chain_api.aws.gateway_event import is_request, refusal
    from chain_api.aws.schedule import Schedule
    from chain_api.dependencies import connect, unconnected
    from chain_api.middleware.compression import Uncompressed
    from chain_api.problems.catalogue import MEDIA_TYPE
    from chain_api.rendering.formats import MEDIA_TYPES
    from optionchain.errors import SettingInvalid
    from optionchain.settings import Settings


@cache
def wire() -> Mangum:
    """Return the application behind API Gateway, over the environment's settings.

    Raises SettingInvalid, which is not kept: the next request tries again.
    `SCHEDULE_NAME` is no setting of both functions: the API alone has a schedule to switch.
    """
    schedule = Schedule.from_env(os.environ)
    # An environment of Lambda has one request at a time.
    deps = connect(Settings.from_env(), schedule, one_at_a_time=True)
    return behind_gateway(create_app(deps))


@lru_cache(maxsize=1)
def stand_in(why: str) -> Mangum:
    """Return what serves in the application's place while a setting is unusable.

    What needs no database, and 503 for the rest; `why` goes to the log.
    """
    return behind_gateway(create_app(unconnected(why)))


def behind_gateway(application: ASGI) -> Mangum:
    """Return an application as a function of API Gateway's events."""
    # It would write a second line a request, after RequestLog's.
    logging.getLogger("mangum.http").setLevel(logging.WARNING)
    return Mangum(
        # API Gateway compresses, and what is compressed here would go out in base64.
        Uncompressed(application),
        lifespan="off",  # it would run on every invocation
        # What is not text goes out in base64, which a REST API passes on undecoded.
        text_mime_types=[*DEFAULT_TEXT_MIME_TYPES, MEDIA_TYPE, MEDIA_TYPES["ndjson"]],
    )


def lambda_handler(
    event: LambdaEvent, context: LambdaContext, application: Mangum | None = None
) -> dict[str, object]:
    """Answer one request of API Gateway (REST, proxy integration)."""
    if not is_request(event):
        return refusal(event)
    try:
        application = application or wire()
    except SettingInvalid as error:
        application = stand_in(str(error))
    return application(event, context)
