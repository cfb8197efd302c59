"""A local API Gateway stage: it hands HTTP requests to the built API function.

It implements routes, the stage's path, compression and the template's gateway responses. Of a
signature it checks the form alone. It has no keys, quotas or throttles.
"""

import gzip
import json
import re
from collections.abc import Collection

from local.lambda_emulator.artifact import Artifact
from local.lambda_emulator.environment_pool import EnvironmentPool
from local.lambda_emulator.proxy_event import (
    HttpRequest,
    HttpResponse,
    event_of,
    path_in,
    response_of,
)
from local.lambda_emulator.runtime_emulator import InvocationFailed

# How the template's OpenAPI body requires a signature and names a header.
_SIGNED: list[dict[str, list[str]]] = [{"AWS_IAM": []}]
_HEADER = "gatewayresponse.header."


class ApiGateway:
    """Does with a request what API Gateway does, over environments of the API function."""

    def __init__(self, artifact: Artifact, pool: EnvironmentPool, stage: str = "prod") -> None:
        api = artifact.template["Resources"]["Api"]["Properties"]
        self._routes = artifact.routes
        self._compressed_from = int(api["MinimumCompressionSize"])
        self._gateway_responses = artifact.gateway_responses
        self._pool = pool
        self.stage = stage

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        path = path_in(self.stage, request.target)
        resource = path and resource_of(path, {route for _, route in self._routes})
        route = self._routes.get((request.method, resource or ""))
        if path is None or resource is None or route is None:
            return self._gateway_response("MISSING_AUTHENTICATION_TOKEN", request)
        event = event_of(request, self.stage, path, resource)
        signed = event["requestContext"]["identity"]["userArn"]
        if route.get("security") == _SIGNED and not signed:
            return self._gateway_response("MISSING_AUTHENTICATION_TOKEN", request)
        try:
            with self._pool.environment() as environment:
                response = response_of(environment.invoke(event))
        except InvocationFailed as error:
            late = "timed out" in error.message
            return self._gateway_response(
                "INTEGRATION_TIMEOUT" if late else "INTEGRATION_FAILURE", request
            )
        except ValueError:
            return self._gateway_response("INTEGRATION_FAILURE", request)
        return self._compressed(response, request)

    def _gateway_response(self, kind: str, request: HttpRequest) -> HttpResponse:
        """Return the gateway response of a kind, as the template words it."""
        response = self._gateway_responses[kind]
        path = json.dumps(request.target.partition("?")[0])
        body = response["responseTemplates"]["application/json"].replace('"$context.path"', path)
        headers = [
            (name.removeprefix(_HEADER), text.strip("'"))
            for name, text in response["responseParameters"].items()
            if isinstance(text, str)  # the others depend on CorsOrigins, which is not set here
        ]
        return HttpResponse(int(response["statusCode"]), headers, body.encode())

    def _compressed(self, answer: HttpResponse, request: HttpRequest) -> HttpResponse:
        wanted = "gzip" in request.header("accept-encoding")
        if not wanted or len(answer.body) < self._compressed_from:
            return answer
        headers = [pair for pair in answer.headers if pair[0].lower() != "content-length"]
        body = gzip.compress(answer.body, 5, mtime=0)
        return HttpResponse(answer.status, [*headers, ("Content-Encoding", "gzip")], body)


def resource_of(path: str, resources: Collection[str]) -> str | None:
    """Return the route of a path: the one with that path, else the longest greedy one."""
    if path in resources:
        return path
    greedy = [each for each in resources if each.endswith("/{proxy+}")]
    matching = [each for each in greedy if re.fullmatch(re.escape(each[:-8]) + ".+", path)]
    return max(matching, key=len, default=None)
