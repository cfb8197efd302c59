"""Seals NIFTY's day in a process of its own, which kills itself at a step.

`python -m tests.support.sealing_process URI DATABASE FOLDER STEP`, where STEP is the number of a
step, or its name. It prints the names of the steps that it has done.
"""

import os
import signal
import sys
from pathlib import Path

from chain_archive.sealing import Sealer
from optionchain.archive.folder_store import FolderStore
from optionchain.mongo.client import open_database
from optionchain.settings import SecretStr, Settings
from tests.support.sealing import DAY


def main(uri: str, database: str, folder: str, kill_at: str) -> None:
    """Seal the day."""
    done: list[str] = []

    def step(name: str) -> None:
        if kill_at in (name, str(len(done))):
            os.kill(os.getpid(), signal.SIGKILL)
        done.append(name)
        sys.stdout.write(f"{name}\n")
        sys.stdout.flush()

    settings = Settings(mongodb_uri=SecretStr(uri), mongodb_database=database)
    Sealer(open_database(settings), FolderStore(Path(folder)), step=step).seal("NIFTY", DAY)


if __name__ == "__main__":
    main(*sys.argv[1:])
