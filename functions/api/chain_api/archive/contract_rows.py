"""The documents of contracts, made of the rows of cold days. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from optionchain.archive.columns import ABSENT, CONTRACT_COLUMNS, EXTRA
from optionchain.archive.document_rows import decoded


class ContractRows:
    """Which columns to read for some fields of a document, and how a document is made of them.

    `fields` are those wanted, None means all. Datetimes are naive, in UTC, as the API reads them.
    """

    def __init__(self, fields: Sequence[str] | None) -> None:
        self._fields = None if fields is None else frozenset(fields)
        self._names = [name for name in CONTRACT_COLUMNS if fields is None or name in fields]

    @property
    def select(self) -> str:
        """Return the list of columns for SQL."""
        columns = [
            f'"{name}"::TIMESTAMP' if CONTRACT_COLUMNS[name] == "instant" else f'"{name}"'
            for name in self._names
        ]
        return ", ".join([*columns, ABSENT, EXTRA])

    def documents(self, rows: Iterable[Sequence[Any]]) -> Iterator[dict[str, Any]]:
        """Yield the document of each row, with its fields in the order in which they are stored."""
        for *values, absent, extra in rows:
            document = dict(zip(self._names, values, strict=True))
            for name in _names(absent) if absent else ():
                document.pop(name, None)
            if extra:
                document.update(self._extra(extra))
            yield document

    def _extra(self, data: bytes) -> dict[str, Any]:
        extra = decoded(data, naive=True)
        if self._fields is None:
            return extra
        return {name: value for name, value in extra.items() if name in self._fields}


@lru_cache(maxsize=64)
def _names(absent: str) -> tuple[str, ...]:
    return tuple(absent.split(","))
