"""The API of a rehearsed stack, asked through ministack's API Gateway."""

from dataclasses import dataclass

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.rehearsal.deployed_stack import DeployedStack
from local.rehearsal.ministack import CREDENTIALS, Ministack

_SECONDS = 30


@dataclass(frozen=True)
class ApiAnswer:
    """The status and the body of an answer; `storage` says where its numbers were read."""

    status: int
    body: bytes
    storage: str = ""


class DeployedApi:
    """The routes of a stack's REST API, with its API key where it has one."""

    def __init__(self, ministack: Ministack, stack: DeployedStack) -> None:
        (api,) = stack.of_kind("AWS::ApiGateway::RestApi")
        (stage,) = stack.of_kind("AWS::ApiGateway::Stage")
        self._root = f"{ministack.url}/restapis/{api}/{stage}/_user_request_"
        self._region = ministack.region
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy
        self._key = _key(ministack, stack)

    @property
    def has_key(self) -> bool:
        """Tell whether the stack has an API key."""
        return self._key is not None

    def get(self, path: str, *, with_key: bool = True) -> ApiAnswer:
        """Return the answer to a GET."""
        headers = {"X-Api-Key": self._key} if with_key and self._key else {}
        answer = self._session.get(self._root + path, headers=headers, timeout=_SECONDS)
        storage = answer.headers.get("X-Storage", "")
        return ApiAnswer(answer.status_code, answer.content, storage)

    def stop_recording(self, *, signed: bool) -> ApiAnswer:
        """POST /pipeline/stop, with or without the signature of an IAM identity."""
        request = AWSRequest("POST", f"{self._root}/pipeline/stop")
        if signed:
            identity = Credentials(*CREDENTIALS.values())
            SigV4Auth(identity, "execute-api", self._region).add_auth(request)
        headers = dict(request.headers.items())
        answer = self._session.post(str(request.url), headers=headers, timeout=_SECONDS)
        return ApiAnswer(answer.status_code, answer.content)


def _key(ministack: Ministack, stack: DeployedStack) -> str | None:
    client = ministack.client("apigateway")
    for key in stack.of_kind("AWS::ApiGateway::ApiKey"):
        return str(client.get_api_key(apiKey=key, includeValue=True)["value"])
    return None
