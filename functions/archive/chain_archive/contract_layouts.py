"""Takes the values of contracts out of the bytes that MongoDB sends, without making documents.

The documents of a day have few layouts: which fields are null, how long each text is, which side.
All bytes of a document that do not belong to a value are the same in every document of a layout.
They are compared at once, as one long number, and then one call takes all values out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan
from operator import itemgetter
from struct import Struct
from typing import Any

from optionchain.archive.columns import ABSENT, COLUMNS, CONTRACT_COLUMNS, ColumnType

type Columns = dict[str, Sequence[Any]]

_LENGTH = Struct("<i")
# https://bsonspec.org/spec.html
_END, _DOUBLE, _TEXT, _OBJECT_ID, _FLAG, _INSTANT, _NULL, _INT32 = 0, 1, 2, 7, 8, 9, 10, 16
_CODES = {_DOUBLE: "d", _FLAG: "?", _INSTANT: "q", _INT32: "i"}
_HOLDS: dict[int, ColumnType] = {
    _DOUBLE: "double",
    _TEXT: "text",
    _FLAG: "flag",
    _INSTANT: "instant",
    _INT32: "integer",
}
# These differ from contract to contract; the other texts are the same in many documents.
_OWN_TEXTS = ("identifier", "listed_on")


@dataclass(eq=False, slots=True)
class _Layout:
    """Where the values of documents lie. `same` are the bytes under `mask`, which all have.

    `next` is the layout of the document that followed one of this layout last time: a chain has its
    contracts in one order.
    """

    length: int
    mask: int
    same: int
    unpack: Callable[[bytes], tuple[Any, ...]]
    constants: tuple[Any, ...]
    row: Callable[[tuple[Any, ...]], tuple[Any, ...]]
    next: "_Layout | None" = None

    def fits(self, document: bytes) -> bool:
        """Tell whether a document is of this layout; its length is among the bytes compared."""
        return int.from_bytes(document, "little") & self.mask == self.same


class ContractLayouts:
    """Knows the layouts that it has seen."""

    def __init__(self) -> None:
        self._by_length: dict[int, list[_Layout]] = {}

    def columns(self, array: bytes) -> Columns | None:
        """Return the columns of the documents of a BSON array; of no `_id`.

        Instants are milliseconds since 1970. None if a document has another layout than the
        recorder's, or a value that a column cannot hold exactly.
        """
        rows: list[tuple[Any, ...]] = []
        layout: _Layout | None = None
        # Before each document stand its type and its number as text: three bytes for the first ten.
        place, end, before_document, next_digit = 4, len(array) - 1, 3, 10
        while place < end:
            if len(rows) == next_digit:
                before_document, next_digit = before_document + 1, 10 * next_digit
            place += before_document
            before, layout = layout, layout and layout.next
            document = array[place : place + layout.length] if layout else b""
            # What `fits` does, without the call: it is done for each of a million documents.
            if layout is None or int.from_bytes(document, "little") & layout.mask != layout.same:
                document = array[place : place + _LENGTH.unpack_from(array, place)[0]]
                if (layout := self._known(document)) is None:
                    return None
                if before:
                    before.next = layout
            rows.append(layout.row(layout.unpack(document) + layout.constants))
            place += layout.length
        if not rows:
            return None
        columns: Columns = dict(zip(COLUMNS["contracts"], zip(*rows, strict=True), strict=True))
        return None if _has_nan(columns) else _with_texts(columns)

    def _known(self, document: bytes) -> _Layout | None:
        known = self._by_length.setdefault(len(document), [])
        for each in known:
            if each.fits(document):
                return each
        found = _layout_of(document)
        if found:
            known.append(found)
        return found


def _layout_of(document: bytes) -> _Layout | None:
    """Return the layout of a document, None if it is none of the recorder's."""
    mask, codes = bytearray(b"\xff" * len(document)), ["<4x"]
    constants: dict[str, Any] = {}
    slots: list[str] = []
    place = 4
    while (kind := document[place]) != _END:
        name_end = document.index(0, place + 1)
        name = document[place + 1 : name_end].decode()
        codes.append(f"{name_end + 1 - place}x")
        place = name_end + 1
        if name in constants or name in slots or not _is_plain(name, kind):
            return None
        size = _size(document, place, kind)
        if kind == _NULL:
            constants[name] = None
        elif kind == _TEXT and name not in _OWN_TEXTS:
            constants[name] = document[place + 4 : place + size - 1].decode()
            codes.append(f"{size}x")
        else:
            first, last = (place + 4, place + size - 1) if kind == _TEXT else (place, place + size)
            mask[first:last] = bytes(last - first)
            codes.append(_code(kind, size))
            slots += [name] if name != "_id" else []
        place += size
    constants[ABSENT] = _absent({*constants, *slots})
    return _made(document, bytes(mask), "".join([*codes, "x"]), slots, constants)


def _made(
    document: bytes, mask: bytes, code: str, slots: list[str], constants: dict[str, Any]
) -> _Layout:
    bits = int.from_bytes(mask, "little")
    places = {name: place for place, name in enumerate([*slots, *constants])}
    nothing = len(places)
    return _Layout(
        length=len(document),
        mask=bits,
        same=int.from_bytes(document, "little") & bits,
        unpack=Struct(code).unpack,
        constants=(*constants.values(), None),
        row=itemgetter(*(places.get(name, nothing) for name in COLUMNS["contracts"])),
    )


def _is_plain(name: str, kind: int) -> bool:
    """Tell whether a column holds such a value as it is."""
    if name == "_id":
        return kind == _OBJECT_ID
    column = CONTRACT_COLUMNS.get(name)
    return column is not None and (kind == _NULL or _HOLDS.get(kind) == column)


def _size(document: bytes, place: int, kind: int) -> int:
    if kind == _TEXT:
        return 4 + int(_LENGTH.unpack_from(document, place)[0])
    return {_NULL: 0, _FLAG: 1, _INT32: 4, _OBJECT_ID: 12}.get(kind, 8)


def _code(kind: int, size: int) -> str:
    if kind == _OBJECT_ID:
        return f"{size}x"
    return f"4x{size - 5}sx" if kind == _TEXT else _CODES[kind]


def _absent(names: set[str]) -> str | None:
    return ",".join(name for name in CONTRACT_COLUMNS if name not in names) or None


def _has_nan(columns: Columns) -> bool:
    # A sum with a NaN is NaN. So is one of two infinities, which goes the slower way.
    return any(
        isnan(sum(filter(None, columns[name])))
        for name, column_type in CONTRACT_COLUMNS.items()
        if column_type == "double"
    )


def _with_texts(columns: Columns) -> Columns:
    for name in _OWN_TEXTS:
        columns[name] = [None if each is None else each.decode() for each in columns[name]]
    return columns
