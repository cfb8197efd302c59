"""`python -m local.run.supervised FD MODULE …`: a module in a process that ends with its parent.

FD is the reading end of a pipe whose other end the parent alone holds: when the parent is gone,
by SIGKILL even, the pipe is at its end.
"""

import os
import runpy
import sys
from threading import Thread


def main() -> None:
    """Run the module as `python -m MODULE …` would."""
    pipe, module, *words = sys.argv[1:]
    Thread(target=_end_with_parent, args=(int(pipe),), daemon=True).start()
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _end_with_parent(pipe: int) -> None:
    os.read(pipe, 1)
    os._exit(1)


if __name__ == "__main__":
    main()
