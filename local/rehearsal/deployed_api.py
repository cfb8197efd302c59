"""The rehearsed API, asked as its users ask it: through the ministack's API Gateway."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.rehearsal.ministack import CREDENTIALS, ROOT, Ministack
from local.rehearsal.stack import Stack

EVENTS = ROOT / "events"
_SECONDS = 30
# The function's own words for an event that is no REST API's.
_NO_REST_API = b"events of a REST API"


@dataclass(frozen=True)
class Answer:
    """A status and a body; `way` says how the function was asked."""

    status: int
    body: bytes
    way: str


class DeployedApi:
    """The routes of a stack's REST API, with its API key where it has one.

    ministack puts a `version` into its events, as HTTP APIs do and REST APIs do not. Where the
    function refuses it for that, the function itself is asked, by an event as AWS sends it.
    """

    def __init__(self, ministack: Ministack, stack: Stack) -> None:
        (api,) = stack.of_kind("AWS::ApiGateway::RestApi")
        (stage,) = stack.of_kind("AWS::ApiGateway::Stage")
        self._root = f"{ministack.url}/restapis/{api}/{stage}/_user_request_"
        self._ministack = ministack
        self._function = stack.physical("ApiFunction")
        self._session = requests.Session()
        self._session.trust_env = False  # whatever proxy the environment names
        self._key = _key(ministack, stack)

    @property
    def keyed(self) -> bool:
        """Tell whether the stack has an API key."""
        return self._key is not None

    def get(self, path: str, *, key: bool = True) -> Answer:
        """Return the answer to a GET, with the API key unless told otherwise."""
        headers = {"X-Api-Key": self._key} if key and self._key else {}
        found = self._session.get(self._root + path, headers=headers, timeout=_SECONDS)
        return self._understood(found, "api-health", path)

    def stop(self, *, signed: bool) -> Answer:
        """Ask for the recording to be stopped, signed by an IAM identity or by nobody."""
        path = "/pipeline/stop"
        request = AWSRequest("POST", self._root + path)
        if signed:
            identity = Credentials(*CREDENTIALS.values())
            SigV4Auth(identity, "execute-api", self._ministack.region).add_auth(request)
        headers = dict(request.headers.items())
        found = self._session.post(self._root + path, headers=headers, timeout=_SECONDS)
        return self._understood(found, "api-control-stop", path)

    def _understood(self, found: requests.Response, event: str, path: str) -> Answer:
        refused = found.status_code == HTTPStatus.BAD_REQUEST and _NO_REST_API in found.content
        if refused:
            return self._directly(event, path)
        return Answer(found.status_code, found.content, "through API Gateway")

    def _directly(self, name: str, path: str) -> Answer:
        event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
        event["path"] = path
        client = self._ministack.client("lambda")
        answer = client.invoke(FunctionName=self._function, Payload=json.dumps(event))
        found = json.loads(answer["Payload"].read())
        return Answer(found["statusCode"], found["body"].encode(), "by the function itself")


def _key(ministack: Ministack, stack: Stack) -> str | None:
    client = ministack.client("apigateway")
    for key in stack.of_kind("AWS::ApiGateway::ApiKey"):
        return str(client.get_api_key(apiKey=key, includeValue=True)["value"])
    return None
