"""Runs the cells of a notebook as a program, without a kernel, and counts its pictures."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "a-month-of-options.ipynb"
# The pictures are written where `show` would open a window.
_SAVE = """
import matplotlib.pyplot as _plt
_shown = []
def _show():
    _shown.append(1)
    _plt.savefig(f"{len(_shown)}.png")
    _plt.close("all")
_plt.show = _show
"""


def cells() -> list[dict[str, Any]]:
    """Return the cells of the notebook."""
    found: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text())["cells"]
    return found


def run(folder: Path, archive: Path, month: str) -> list[Path]:
    """Run the notebook in a folder, about an archive; return its pictures in order."""
    code = "\n".join("".join(cell["source"]) for cell in cells() if cell["cell_type"] == "code")
    for name, value in (("../../.local/archive/option_chain", str(archive)), ("2026-11", month)):
        assert name in code
        code = code.replace(name, value)
    subprocess.run(
        [sys.executable, "-W", "error", "-c", _SAVE + code],
        cwd=folder,
        env={"MPLBACKEND": "Agg", "MPLCONFIGDIR": str(folder), "HOME": str(folder)},
        check=True,
        capture_output=True,
        timeout=100,
    )
    return sorted(folder.glob("*.png"))
