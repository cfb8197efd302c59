"""The database that a tool works on: the one that is given, else that of `make run`."""

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from local.mongod import Mongod
from local.run.locks import lock_folder
from optionchain.settings import SecretStr, Settings


def chosen_database(settings: Settings, closing: ExitStack) -> Settings:
    """Return settings with a database; start the server of `make run` if none is given.

    `closing` stops it. Raises SettingInvalid while a run uses it, and MongodUnavailable.
    """
    if settings.mongodb_uri or settings.mongodb_secret_arn:
        return settings
    folder = Path(os.environ.get("DATA_DIR") or ".local")
    closing.enter_context(lock_folder(folder))
    mongod = closing.enter_context(Mongod(folder / "mongod"))
    return replace(settings, mongodb_uri=SecretStr(mongod.uri))
