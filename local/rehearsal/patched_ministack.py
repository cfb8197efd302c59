"""`python -m local.rehearsal.patched_ministack`: ministack with three changes for the rehearsal.

ministack 1.5 refuses a whole stack because of one alarm on an expression. The rehearsal evaluates
no alarm anyway, so the patch stores such an alarm like any other: the template can be deployed as
it was built. ministack checks its schedules every 10 s; the patch makes that every second. And it
does not know CodeDeploy, which moves an alias step by step: the patch creates its resources by name
alone, and ministack moves an alias at once.

Runs in ministack's own environment.
"""

from collections.abc import Callable, Mapping
from typing import Any

type JsonObject = dict[str, Any]
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


def create_by_name(name: str, _properties: Mapping[str, Any], stack: str) -> tuple[str, JsonObject]:
    """Create a resource that only has a name."""
    return f"{stack}-{name}", {}


def main() -> None:
    """Serve until the process is ended."""
    from ministack.app import main as serve  # noqa: PLC0415  (only in ministack's environment)
    from ministack.services import scheduler  # noqa: PLC0415
    from ministack.services.cloudformation import provisioners  # noqa: PLC0415

    provisioners._cw_metric_alarm_record = accept_metric_math(  # noqa: SLF001
        provisioners._cw_metric_alarm_record  # noqa: SLF001
    )
    for kind in ("Application", "DeploymentGroup"):
        provisioners._RESOURCE_HANDLERS[f"AWS::CodeDeploy::{kind}"] = {  # noqa: SLF001
            "create": create_by_name,
            "delete": lambda _name, _properties: None,
        }
    scheduler._SCHEDULE_TICK_INTERVAL = 1  # noqa: SLF001
    serve()


if __name__ == "__main__":
    main()
