"""The repository's files as text."""

from pathlib import Path

from tests.conftest import ROOT


def text_of(name: str | Path) -> str:
    """Return the text of a file by its path in the repository."""
    return (ROOT / name).read_text(encoding="utf-8")
