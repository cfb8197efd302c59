"""The stack of the rehearsal: deployed by `sam deploy`, then connected to this machine."""

import subprocess
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.preflight.account import ALIAS
from local.preflight.release import FUNCTIONS
from local.rehearsal.ministack import ROOT, Ministack

SAM = ROOT / ".tools" / "sam" / "bin" / "sam"
SAMCONFIG = ROOT / "samconfig.toml"
# The build that this machine can run.
BUILT = ROOT / ".aws-sam" / "x86_64" / "template.yaml"
# ministack counts rate(1 minute) from the creation of the schedule, cron from the full minute.
EVERY_MINUTE = "cron(* * * * ? *)"
_DEPLOY_SECONDS = 180
_DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}


class DeploymentFailed(Exception):
    """The deployment failed; the message names the log."""


@dataclass(frozen=True)
class Resource:
    """One resource of the stack, under its logical id."""

    name: str
    kind: str
    physical: str
    status: str


def deploy(
    ministack: Ministack, stage: str, template: Path, log: Path, changes: Mapping[str, str]
) -> "DeployedStack":
    """Run `sam deploy` of one stage of samconfig.toml with a template built for x86_64.

    `changes` are parameters that differ from the stage's. The output goes to `log`. Raises
    DeploymentFailed.
    """
    own = _stage(stage)
    given = dict(each.split("=", 1) for each in own["deploy"]["parameters"]["parameter_overrides"])
    overrides = {**given, **changes, "Architecture": "x86_64"}
    command = [str(SAM), "deploy", "--template-file", str(template)]
    command += ["--config-file", str(SAMCONFIG), "--config-env", stage]
    command += ["--no-confirm-changeset", "--no-progressbar", "--parameter-overrides"]
    command += [f"{name}={value}" for name, value in overrides.items()]
    with log.open("wb") as output:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**ministack.env, "SAM_CLI_TELEMETRY": "0"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            timeout=_DEPLOY_SECONDS,
            check=False,
        )
    if done.returncode:
        raise DeploymentFailed(f"sam deploy ended with code {done.returncode}; see {log}")
    return DeployedStack(ministack, own["global"]["parameters"]["stack_name"])


def region(stage: str) -> str:
    """Return the region of a stage of samconfig.toml."""
    return str(_stage(stage)["global"]["parameters"]["region"])


def _stage(stage: str) -> dict[str, Any]:
    config = tomllib.loads(SAMCONFIG.read_text(encoding="utf-8"))
    if stage not in config or not isinstance(config[stage], dict):
        raise DeploymentFailed(f"samconfig.toml has no stage {stage!r}")
    found: dict[str, Any] = config[stage]
    return found


class DeployedStack:
    """A deployed stack: its resources, and the changes that only the rehearsal makes."""

    def __init__(self, ministack: Ministack, name: str) -> None:
        self._ministack = ministack
        self.name = name
        found = ministack.client("cloudformation").describe_stack_resources(StackName=name)
        self.resources = [
            Resource(
                row["LogicalResourceId"],
                row["ResourceType"],
                row["PhysicalResourceId"],
                row["ResourceStatus"],
            )
            for row in found["StackResources"]
        ]

    def kinds(self) -> Counter[str]:
        """Return how many resources of each type there are."""
        return Counter(resource.kind for resource in self.resources)

    def unfinished(self) -> list[Resource]:
        """Return the resources that were not created completely."""
        return [resource for resource in self.resources if resource.status not in _DONE]

    def of_kind(self, kind: str) -> list[str]:
        """Return the physical ids of all resources of a type."""
        return [resource.physical for resource in self.resources if resource.kind == kind]

    def has(self, name: str) -> bool:
        """Tell whether there is a resource of this logical id."""
        return any(resource.name == name for resource in self.resources)

    def physical(self, name: str) -> str:
        """Return the physical id of one resource by its logical id."""
        return next(resource.physical for resource in self.resources if resource.name == name)

    def put_uri(self, uri: str) -> None:
        """Put the MongoDB URI into the secret that the stack created."""
        (secret,) = self.of_kind("AWS::SecretsManager::Secret")
        client = self._ministack.client("secretsmanager")
        client.put_secret_value(SecretId=secret, SecretString=uri)

    def set_environment(
        self, changes: Mapping[str, str], functions: Sequence[str] = FUNCTIONS
    ) -> None:
        """Change variables of functions as no parameter of the template can.

        As in a deployment, the alias then serves a new version.

        ministack keeps numbers of the template as numbers. An environment needs text, which AWS
        makes of them.
        """
        client = self._ministack.client("lambda")
        for name in (each for each in functions if self.has(each)):
            variables = {**self.variables(name), **changes}
            text = {key: str(value) for key, value in variables.items()}
            function = self.physical(name)
            client.update_function_configuration(
                FunctionName=function, Environment={"Variables": text}
            )
            version = client.publish_version(FunctionName=function)["Version"]
            client.update_alias(FunctionName=function, Name=ALIAS, FunctionVersion=version)

    def variables(self, name: str) -> dict[str, str]:
        """Return the environment of a function by its logical id."""
        client = self._ministack.client("lambda")
        found = client.get_function_configuration(FunctionName=self.physical(name))
        variables: dict[str, str] = found["Environment"]["Variables"]
        return variables

    def schedule_states(self) -> list[str]:
        """Return the state of each schedule of the recorder."""
        return [found["State"] for found in self.schedules().values()]

    def names(self) -> set[str]:
        """Return the names of all schedules and alarms of the account."""
        client = self._ministack.client("scheduler")
        names = {each["Name"] for each in client.list_schedules()["Schedules"]}
        alarms = self._ministack.client("cloudwatch").describe_alarms()["MetricAlarms"]
        return names | {each["AlarmName"] for each in alarms}

    def start_each_minute(self) -> dict[str, str]:
        """Make the recorder's schedules start at any hour; return their former expressions."""
        client = self._ministack.client("scheduler")
        before = {}
        for name, found in self.schedules().items():
            before[name] = found["ScheduleExpression"]
            shape = client.meta.service_model.operation_model("UpdateSchedule").input_shape
            kept = {key: value for key, value in found.items() if key in shape.members}
            client.update_schedule(**(kept | {"ScheduleExpression": EVERY_MINUTE}))
        return before

    def schedules(self) -> dict[str, Mapping[str, Any]]:
        """Return the schedules that start the recorder by their names."""
        client = self._ministack.client("scheduler")
        names = self.of_kind("AWS::Scheduler::Schedule")
        found = {name: client.get_schedule(Name=name) for name in names}
        recorder = f":{self.physical('FetchFunction')}:"
        return {name: each for name, each in found.items() if recorder in each["Target"]["Arn"]}
