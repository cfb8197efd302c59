"""The mongod of a run: it is started again where it was killed, so that the recorder goes on."""

import signal
import time
from collections import deque
from collections.abc import Callable

from local.mongod import Mongod
from local.processes import ProcessEnded

_MOST_KILLS = 3
_WITHIN_SECONDS = 60

type PrintLine = Callable[[str], None]


class WatchedMongod:
    """Starts a mongod again, with its port and its folder; call `check` often.

    Only SIGKILL is worth another start: it comes from outside, as from the kernel when memory runs
    out. What mongod does not survive by itself, such as a full disk, would end it again.
    `clock` counts seconds.
    """

    def __init__(
        self, mongod: Mongod, print_line: PrintLine, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._mongod = mongod
        self._print_line = print_line
        self._clock = clock
        self._kills: deque[float] = deque(maxlen=_MOST_KILLS)

    def check(self) -> None:
        """Start it again if it was killed; raise ProcessEnded if it ended otherwise or too often.

        Three times within a minute are too often.
        """
        if (code := self._mongod.exit_code) is None:
            return
        self._kills.append(self._clock())
        if code != -signal.SIGKILL or self._too_often():
            raise ProcessEnded(f"mongod ended with code {code}; see {self._mongod.log}")
        self._mongod.launch()
        self._print_line(
            f"mongod was killed (code {code}), perhaps because memory ran out, "
            f"and is started again; see {self._mongod.log}"
        )

    def _too_often(self) -> bool:
        full = len(self._kills) == _MOST_KILLS
        return full and self._kills[-1] - self._kills[0] < _WITHIN_SECONDS
