"""Enables and disables the EventBridge schedules that start the recorder each minute."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Literal, Self

from chain_api.problems.catalogue import schedule_unavailable

type State = Literal["ENABLED", "DISABLED"]

# API Gateway waits for 29 s. Two schedules need four calls (each is read and written), and a call
# has two attempts: 4 x 2 x (1 + 2) s = 24 s at most.
_SECONDS = 2
# How long a state that was read counts as known: nobody may ask AWS at every request.
_KNOWN_SECONDS = 30


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

    def __init__(
        self,
        names: str,
        connect: Callable[[], Any] = _scheduler,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._names = [name for part in names.split(",") if (name := part.strip())]
        self._connect = connect
        self._monotonic = monotonic
        self._known: State | Literal["UNKNOWN"] | None = None
        self._known_until = float("-inf")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Self | None:
        """Return the schedules that `SCHEDULE_NAME` names; None if it names none."""
        names = env.get("SCHEDULE_NAME", "").strip(" ,")
        return cls(names) if names else None

    def switch(self, *, enabled: bool) -> State:
        """Enable or disable all and return their new state; nothing else about them changes.

        Each is tried even if another one fails, and to try again is safe.
        """
        state: State = "ENABLED" if enabled else "DISABLED"
        self._known = None
        failed = {name: self._error_of(name, state) for name in self._names}
        errors = {name: error for name, error in failed.items() if error}
        if errors:
            first = next(iter(errors.values()))
            raise schedule_unavailable(list(errors), _code(first)) from first
        return state

    def state(self) -> State | Literal["UNKNOWN"]:
        """Return DISABLED if any is disabled, UNKNOWN if AWS does not say; 30 s old at most."""
        if self._known is None or self._monotonic() >= self._known_until:
            self._known = self._read()
            self._known_until = self._monotonic() + _KNOWN_SECONDS
        return self._known

    def _read(self) -> State | Literal["UNKNOWN"]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (as above)

        try:
            client = self._connect()
            states = {client.get_schedule(Name=name)["State"] for name in self._names}
        except (ClientError, BotoCoreError):
            return "UNKNOWN"
        return "DISABLED" if "DISABLED" in states else "ENABLED"

    def _error_of(self, name: str, state: State) -> Exception | None:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (as above)

        try:
            self._put(name, state)
        except (ClientError, BotoCoreError) as error:
            found: Exception = error
            return found
        return None

    def _put(self, name: str, state: State) -> None:
        client = self._connect()
        found = client.get_schedule(Name=name)
        if found["State"] == state:
            return
        # An update replaces the whole schedule, and resets every property that it leaves out.
        shape = client.meta.service_model.operation_model("UpdateSchedule").input_shape
        kept = {name: value for name, value in found.items() if name in shape.members}
        client.update_schedule(**(kept | {"State": state}))


def _code(error: Exception) -> str:
    """Return AWS's code of an error; without an answer of AWS, the name of the error."""
    answer = getattr(error, "response", None)
    return str(answer["Error"]["Code"]) if answer else type(error).__name__
