"""`python -m local.rehearsal.taught`: ministack, which takes alarms on metric math too.

ministack 1.5 refuses a whole stack for one alarm on an expression, and no alarm is judged in the
rehearsal anyway. So it is taught to keep such an alarm like any other, for the template to be
deployed as it was built. Runs in ministack's own environment.
"""

from collections.abc import Callable, Mapping
from typing import Any

type Record = Callable[[str, Mapping[str, Any]], Any]

# What is kept in place of the expression, under a name that says so.
_STAND_IN = {"Namespace": "Rehearsal", "MetricName": "MetricMath", "Statistic": "Sum"}


def taking_metric_math(record: Record) -> Record:
    """Return what keeps an alarm, by what keeps one on a plain metric."""

    def keep(name: str, properties: Mapping[str, Any]) -> Any:  # noqa: ANN401  (ministack's own)
        if not properties.get("Metrics"):
            return record(name, properties)
        plain = {key: value for key, value in properties.items() if key != "Metrics"}
        return record(name, plain | _STAND_IN)

    return keep


def main() -> None:
    """Serve until the process is ended."""
    from ministack.app import main as serve  # noqa: PLC0415  (there, and nowhere else)
    from ministack.services.cloudformation import provisioners  # noqa: PLC0415

    provisioners._cw_metric_alarm_record = taking_metric_math(  # noqa: SLF001
        provisioners._cw_metric_alarm_record  # noqa: SLF001
    )
    serve()


if __name__ == "__main__":
    main()
