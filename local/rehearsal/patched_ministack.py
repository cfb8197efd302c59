"""`python -m local.rehearsal.patched_ministack`: ministack with two changes for the rehearsal.

ministack 1.5 refuses a whole stack because of one alarm on an expression. The rehearsal evaluates
no alarm anyway, so the patch stores such an alarm like any other: the template can be deployed as
it was built. And ministack checks its schedules every 10 s; the patch makes that every second.

Runs in ministack's own environment.
"""

from collections.abc import Callable, Mapping
from typing import Any

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


def main() -> None:
    """Serve until the process is ended."""
    from ministack.app import main as serve  # noqa: PLC0415  (only in ministack's environment)
    from ministack.services import scheduler  # noqa: PLC0415
    from ministack.services.cloudformation import provisioners  # noqa: PLC0415

    provisioners._cw_metric_alarm_record = accept_metric_math(  # noqa: SLF001
        provisioners._cw_metric_alarm_record  # noqa: SLF001
    )
    scheduler._SCHEDULE_TICK_INTERVAL = 1  # noqa: SLF001
    serve()


if __name__ == "__main__":
    main()
