"""`make lambda`: the built functions behind http://127.0.0.1:8000/prod/, until Ctrl-C."""

import signal
import sys
from contextlib import ExitStack

from local.lambda_emulator.artifact import RuntimeUnavailable, find_artifact
from local.lambda_emulator.lambda_run import LambdaRun
from local.lambda_emulator.runtime_emulator import InvocationFailed
from local.mongod import MongodUnavailable
from local.run.options import read_options
from optionchain.errors import SettingInvalid

_STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FAILED = 1
_UNUSABLE = 2


def main() -> int:
    """Run; return the exit code: 0 after Ctrl-C, 1 after a failure, 2 for a bad setting."""
    for number in _STOPS:
        signal.signal(number, _interrupt)
    try:
        return _run()
    except SettingInvalid as error:
        return _complain(error, _UNUSABLE)
    except (RuntimeUnavailable, MongodUnavailable, InvocationFailed, OSError) as error:
        return _complain(error, _FAILED)
    except KeyboardInterrupt:
        return 0


def _run() -> int:
    artifact, options = find_artifact(), read_options()
    with ExitStack() as closing:
        stack = LambdaRun(artifact, options, closing, _say)
        stack.start()
        try:
            stack.work()
        except KeyboardInterrupt:
            _say("\nStopping.")
    return 0


def _interrupt(*_: object) -> None:
    # Once is enough: what follows must not be cut short.
    for one in _STOPS:
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt


def _say(text: str) -> None:
    print(text, flush=True)


def _complain(error: Exception, code: int) -> int:
    print(f"make lambda: {error}", file=sys.stderr, flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
