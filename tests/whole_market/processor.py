"""The processor time of another process."""

import os
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """Return the seconds of a process, those of its ended threads, too."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
