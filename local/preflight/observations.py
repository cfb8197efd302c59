"""What a preflight has seen, as values: no file, no network."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

type PingResult = Literal["answers", "invalid", "refused", "not_found", "unreachable"]


@dataclass(frozen=True)
class Stage:
    """One deployment of samconfig.toml; `overrides` are parameters by name."""

    name: str
    stack: str
    region: str
    overrides: Mapping[str, str]


@dataclass(frozen=True)
class BuildState:
    """What `make build` made; `outdated_by` is a source that is newer."""

    processor: str
    outdated_by: str | None = None


@dataclass(frozen=True)
class AwsFailure:
    """AWS was asked and did not tell.

    `kind`: no credentials, credentials that are not taken, an action that is not allowed, no way
    to AWS, or another answer. `code` is AWS's or the driver's name for it.
    """

    kind: Literal["none", "rejected", "denied", "away", "other"]
    code: str


@dataclass(frozen=True)
class StackState:
    """A stack as it stands; `outputs` and `parameters` by name."""

    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]


@dataclass(frozen=True)
class Concurrency:
    """Executions of the account in a region; `own` of them are the recorder's already."""

    limit: int
    unreserved: int
    own: int


@dataclass(frozen=True)
class Secret:
    """A secret by its ARN or name; `uri` is None where it has no value."""

    arn: str
    uri: SecretStr | None
