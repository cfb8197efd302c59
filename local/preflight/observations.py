"""The state of machine, account and database, as values that the checks judge."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from optionchain.settings import SecretStr

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
    """The result of `make build`; `outdated_by` is a source that is newer."""

    processor: str
    outdated_by: str | None = None


@dataclass(frozen=True)
class AwsFailure:
    """A request to AWS failed.

    `kind`: there are no credentials, AWS rejected them, the action is denied, AWS is unreachable,
    or another reason. `code` is the error's name in AWS or in the driver.
    """

    kind: Literal["none", "rejected", "denied", "unreachable", "other"]
    code: str


@dataclass(frozen=True)
class StackState:
    """A deployed stack; `outputs` and `parameters` by name."""

    status: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]


@dataclass(frozen=True)
class Concurrency:
    """Concurrent executions of the account in a region; the recorder reserves `own` already."""

    limit: int
    unreserved: int
    own: int


@dataclass(frozen=True)
class Secret:
    """A secret by its ARN or name; `uri` is None where it has no value."""

    arn: str
    uri: SecretStr | None


@dataclass(frozen=True)
class Bucket:
    """The bucket of the archive; `denied` are the rights in it that the archive function lacks."""

    name: str
    denied: tuple[str, ...] | AwsFailure


@dataclass(frozen=True)
class ArchiveDays:
    """What the database says of the archive: days of symbols as text, the oldest first."""

    sealed: int
    unsealed: tuple[str, ...]
    extra_days: int
    lost: tuple[str, ...]
