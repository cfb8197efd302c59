"""The code of docs/recipes.md, with the names of a test's archive in place of the reader's."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"
_BLOCK = re.compile(r"```(sql|python)\n(.*?)```", re.DOTALL)


def blocks(language: str, heading: str) -> list[str]:
    """Return the code in a language below a heading, up to the next heading."""
    parts = re.split(r"^#+ (.*)$", PAGE.read_text(), flags=re.MULTILINE)
    text = dict(zip(parts[1::2], parts[2::2], strict=True))[heading]
    return [code for name, code in _BLOCK.findall(text) if name == language]


def code(language: str, heading: str, archive: Path, **other: str) -> str:
    """Return the only code below a heading, about an archive of June 2026."""
    (found,) = blocks(language, heading)
    found = found.replace("'archive/", f"'{archive}/").replace('"archive"', f'"{archive}"')
    found = found.replace("2026-11-", "2026-06-")
    for name, value in other.items():
        assert name in found
        found = found.replace(name, value)
    return found


def all_headings() -> list[str]:
    """Return the headings that have code below them."""
    parts = re.split(r"^#+ (.*)$", PAGE.read_text(), flags=re.MULTILINE)
    return [
        name for name, text in zip(parts[1::2], parts[2::2], strict=True) if _BLOCK.search(text)
    ]
