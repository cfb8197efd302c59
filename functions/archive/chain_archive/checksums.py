"""A checksum of each column of a file: exact, and the same however the rows are cut into batches.

It is over the rows in their order. Doubles count bit by bit, and a null is no value.
"""

import ctypes
import json
import re
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import orjson
from arro3.core import Array, DataType, RecordBatch

from optionchain.archive.columns import COLUMNS, ColumnType
from optionchain.archive.layout import FileKind

_INT64 = DataType.int64()
_INSTANT = DataType.timestamp("ms", tz="UTC")
_VALUE_BYTES, _OFFSET_BYTES = 8, 4
_DIGEST_BYTES = 16
# Of these the bytes of all values lie behind each other in memory.
_OF_BYTES: dict[ColumnType, DataType] = {"text": DataType.string(), "bytes": DataType.binary()}
_VALID = re.compile("1+")


def column_checksums(kind: FileKind, batches: Iterable[RecordBatch]) -> dict[str, str]:
    """Return the checksum of each column of a kind of file, in hexadecimal, by name."""
    checksums = ColumnChecksums(kind)
    for batch in batches:
        checksums.add(batch)
    return checksums.digests()


class ColumnChecksums:
    """Adds up batches of rows as they pass by."""

    def __init__(self, kind: FileKind) -> None:
        self.rows = 0
        self._columns = {name: _Checksum(name, each) for name, each in COLUMNS[kind].items()}

    def add(self, batch: RecordBatch) -> RecordBatch:
        """Add the rows of a batch that come next; return the batch."""
        if not batch.num_rows:
            return batch
        self.rows += batch.num_rows
        for name, checksum in self._columns.items():
            checksum.add(batch.column(name))
        return batch

    def digests(self) -> dict[str, str]:
        """Return the checksum of each column so far, by name."""
        return {name: checksum.digest() for name, checksum in self._columns.items()}


class _Checksum:
    """The checksum of one column: of which rows have a value, of the values, of their lengths."""

    def __init__(self, name: str, column_type: ColumnType) -> None:
        self._type = column_type
        self._values = blake2b(f"{name} {column_type}".encode(), digest_size=_DIGEST_BYTES)
        self._lengths = blake2b(digest_size=_DIGEST_BYTES)
        self._validity = blake2b(digest_size=_DIGEST_BYTES)

    def add(self, array: Array) -> None:
        # JSON tells null, "" and every text and number apart; the comma joins the batches.
        if self._type == "texts":
            self._values.update(orjson.dumps(array.to_pylist())[1:-1] + b",")
        elif self._type == "analytics":  # orjson would write null for an infinite number
            text = json.dumps(array.to_pylist(), separators=(",", ":"))
            self._values.update(text[1:-1].encode() + b",")
        elif self._type in _OF_BYTES:
            self._add_bytes(array.cast(_OF_BYTES[self._type]))
        else:
            self._add_numbers(array)

    def _add_numbers(self, array: Array) -> None:
        """Add values of 64 bits. What lies in memory where there is a null is undefined."""
        if self._type == "instant":
            array = array.cast(_INSTANT)
        if self._type != "double":
            array = array.cast(_INT64)
        validity, values = _numbers(array)
        self._validity.update(validity.encode())
        for run in _VALID.finditer(validity):
            self._values.update(values[run.start() * _VALUE_BYTES : run.end() * _VALUE_BYTES])

    def _add_bytes(self, array: Array) -> None:
        """Add texts or bytes. A null has no bytes; its length tells it from an empty value."""
        validity, offsets, values = _texts(array)
        self._validity.update(validity.encode())
        self._lengths.update(_differences(offsets))
        self._values.update(values)

    def digest(self) -> str:
        total = self._values.copy()
        total.update(self._lengths.digest() + self._validity.digest())
        return total.hexdigest()


def _differences(offsets: bytes) -> bytes:
    """Return the differences of neighbours of whole numbers of 32 bits that never fall.

    They are subtracted as two long numbers: no difference is negative, so none borrows from the
    next.
    """
    above, below = offsets[_OFFSET_BYTES:], offsets[:-_OFFSET_BYTES]
    difference = int.from_bytes(above, "little") - int.from_bytes(below, "little")
    return difference.to_bytes(len(above), "little")


class _ArrowArray(ctypes.Structure):
    """The head of the structure ArrowArray of Arrow's C data interface.

    https://arrow.apache.org/docs/format/CDataInterface.html
    """

    _fields_ = (
        ("length", ctypes.c_int64),
        ("null_count", ctypes.c_int64),
        ("offset", ctypes.c_int64),
        ("n_buffers", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    )


_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_pointer.restype = ctypes.c_void_p
_pointer.argtypes = (ctypes.py_object, ctypes.c_char_p)


def _numbers(array: Any) -> tuple[str, bytes]:  # noqa: ANN401
    """Return an array's validity, a 1 or a 0 for each row, and its values of 64 bits.

    arro3 has no other way to the values that takes less than 60 ns a value.
    """
    _, capsule = array.__arrow_c_array__()
    head = _ArrowArray.from_address(_pointer(capsule, b"arrow_array"))
    address = (head.buffers[1] or 0) + head.offset * _VALUE_BYTES
    return _validity(head), ctypes.string_at(address, head.length * _VALUE_BYTES)


def _texts(array: Any) -> tuple[str, bytes, bytes]:  # noqa: ANN401
    """Return an array's validity, the offsets of its values, one more than rows, and their bytes.

    Offsets are whole numbers of 32 bits.
    """
    _, capsule = array.__arrow_c_array__()
    head = _ArrowArray.from_address(_pointer(capsule, b"arrow_array"))
    if not head.length:
        return "", bytes(_OFFSET_BYTES), b""
    address = head.buffers[1] + head.offset * _OFFSET_BYTES
    offsets = ctypes.string_at(address, (head.length + 1) * _OFFSET_BYTES)
    first = int.from_bytes(offsets[:_OFFSET_BYTES], "little")
    last = int.from_bytes(offsets[-_OFFSET_BYTES:], "little")
    values = ctypes.string_at(head.buffers[2] + first, last - first) if last > first else b""
    return _validity(head), offsets, values


def _validity(head: _ArrowArray) -> str:
    if not head.null_count or not head.buffers[0]:
        return "1" * int(head.length)
    bitmap = ctypes.string_at(head.buffers[0], (head.offset + head.length + 7) // 8)
    bits = f"{int.from_bytes(bitmap, 'little'):0{len(bitmap) * 8}b}"[::-1]
    first, length = int(head.offset), int(head.length)
    return bits[first : first + length]
