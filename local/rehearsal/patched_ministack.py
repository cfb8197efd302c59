"""`python -m local.rehearsal.patched_ministack`: ministack with four changes for the rehearsal.

ministack 1.5 refuses a whole stack because of one alarm on an expression. The rehearsal evaluates
no alarm anyway, so the patch stores such an alarm like any other: the template can be deployed as
it was built. ministack checks its schedules every 10 s; the patch makes that every second. And it
does not know CodeDeploy, which moves an alias step by step: the patch creates its resources by name
alone, and ministack moves an alias at once. In conditions it knows parameters alone: the patch
evaluates Join, Split and Select there too, as AWS does.

Runs in ministack's own environment.
"""

from collections.abc import Callable, Mapping
from typing import Any

type JsonObject = dict[str, Any]
type Evaluate = Callable[[JsonObject, Mapping[str, JsonObject]], dict[str, bool]]
type CreateAlarm = Callable[[str, Mapping[str, Any]], Any]

# Stored in place of the expression, under a name that says so.
_PLACEHOLDER = {"Namespace": "Rehearsal", "MetricName": "MetricMath", "Statistic": "Sum"}


def accept_metric_math(create_alarm: CreateAlarm) -> CreateAlarm:
    """Return a function that creates every alarm, given one for alarms on plain metrics."""

    def create(name: str, properties: Mapping[str, Any]) -> Any:  # noqa: ANN401  (ministack's own)
        if not properties.get("Metrics"):
            return create_alarm(name, properties)
        plain = {key: value for key, value in properties.items() if key != "Metrics"}
        return create_alarm(name, plain | _PLACEHOLDER)

    return create


def resolve_texts(evaluate: Evaluate) -> Evaluate:
    """Return a function that evaluates a template's conditions, given one for plain conditions."""

    def evaluate_all(template: JsonObject, parameters: Mapping[str, JsonObject]) -> dict[str, bool]:
        given = {name: each["Value"] for name, each in parameters.items()}
        plain = _resolved(template.get("Conditions", {}), given)
        return evaluate(template | {"Conditions": plain}, parameters)

    return evaluate_all


def _resolved(value: Any, given: Mapping[str, Any]) -> Any:  # noqa: ANN401  (any part of a template)
    """Return a value of a condition without parameters and functions on texts."""
    if isinstance(value, list):
        return [_resolved(part, given) for part in value]
    if not isinstance(value, dict):
        return value
    return _called({name: _resolved(part, given) for name, part in value.items()}, given)


def _called(parts: JsonObject, given: Mapping[str, Any]) -> Any:  # noqa: ANN401  (as above)
    match parts:
        case {"Ref": name} if name in given:
            return given[name]
        case {"Fn::Join": [separator, texts]}:
            return separator.join(map(str, texts))
        case {"Fn::Split": [separator, text]}:
            return text.split(separator)
        case {"Fn::Select": [index, found]} if isinstance(found, list):
            return found[int(index)]
    return parts


def create_by_name(name: str, _properties: Mapping[str, Any], stack: str) -> tuple[str, JsonObject]:
    """Create a resource that only has a name."""
    return f"{stack}-{name}", {}


def main() -> None:
    """Serve until the process is ended."""
    from ministack.app import main as serve  # noqa: PLC0415  (only in ministack's environment)
    from ministack.services import scheduler  # noqa: PLC0415
    from ministack.services.cloudformation import (  # noqa: PLC0415
        changesets,
        engine,
        handlers,
        provisioners,
        stacks,
    )

    provisioners._cw_metric_alarm_record = accept_metric_math(  # noqa: SLF001
        provisioners._cw_metric_alarm_record  # noqa: SLF001
    )
    for module in (changesets, engine, handlers, stacks):
        module._evaluate_conditions = resolve_texts(module._evaluate_conditions)  # noqa: SLF001
    for kind in ("Application", "DeploymentGroup"):
        provisioners._RESOURCE_HANDLERS[f"AWS::CodeDeploy::{kind}"] = {  # noqa: SLF001
            "create": create_by_name,
            "delete": lambda _name, _properties: None,
        }
    scheduler._SCHEDULE_TICK_INTERVAL = 1  # noqa: SLF001
    serve()


if __name__ == "__main__":
    main()
