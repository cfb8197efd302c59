"""The API Lambda: from events of API Gateway to HTTP answers."""

import logging
import os
from contextlib import suppress
from functools import cache, lru_cache

from optionchain.module_loading import garbage_collection_paused

with garbage_collection_paused():
    from mangum import Mangum
    from mangum.adapter import DEFAULT_TEXT_MIME_TYPES
    from mangum.types import ASGI, LambdaContext, LambdaEvent

    from chain_api.app import create_app
    from chain_api.aws import snap_start
    from chain_api.aws.base_path import without_base_path
    from chain_api.aws.gateway_event import is_request, refusal
    from chain_api.aws.schedule import Schedule
    from chain_api.dependencies import connect, without_database
    from chain_api.middleware.compression import Uncompressed
    from chain_api.problems.catalogue import MEDIA_TYPE
    from chain_api.rendering.formats import MEDIA_TYPES
    from optionchain.errors import SettingInvalid
    from optionchain.settings import Settings


@cache
def wire() -> Mangum:
    """Return the application behind API Gateway, with the environment's settings.

    Raises SettingInvalid. The cache keeps no error, so the next request tries again.
    """
    # Not one of Settings, because only the API has a schedule to switch.
    schedule = Schedule.from_env(os.environ)
    deps = connect(Settings.from_env(), schedule, one_at_a_time=True).noting(os.environ)
    return behind_gateway(create_app(deps))


@lru_cache(maxsize=1)
def fallback(why: str) -> Mangum:
    """Return an application that serves what needs no database, and 503 for the rest.

    It is used while a setting is unusable; `why` goes to the log.
    """
    return behind_gateway(create_app(without_database(why)))


def behind_gateway(application: ASGI) -> Mangum:
    """Return an application as a function of API Gateway's events."""
    # Mangum would log each request a second time, after RequestLog.
    logging.getLogger("mangum.http").setLevel(logging.WARNING)
    return Mangum(
        # API Gateway compresses. A body that is compressed here would be sent in base64.
        Uncompressed(application),
        lifespan="off",  # Mangum would run it on every invocation
        # Mangum sends other types in base64, which a REST API does not decode.
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
        application = fallback(str(error))
    return application(without_base_path(event), context)


def _build() -> None:
    with suppress(SettingInvalid):  # then each request tries again
        wire()


snap_start.register(_build, os.environ)
