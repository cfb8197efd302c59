"""The tokens of a run, in a file that all its execution environments share.

A vendor's token that is renewed kills the one before. So what one environment renews the others
must find.
"""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

_TOKENS = "SOURCE_TOKENS"
_FILE = "run_tokens.json"
_ONLY_THE_OWNER = 0o600


def share_tokens(env: Mapping[str, str], data_dir: Path, closing: ExitStack) -> dict[str, str]:
    """Return SOURCE_TOKENS as the path of a file that holds what was given; `closing` removes it.

    Nothing is returned where no token is given, or a file is named already.
    """
    text = env.get(_TOKENS, "")
    if not text or text.startswith("/"):
        return {}
    path = (data_dir / _FILE).resolve()
    path.unlink(missing_ok=True)
    closing.callback(path.unlink, missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _ONLY_THE_OWNER)
    with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123  (an open handle)
        file.write(text)
    return {_TOKENS: str(path)}
