"""`make run`: the whole recorder on this machine, until Ctrl-C."""

import os
import signal
import sys
from contextlib import ExitStack
from types import FrameType

from local.mongod import MongodUnavailable
from local.run.local_run import LocalRun
from local.run.options import Options, read_options
from local.run.processes import ProcessEnded
from optionchain.errors import SettingInvalid

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FAILED = 1
_UNUSABLE = 2


def main() -> int:
    """Run; return the exit code: 0 after Ctrl-C, 1 after a failure, 2 for a bad setting."""
    for number in _STOPS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # as by nohup
            signal.signal(number, _interrupt)
    try:
        return _run(read_options())
    except SettingInvalid as error:
        return _complain(error, _UNUSABLE)
    except BrokenPipeError:
        # Nobody reads on, as in `make run | head`; nor may the interpreter write at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    except KeyboardInterrupt:
        return 0


def _run(options: Options) -> int:
    with ExitStack() as closing:
        stack = LocalRun(options, closing, _say)
        try:
            stack.start()
            stack.work()
        except KeyboardInterrupt:
            _say("\nStopping.")
        except (ProcessEnded, MongodUnavailable) as error:
            return _complain(error, _FAILED)
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    # Once is enough: what follows must not be cut short.
    for one in _STOPS:
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, flush=True)


def _complain(error: Exception, code: int) -> int:
    print(f"make run: {error}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
