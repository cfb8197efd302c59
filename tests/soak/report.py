"""The report of a soak: a table for each phase, with a column for each recorder."""

from collections.abc import Sequence
from typing import NamedTuple


class ReportRow(NamedTuple):
    """One line of a report; `broken` where a promise is broken."""

    name: str
    value: str
    broken: bool = False


type Columns = Sequence[Sequence[ReportRow]]


def promise_row(name: str, count: int, examples: Sequence[object] = ()) -> ReportRow:
    """Return the row of something that must not happen, with up to three examples."""
    shown = f": {', '.join(map(str, examples[:3]))}" if count else ""
    return ReportRow(name, f"{count}{shown}", count > 0)


def table(title: str, headings: Sequence[str], columns: Columns) -> str:
    """Return the rows of a phase side by side; a broken promise is marked."""
    lines = [[title, *headings, ""]]
    for rows in zip(*columns, strict=True):
        mark = "BROKEN" if any(row.broken for row in rows) else ""
        lines.append([rows[0].name, *(row.value for row in rows), mark])
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def broken(columns: Columns) -> list[str]:
    """Return the broken promises as sentences."""
    return [f"BROKEN  {row.name}: {row.value}" for rows in columns for row in rows if row.broken]
