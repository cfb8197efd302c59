"""Thrift's compact protocol, as far as the footers of Parquet files need it. Pure.

https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
A structure is a dict of its fields: by number, each with its type and its value. A list has the
type of its elements, and the elements. A footer has no floating-point numbers and no sets, and no
list of flags.
"""

from enum import IntEnum
from typing import Any, NamedTuple


class Type(IntEnum):
    """How a value is written."""

    TRUE = 1
    FALSE = 2
    BYTE = 3
    I16 = 4
    I32 = 5
    I64 = 6
    BINARY = 8
    LIST = 9
    STRUCT = 12


class Field(NamedTuple):
    """A field of a structure, or a list if it is the value of one."""

    type: Type
    value: Any


type Struct = dict[int, Field]
_SHORT = 15  # the largest number that has place beside a type


def decoded(data: bytes) -> Struct:
    """Return the structure that these bytes begin with."""
    return _Decoder(data).struct()


class _Decoder:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._place = 0

    def struct(self) -> Struct:
        fields: Struct = {}
        number = 0
        while head := self._byte():
            step = head >> 4
            number = number + step if step else _signed(self._unsigned())
            kind = Type(head & _SHORT)
            fields[number] = Field(kind, self._value(kind))
        return fields

    def _value(self, kind: Type) -> Any:  # noqa: ANN401
        match kind:
            case Type.TRUE | Type.FALSE:
                return kind is Type.TRUE
            case Type.BYTE:
                return self._byte()
            case Type.I16 | Type.I32 | Type.I64:
                return _signed(self._unsigned())
            case Type.BINARY:
                return self._bytes(self._unsigned())
            case Type.LIST:
                return self._list()
            case Type.STRUCT:
                return self.struct()

    def _list(self) -> Field:
        head = self._byte()
        count = head >> 4
        if count == _SHORT:
            count = self._unsigned()
        kind = Type(head & _SHORT)
        return Field(kind, [self._value(kind) for _ in range(count)])

    def _byte(self) -> int:
        self._place += 1
        return self._data[self._place - 1]

    def _bytes(self, count: int) -> bytes:
        self._place += count
        return self._data[self._place - count : self._place]

    def _unsigned(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004  (the highest bit says that another byte follows)
                return number
            shift += 7


def encoded(fields: Struct) -> bytes:
    """Return the bytes of a structure."""
    parts = []
    last = 0
    for number, (kind, value) in sorted(fields.items()):
        if kind in (Type.TRUE, Type.FALSE):
            kind = Type.TRUE if value else Type.FALSE  # noqa: PLW2901  (the type is the value)
        step = number - last
        short = 0 < step <= _SHORT
        parts.append(bytes([step << 4 | kind]) if short else bytes([kind]) + _zigzag(number))
        parts.append(_encoded_value(kind, value))
        last = number
    return b"".join((*parts, b"\0"))


def _encoded_value(kind: Type, value: Any) -> bytes:  # noqa: ANN401
    match kind:
        case Type.TRUE | Type.FALSE:
            return b""
        case Type.BYTE:
            return bytes([value])
        case Type.I16 | Type.I32 | Type.I64:
            return _zigzag(value)
        case Type.BINARY:
            return _varint(len(value)) + bytes(value)
        case Type.LIST:
            return _encoded_list(value)
        case Type.STRUCT:
            return encoded(value)


def _encoded_list(elements: Field) -> bytes:
    kind, values = elements
    count = len(values)
    head = bytes([count << 4 | kind]) if count < _SHORT else bytes([0xF0 | kind]) + _varint(count)
    return head + b"".join(_encoded_value(kind, value) for value in values)


def _zigzag(number: int) -> bytes:
    return _varint(number << 1 if number >= 0 else (-number << 1) - 1)


def _signed(zigzag: int) -> int:
    return zigzag >> 1 if zigzag % 2 == 0 else -(zigzag >> 1) - 1


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:  # noqa: PLR2004  (seven bits have place in a byte)
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)
