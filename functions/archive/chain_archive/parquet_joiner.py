"""Joins Parquet files of one schema into one, each as row groups of its own.

arro3 begins a row group when it has a number of rows, and an expiry has any number of them.
The numbers of fields are those of https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from collections.abc import Collection
from typing import BinaryIO

from chain_archive.thrift_compact import Field, Struct, Type, decoded, encoded

_MAGIC = b"PAR1"
_LENGTH_BYTES = 4
# Fields of FileMetaData.
_NUM_ROWS, _ROW_GROUPS = 3, 4
# Fields of RowGroup.
_COLUMNS, _GROUP_ROWS, _GROUP_OFFSET, _ORDINAL = 1, 3, 5, 7
# Fields of ColumnChunk: the last four say where the page indexes are, which are not taken over.
_META_DATA = 3
_PAGE_INDEXES = (4, 5, 6, 7)
# Fields of ColumnMetaData.
_PATH, _SIZE, _DATA_PAGE, _DICTIONARY_PAGE, _STATISTICS = 3, 7, 9, 11, 12
# Counts of encodings and of sizes, which no reader needs, though each reads them in every file.
_OPTIONAL = (13, 16)


class ParquetJoiner:
    """Writes one file of parts. `statistics` names the columns whose smallest and largest value
    of each row group are kept: readers skip row groups by them, and read them first of all.
    """

    def __init__(self, file: BinaryIO, statistics: Collection[str]) -> None:
        self._file = file
        self._statistics = statistics
        self._footer: Struct | None = None
        self._groups: list[Struct] = []
        file.write(_MAGIC)

    def add(self, part: bytes) -> None:
        """Add the row groups of a whole Parquet file."""
        length = int.from_bytes(part[-len(_MAGIC) - _LENGTH_BYTES : -len(_MAGIC)], "little")
        end = len(part) - len(_MAGIC) - _LENGTH_BYTES - length
        footer = decoded(part[end : end + length])
        groups = footer.pop(_ROW_GROUPS).value.value
        shift = self._file.tell() - len(_MAGIC)
        self._file.write(memoryview(part)[len(_MAGIC) : _end_of_data(groups)])
        for group in groups:
            self._groups.append(self._moved(group, shift))
        self._footer = self._footer or footer

    def close(self) -> None:
        """Write the footer. At least one part must have been added; it may have no rows."""
        if self._footer is None:
            raise ValueError("a Parquet file of no parts has no schema")
        rows = sum(group[_GROUP_ROWS].value for group in self._groups)
        groups = Field(Type.STRUCT, self._groups)
        footer = encoded(
            self._footer | {_NUM_ROWS: Field(Type.I64, rows), _ROW_GROUPS: Field(Type.LIST, groups)}
        )
        self._file.write(footer + len(footer).to_bytes(_LENGTH_BYTES, "little") + _MAGIC)

    def _moved(self, group: Struct, shift: int) -> Struct:
        for chunk in group[_COLUMNS].value.value:
            for number in _PAGE_INDEXES:
                chunk.pop(number, None)
            column = chunk[_META_DATA].value
            _shift(column, (_DATA_PAGE, _DICTIONARY_PAGE), shift)
            kept = column[_PATH].value.value[0].decode() in self._statistics
            for number in _OPTIONAL if kept else (*_OPTIONAL, _STATISTICS):
                column.pop(number, None)
        _shift(group, (_GROUP_OFFSET,), shift)
        return group | {_ORDINAL: Field(Type.I16, len(self._groups))}


def _end_of_data(groups: list[Struct]) -> int:
    """Return where the values of the last column end; page indexes may follow."""
    columns = [chunk[_META_DATA].value for group in groups for chunk in group[_COLUMNS].value.value]
    return max((_start(each) + int(each[_SIZE].value) for each in columns), default=len(_MAGIC))


def _start(column: Struct) -> int:
    """Return where the first page of a column is: its dictionary, if it has one."""
    pages = [column[number] for number in (_DATA_PAGE, _DICTIONARY_PAGE) if number in column]
    return min(int(page.value) for page in pages)


def _shift(fields: Struct, numbers: tuple[int, ...], shift: int) -> None:
    for number in numbers:
        if number in fields:
            kind, offset = fields[number]
            fields[number] = Field(kind, offset + shift)
