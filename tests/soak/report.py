"""The report of a soak: a table for each phase, a column for each grid."""

from collections.abc import Sequence

from tests.soak.phase_record import ReportRow

type Found = Sequence[Sequence[ReportRow]]


def table(title: str, columns: Sequence[str], found: Found) -> str:
    """Return a phase's rows side by side; what breaks a promise is marked."""
    lines = [[title, *columns, ""]]
    for rows in zip(*found, strict=True):
        mark = "BROKEN" if any(row.broken for row in rows) else ""
        lines.append([rows[0].name, *(row.value for row in rows), mark])
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def broken(found: Found) -> list[str]:
    """Return the broken promises as sentences."""
    return [f"BROKEN  {row.name}: {row.value}" for rows in found for row in rows if row.broken]
