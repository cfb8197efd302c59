"""Every time of day in a text is of India and says so, or is one for machines: UTC with its Z."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Where a time of day in a text is for machines: names of files and databases, the dialects of the
# sources, and the words of the settings, whose message ends with "(IST)".
MACHINES = {
    "layers/optionchain/optionchain/setting_values.py",
    "local/dhan_simulator/vendor.py",
    "local/lambda_emulator/lambda_run.py",
    "local/lambda_emulator/proxy_event.py",
    "local/nse_simulator/v3_format.py",
    "local/run/options.py",
}
# Text that is put together of parts, each a time; the whole says IST.
IN_PARTS = {
    "local/run/console.py": "IST.",
    "local/evidence/minute_facts.py": "IST",
}


def texts(path: Path) -> Iterator[tuple[str, ast.JoinedStr]]:
    """Yield the f-strings of a module, and how they stand in it."""
    source = path.read_text(encoding="utf-8")
    for each in ast.walk(ast.parse(source)):
        segment = ast.get_source_segment(source, each) if isinstance(each, ast.JoinedStr) else None
        # The format of a value is a string within the string.
        if isinstance(each, ast.JoinedStr) and segment and segment[0] in "fr":
            yield segment, each


def modules(*folders: str) -> Iterator[tuple[str, Path]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), path


def test_times_in_texts_are_of_india_or_for_machines() -> None:
    wrong = []
    for name, path in modules("functions", "layers", "local"):
        if name in IN_PARTS:
            assert IN_PARTS[name] in path.read_text(encoding="utf-8")
        elif name not in MACHINES:
            wrong += [
                f"{name}: {text}"
                for text, _ in texts(path)
                if "%H:" in text and " IST" not in text and text.count("%SZ") != text.count("%H:")
            ]
    assert wrong == []


def test_no_text_has_an_instant_as_python_writes_it() -> None:
    """It would be in UTC, and not in words for a person."""
    found = {
        name
        for name, path in modules("functions", "layers")
        for _, text in texts(path)
        for part in ast.walk(text)
        if isinstance(part, ast.Attribute) and part.attr in ("isoformat", "strftime")
    }
    # Names of objects, the dialect of a source, and the form of a parameter.
    assert {name.rpartition("/")[2] for name in found} == {
        "body_parser.py",
        "layout.py",
        "moments.py",
    }
