"""When the record of a symbol went from one source to another. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chain_api.json_types import Answer


def source_switches(rows: Iterable[Mapping[str, Any]]) -> Iterator[Answer]:
    """Yield the switches in a day's ledger documents, by time.

    A tick for which nothing was asked has no source. The first tick of a day may be a switch from
    the source of the day before, which its own document names.
    """
    before = None
    for row in sorted(rows, key=lambda row: row["tick"]):
        if (source := row.get("source")) is None:
            continue
        told = row.get("switched_from") or {}
        before = before or told.get("source")
        if before and before != source:
            yield {"at": row["tick"], "from": before, "to": source, "reason": told.get("reason")}
        before = source
