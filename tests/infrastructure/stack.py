"""A template as CloudFormation would deploy it: parameters, conditions and functions resolved."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

type Template = dict[str, Any]
# Properties by resource, which replace those of the template.
type Changes = dict[str, dict[str, Any]]
type Translate = Callable[[Changes], Template]

ACCOUNT = {
    "AWS::StackName": "nse-test",
    "AWS::Region": "ap-south-1",
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
# What !Ref gives where it is a name of the template's choice.
_NAMED = {
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::CloudWatch::Dashboard": "DashboardName",
}
_NOTHING = object()
_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


@dataclass(frozen=True)
class Stack:
    """A translated template with these parameters. An ARN is `arn:` and the logical id."""

    template: Template
    parameters: dict[str, str]

    @cached_property
    def resources(self) -> dict[str, Template]:
        """The resources that exist, resolved."""
        return self._existing("Resources")

    @cached_property
    def outputs(self) -> dict[str, Any]:
        """The values of the outputs that exist."""
        return {name: each["Value"] for name, each in self._existing("Outputs").items()}

    def of_type(self, kind: str) -> dict[str, Template]:
        """Return the properties of every resource of a type."""
        found = self.resources.items()
        return {name: each.get("Properties", {}) for name, each in found if each["Type"] == kind}

    def properties(self, name: str) -> Template:
        """Return the properties of a resource."""
        found: Template = self.resources[name]["Properties"]
        return found

    def environment(self, function: str) -> dict[str, str]:
        """Return the variables of a function, as the text that it gets."""
        variables = self.properties(function)["Environment"]["Variables"]
        return {name: str(value) for name, value in variables.items()}

    def accepts(self, rule: str) -> bool:
        """Tell whether a rule lets these parameters pass."""
        found = self.template["Rules"][rule]
        if not self.resolve(found.get("RuleCondition", True)):
            return True
        return all(self.resolve(each["Assert"]) for each in found["Assertions"])

    def resolve(self, value: Any) -> Any:  # noqa: ANN401
        """Return a value without functions."""
        if isinstance(value, list):
            return [each for part in value if (each := self.resolve(part)) is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name in {"Ref", "Condition"} or name.startswith("Fn::"):
                return self._call(name.removeprefix("Fn::"), argument)
        parts = {name: self.resolve(part) for name, part in value.items()}
        return {name: part for name, part in parts.items() if part is not _NOTHING}

    def _existing(self, section: str) -> dict[str, Template]:
        return {
            name: self.resolve({k: part for k, part in each.items() if k != "Condition"})
            for name, each in self.template[section].items()
            if "Condition" not in each or self._holds(each["Condition"])
        }

    def _holds(self, condition: str) -> bool:
        return bool(self.resolve(self.template["Conditions"][condition]))

    def _call(self, name: str, argument: Any) -> Any:  # noqa: ANN401
        if name == "If":
            return self.resolve(argument[1] if self._holds(argument[0]) else argument[2])
        if name == "Sub":
            return self._substituted(argument)
        functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._reference,
            "GetAtt": lambda value: self._attribute(*value),
            "Condition": self._holds,
            "Equals": lambda value: str(value[0]) == str(value[1]),  # a parameter is text
            "And": all,
            "Or": any,
            "Not": lambda value: not value[0],
            "Contains": lambda value: value[1] in value[0],
            "Join": lambda value: value[0].join(value[1]),
            "Split": lambda value: value[1].split(value[0]),
            "Select": lambda value: value[1][int(value[0])],
        }
        return functions[name](self.resolve(argument))

    def _reference(self, name: str) -> Any:  # noqa: ANN401
        if name == "AWS::NoValue":
            return _NOTHING
        known = ACCOUNT | self.parameters
        if name in known:
            return known[name]
        resource = self.template["Resources"][name]
        if resource["Type"] == "AWS::S3::Bucket":  # CloudFormation chooses a name of small letters
            return f"{ACCOUNT['AWS::StackName']}-{name.lower()}"
        return self.resolve(resource.get("Properties", {}).get(_NAMED.get(resource["Type"]), name))

    def _attribute(self, name: str, attribute: str) -> str:
        resource = self.template["Resources"][name]
        if attribute == "QueueName":
            return str(self.resolve(resource["Properties"]["QueueName"]))
        return f"arn:{name}"

    def _substituted(self, argument: Any) -> str:  # noqa: ANN401
        text, own = (argument, {}) if isinstance(argument, str) else argument

        def value(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in own:
                return str(self.resolve(own[name]))
            if "." in name:
                return self._attribute(*name.split("."))
            return str(self._reference(name))

        return _VARIABLE.sub(value, text)


def deployed(template: Template, **overrides: str) -> Stack:
    """Return a translated template with its default parameters but for these."""
    defaults = {name: str(each["Default"]) for name, each in template["Parameters"].items()}
    assert overrides.keys() <= defaults.keys()
    return Stack(template, defaults | overrides)


def routes(stack: Stack) -> dict[tuple[str, str], Any]:
    """Return the operation of every method and path that API Gateway serves."""
    paths = stack.properties("Api")["Body"]["paths"]
    return {
        (method, path): each for path, methods in paths.items() for method, each in methods.items()
    }


def allows(parameter: Template, value: object) -> bool:
    """Tell whether CloudFormation takes a value, by the parameter's list, pattern or bounds."""
    if listed := parameter.get("AllowedValues"):
        return str(value) in map(str, listed)
    if pattern := parameter.get("AllowedPattern"):
        return re.fullmatch(pattern, str(value)) is not None
    return bool(parameter["MinValue"] <= float(str(value)) <= parameter["MaxValue"])
