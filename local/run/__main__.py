"""`make run`: the whole recorder on this machine, until Ctrl-C."""

import os
import sys
from contextlib import ExitStack

from local.mongod import MongodUnavailable
from local.processes import ProcessEnded
from local.run.local_run import LocalRun
from local.run.options import Options, read_options
from local.terminal import FAILED, UNUSABLE, print_error, print_line, raise_on_stop_signals
from optionchain.errors import SettingInvalid


def main() -> int:
    """Run; return the exit code: 0 after Ctrl-C, 1 after a failure, 2 for a bad setting."""
    raise_on_stop_signals()
    try:
        return _run(read_options())
    except SettingInvalid as error:
        print_error("make run", error)
        return UNUSABLE
    except BrokenPipeError:
        # The reader of the output has ended, as in `make run | head`. Nothing may be written to
        # the pipe any more, also not by the interpreter at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except KeyboardInterrupt:
        return 0


def _run(options: Options) -> int:
    with ExitStack() as closing:
        run = LocalRun(options, closing, print_line)
        try:
            run.start()
            run.work()
        except KeyboardInterrupt:
            print_line("\nStopping.")
        except (ProcessEnded, MongodUnavailable) as error:
            print_error("make run", error)
            return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
