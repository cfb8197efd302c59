"""The database that a command works on: the one that is given, else that of `make run`."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from pymongo.database import Database

from local.kept_port import kept_port
from local.mongod import Mongod, MongodUnavailable
from local.run.locks import lock_folder
from local.terminal import FAILED, UNUSABLE, print_error, print_line, raise_on_stop_signals
from optionchain.errors import OptionChainError, SettingInvalid
from optionchain.mongo.client import Document, open_database
from optionchain.settings import SecretStr, Settings


def exit_status(command: str, stopped: str, work: Callable[[], int]) -> int:
    """Return what the work of a command returns; print an error, and `stopped` at Ctrl-C."""
    raise_on_stop_signals()
    try:
        return work()
    except (SettingInvalid, MongodUnavailable) as error:
        print_error(command, error)
        return UNUSABLE
    except OptionChainError as error:
        print_error(command, error)
        return FAILED
    except KeyboardInterrupt:
        print_line(stopped)
        return FAILED


@contextmanager
def chosen_database(settings: Settings) -> Iterator[tuple[Database[Document], Settings]]:
    """Give the database, and settings that name it; start the server of `make run` if none does.

    Raises SettingInvalid while a run uses it, and MongodUnavailable.
    """
    is_given = settings.mongodb_uri or settings.mongodb_secret_arn
    with nullcontext(settings) if is_given else _of_make_run(settings) as named:
        database = open_database(named)
        try:
            yield database, named
        finally:
            database.client.close()


@contextmanager
def _of_make_run(settings: Settings) -> Iterator[Settings]:
    folder = Path(os.environ.get("DATA_DIR") or ".local")
    with lock_folder(folder):
        data = folder / "mongod"
        with Mongod(data, kept_port(data).port) as mongod:
            yield replace(settings, mongodb_uri=SecretStr(mongod.uri))
