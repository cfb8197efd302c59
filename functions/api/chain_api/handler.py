"""The API Lambda: API Gateway's events in, HTTP answers out."""

from functools import cache

from mangum import Mangum
from mangum.types import LambdaContext, LambdaEvent

from chain_api.app import create_app
from chain_api.deps import connect
from optionchain.settings import Settings


@cache
def wire() -> Mangum:
    """Return the application behind API Gateway, over the environment's settings."""
    # Mangum would run the lifespan on every invocation.
    return Mangum(create_app(connect(Settings.from_env())), lifespan="off")


def lambda_handler(
    event: LambdaEvent, context: LambdaContext, application: Mangum | None = None
) -> dict[str, object]:
    """Answer one request of API Gateway (REST, proxy integration)."""
    return (application or wire())(event, context)
