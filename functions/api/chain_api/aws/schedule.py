"""Enables and disables the EventBridge schedules that start the recorder each minute."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, Self

from chain_api.problems.catalogue import schedule_unavailable

type State = Literal["ENABLED", "DISABLED"]

# API Gateway waits for 29 s. Two schedules need four calls (each is read and written), and a call
# has two attempts: 4 x 2 x (1 + 2) s = 24 s at most.
_SECONDS = 2


def _scheduler() -> Any:  # noqa: ANN401  (boto3 makes its clients as it runs)
    # Imported here because it takes half of a cold start, and few environments switch anything.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    patience = Config(
        connect_timeout=_SECONDS / 2,
        read_timeout=_SECONDS,
        retries={"total_max_attempts": 2},
    )
    return boto3.client("scheduler", config=patience)


class Schedule:
    """Schedules of the default group, one for each group of symbols, switched together.

    `names` are separated by commas. Raises the Problem `schedule-unavailable`.
    """

    def __init__(self, names: str, connect: Callable[[], Any] = _scheduler) -> None:
        self._names = [name for part in names.split(",") if (name := part.strip())]
        self._connect = connect

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self | None:
        """Return the schedules that `SCHEDULE_NAME` names; None if it names none."""
        names = env.get("SCHEDULE_NAME", "").strip(" ,")
        return cls(names) if names else None

    def switch(self, *, enabled: bool) -> State:
        """Enable or disable all and return their new state; nothing else about them changes.

        The first that fails ends it: those before it are switched, and to try again is safe.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (as above)

        state: State = "ENABLED" if enabled else "DISABLED"
        for name in self._names:
            try:
                self._put(name, state)
            except ClientError as error:
                raise schedule_unavailable(name, error.response["Error"]["Code"]) from error
            except BotoCoreError as error:
                raise schedule_unavailable(name, type(error).__name__) from error
        return state

    def _put(self, name: str, state: State) -> None:
        client = self._connect()
        found = client.get_schedule(Name=name)
        if found["State"] == state:
            return
        # An update replaces the whole schedule, and resets every property that it leaves out.
        shape = client.meta.service_model.operation_model("UpdateSchedule").input_shape
        kept = {name: value for name, value in found.items() if name in shape.members}
        client.update_schedule(**(kept | {"State": state}))
