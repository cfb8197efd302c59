"""The schedule of EventBridge that starts the recorder each minute: switched on and off."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, Self

from chain_api.problems import schedule_unavailable

type State = Literal["ENABLED", "DISABLED"]

# API Gateway waits for 29 s: with two attempts each, what is asked here answers or fails by then.
_SECONDS = 4


def _scheduler() -> Any:  # noqa: ANN401  (boto3 makes its clients as it runs)
    # Imported where it is used: half of a cold start, and most never switch anything.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    patience = Config(
        connect_timeout=_SECONDS / 2,
        read_timeout=_SECONDS,
        retries={"total_max_attempts": 2},
    )
    return boto3.client("scheduler", config=patience)


class Schedule:
    """One schedule of the default group; raises the Problem `schedule-unavailable`."""

    def __init__(self, name: str, connect: Callable[[], Any] = _scheduler) -> None:
        self._name = name
        self._connect = connect

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self | None:
        """Return the schedule that `SCHEDULE_NAME` names; None where it names none."""
        name = env.get("SCHEDULE_NAME", "").strip()
        return cls(name) if name else None

    def switch(self, *, enabled: bool) -> State:
        """Enable or disable it and return its new state; nothing else about it changes."""
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (as above)

        state: State = "ENABLED" if enabled else "DISABLED"
        try:
            self._put(state)
        except ClientError as error:
            raise schedule_unavailable(self._name, error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise schedule_unavailable(self._name, type(error).__name__) from error
        return state

    def _put(self, state: State) -> None:
        client = self._connect()
        found = client.get_schedule(Name=self._name)
        if found["State"] == state:
            return
        # An update replaces the whole schedule: what is left out would be reset.
        shape = client.meta.service_model.operation_model("UpdateSchedule").input_shape
        kept = {name: value for name, value in found.items() if name in shape.members}
        client.update_schedule(**(kept | {"State": state}))
