"""Cursors: ours go round unchanged, everything else is refused as one thing."""

from base64 import urlsafe_b64encode
from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel, RootModel

from chain_api.pagination.cursors import content_of, cursor_of
from chain_api.problems.catalogue import Problem

HERE = "snapshots NIFTY"
CONTENT = {"given": {"expiry": "all"}, "times": [1, 2, 3], "position": [17, 2]}
CURSOR = cursor_of(HERE, CONTENT)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


class Anything(RootModel[dict[str, Any]]):
    """A content of any shape."""


class Offset(BaseModel):
    """A content of one shape."""

    offset: int


def refused(cursor: str, resource: str = HERE) -> None:
    with pytest.raises(Problem) as caught:
        content_of(resource, cursor, Anything)
    problem = caught.value
    assert (problem.status, problem.extra["field"]) == (422, "cursor")
    assert "the cursor of a `next` link of this resource" in problem.detail


@given(content=st.dictionaries(st.text(max_size=10), VALUES, max_size=4))
def test_a_cursor_carries_what_it_was_given(content: dict[str, Any]) -> None:
    assume(len(cursor_of(HERE, content)) <= 2_000)
    assert content_of(HERE, cursor_of(HERE, content), Anything).root == content


def test_a_cursor_needs_no_escape_in_an_address() -> None:
    assert set(CURSOR) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_equal_contents_have_equal_cursors() -> None:
    assert cursor_of(HERE, dict(reversed(CONTENT.items()))) == CURSOR


@pytest.mark.parametrize("resource", ["snapshots M&M", "history NIFTY", "snapshots", "filter", ""])
def test_a_cursor_of_another_resource_is_refused(resource: str) -> None:
    refused(CURSOR, resource)


def test_a_cursor_cut_anywhere_is_refused() -> None:
    for length in range(len(CURSOR)):
        refused(CURSOR[:length])
        refused(CURSOR[length:] if length else "")


def test_a_cursor_with_any_letter_changed_is_refused() -> None:
    for place, letter in enumerate(CURSOR):
        refused(CURSOR[:place] + ("A" if letter != "A" else "B") + CURSOR[place + 1 :])


@pytest.mark.parametrize("more", ["=", "==", "A", "\n", " ", "!", "%", "."])
def test_a_cursor_with_anything_more_is_refused(more: str) -> None:
    for longer in (CURSOR + more, more + CURSOR, CURSOR[:9] + more + CURSOR[9:]):
        refused(longer)


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"{}", b"{", b"\xff" * 20, orjson.dumps(CONTENT)]
)
def test_base64_of_anything_else_is_refused(data: bytes) -> None:
    refused(urlsafe_b64encode(data).decode())
    refused(urlsafe_b64encode(b"12345678" + data).decode().rstrip("="))


@given(text=st.text())
def test_no_other_text_is_a_cursor(text: str) -> None:
    assume(text != CURSOR)
    refused(text)


@pytest.mark.parametrize("text", ["A" * 2_001, "A" * 5_000_000, "\u00e9" * 10, "\ud800"])
def test_a_cursor_of_enormous_length_or_of_other_letters_is_refused(text: str) -> None:
    refused(text)


def test_a_refused_cursor_is_repeated_in_part_alone() -> None:
    with pytest.raises(Problem) as caught:
        content_of(HERE, "A" * 5_000, Anything)
    assert len(caught.value.extra["errors"][0]["value"]) == 100  # type: ignore[index]


@pytest.mark.parametrize("content", [{}, {"offset": "x"}, {"offset": None}, {"offset": [1]}])
def test_a_cursor_of_another_shape_is_refused(content: dict[str, Any]) -> None:
    """As one of an earlier release is, or one by somebody who can compute a checksum."""
    assert content_of(HERE, cursor_of(HERE, {"offset": 3}), Offset).offset == 3
    with pytest.raises(Problem) as caught:
        content_of(HERE, cursor_of(HERE, content), Offset)
    assert (caught.value.status, caught.value.extra["field"]) == (422, "cursor")
