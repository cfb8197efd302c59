"""`make lambda`: the built functions behind http://127.0.0.1:8000/prod/, until Ctrl-C."""

import sys
from contextlib import ExitStack

from local.lambda_emulator.artifact import RuntimeUnavailable, find_artifact
from local.lambda_emulator.lambda_run import LambdaRun
from local.lambda_emulator.runtime_emulator import InvocationFailed
from local.mongod import MongodUnavailable
from local.run.options import read_options
from local.terminal import FAILED, UNUSABLE, print_error, print_line, raise_on_stop_signals
from optionchain.errors import SettingInvalid


def main() -> int:
    """Run; return the exit code: 0 after Ctrl-C, 1 after a failure, 2 for a bad setting."""
    raise_on_stop_signals()
    try:
        _run()
    except SettingInvalid as error:
        print_error("make lambda", error)
        return UNUSABLE
    except (RuntimeUnavailable, MongodUnavailable, InvocationFailed, OSError) as error:
        print_error("make lambda", error)
        return FAILED
    except KeyboardInterrupt:
        pass
    return 0


def _run() -> None:
    artifact, options = find_artifact(), read_options()
    with ExitStack() as closing:
        run = LambdaRun(artifact, options, closing, print_line)
        run.start()
        try:
            run.work()
        except KeyboardInterrupt:
            print_line("\nStopping.")


if __name__ == "__main__":
    sys.exit(main())
