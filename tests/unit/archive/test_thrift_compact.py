"""Structures of Thrift are read and written as its compact protocol says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_archive.thrift_compact import Field, Struct, Type, decoded, encoded

_NUMBERS = st.one_of(
    st.builds(Field, st.just(Type.BYTE), st.integers(0, 255)),
    st.builds(Field, st.sampled_from([Type.I16, Type.I32, Type.I64]), st.integers(-(2**63), 2**63)),
    st.builds(Field, st.just(Type.BINARY), st.binary()),
)
_FLAGS = st.booleans().map(lambda flag: Field(Type.TRUE if flag else Type.FALSE, flag))


def _structs(values: st.SearchStrategy[Field]) -> st.SearchStrategy[Struct]:
    return st.dictionaries(st.integers(1, 200), values, max_size=5)


def _with_parts(values: st.SearchStrategy[Field]) -> st.SearchStrategy[Field]:
    structs = _structs(values)
    lists = st.lists(structs, max_size=20).map(lambda each: Field(Type.STRUCT, each))
    return st.builds(Field, st.just(Type.STRUCT), structs) | st.builds(
        Field, st.just(Type.LIST), lists
    )


_STRUCTS = _structs(st.recursive(_FLAGS | _NUMBERS, _with_parts, max_leaves=20))


@given(_STRUCTS)
def test_every_structure_is_read_as_it_was_written(fields: Struct) -> None:
    assert decoded(encoded(fields)) == fields


@pytest.mark.parametrize(
    ("fields", "data"),
    [
        ({}, b"\0"),
        ({1: Field(Type.I32, 1)}, b"\x15\x02\0"),
        ({1: Field(Type.I64, -1)}, b"\x16\x01\0"),
        ({2: Field(Type.TRUE, True), 3: Field(Type.FALSE, False)}, b"\x21\x12\0"),
        ({16: Field(Type.BINARY, b"ab")}, b"\x08\x20\x02ab\0"),
        ({1: Field(Type.I64, 300)}, b"\x16\xd8\x04\0"),
        ({1: Field(Type.LIST, Field(Type.I32, [1, 2]))}, b"\x19\x25\x02\x04\0"),
        ({1: Field(Type.LIST, Field(Type.BYTE, [7] * 15))}, b"\x19\xf3\x0f" + b"\7" * 15 + b"\0"),
    ],
)
def test_bytes_are_those_of_the_protocol(fields: Struct, data: bytes) -> None:
    assert encoded(fields) == data
    assert decoded(data) == fields
