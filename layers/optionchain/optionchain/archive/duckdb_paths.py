"""Paths of files as DuckDB reads them."""

import re
from collections.abc import Iterable
from pathlib import Path

_OF_PATTERNS = re.compile(r"[*?\[]")


def literal_path(path: Path | str) -> str:
    """Return a path as a pattern that this file alone matches: DuckDB reads every path as one."""
    return _OF_PATTERNS.sub(r"[\g<0>]", str(path))


def literal_paths(paths: Iterable[Path]) -> list[str]:
    """Return paths as patterns that these files alone match."""
    return [literal_path(path) for path in paths]
