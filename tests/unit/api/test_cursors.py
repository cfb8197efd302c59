"""Cursors of this API are read back unchanged, and any other text is refused."""

from base64 import urlsafe_b64encode
from typing import Any

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import BaseModel, RootModel

from chain_api.pagination.cursors import content_of, cursor_of
from chain_api.problems.catalogue import Problem
from tests.support.api import few_examples

HERE = "snapshots NIFTY"
CONTENT = {"given": {"expiry": "all"}, "times": [1, 2, 3], "position": [17, 2]}
CURSOR = cursor_of(HERE, CONTENT)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


class Anything(RootModel[dict[str, Any]]):
    """Content of any shape."""


class Offset(BaseModel):
    """Content of one shape."""

    offset: int


def assert_refused(cursor: str, resource: str = HERE, shape: type[BaseModel] = Anything) -> Problem:
    with pytest.raises(Problem) as caught:
        content_of(resource, cursor, shape)
    assert (caught.value.status, caught.value.extra["field"]) == (422, "cursor")
    assert "the cursor of a `next` link of this resource" in caught.value.detail
    return caught.value


@few_examples()
@given(content=st.dictionaries(st.text(max_size=10), VALUES, max_size=4))
def test_a_cursor_is_read_back_unchanged(content: dict[str, Any]) -> None:
    assume(len(cursor_of(HERE, content)) <= 2_000)
    assert content_of(HERE, cursor_of(HERE, content), Anything).root == content


def test_a_cursor_needs_no_escape_in_an_address() -> None:
    assert set(CURSOR) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_equal_contents_have_equal_cursors() -> None:
    assert cursor_of(HERE, dict(reversed(CONTENT.items()))) == CURSOR


@pytest.mark.parametrize("resource", ["snapshots M&M", "history NIFTY", "snapshots", "filter", ""])
def test_a_cursor_of_another_resource_is_refused(resource: str) -> None:
    assert_refused(CURSOR, resource)


def test_a_cursor_that_is_cut_or_changed_anywhere_is_refused() -> None:
    for place, letter in enumerate(CURSOR):
        assert_refused(CURSOR[:place])
        assert_refused(CURSOR[place:] if place else "")
        assert_refused(CURSOR[:place] + ("A" if letter != "A" else "B") + CURSOR[place + 1 :])


@pytest.mark.parametrize("more", ["=", "==", "A", "\n", " ", "!", "%", "."])
def test_a_cursor_with_anything_added_is_refused(more: str) -> None:
    for longer in (CURSOR + more, more + CURSOR, CURSOR[:9] + more + CURSOR[9:]):
        assert_refused(longer)


@pytest.mark.parametrize(
    "data", [b"", b"null", b"[]", b"{}", b"{", b"\xff" * 20, orjson.dumps(CONTENT)]
)
def test_other_base64_is_refused(data: bytes) -> None:
    assert_refused(urlsafe_b64encode(data).decode())
    assert_refused(urlsafe_b64encode(b"12345678" + data).decode().rstrip("="))


@given(text=st.text())
def test_no_other_text_is_a_cursor(text: str) -> None:
    assume(text != CURSOR)
    assert_refused(text)


@pytest.mark.parametrize("text", ["A" * 2_001, "A" * 5_000_000, "\u00e9" * 10, "\ud800"])
def test_a_cursor_of_enormous_length_or_of_other_letters_is_refused(text: str) -> None:
    assert_refused(text)


def test_the_problem_repeats_100_letters_of_the_cursor() -> None:
    problem = assert_refused("A" * 5_000)
    assert len(problem.extra["errors"][0]["value"]) == 100  # type: ignore[index]


@pytest.mark.parametrize("content", [{}, {"offset": "x"}, {"offset": None}, {"offset": [1]}])
def test_a_cursor_of_another_shape_is_refused(content: dict[str, Any]) -> None:
    """It may come from an earlier release, or from somebody who can compute a checksum."""
    assert content_of(HERE, cursor_of(HERE, {"offset": 3}), Offset).offset == 3
    assert_refused(cursor_of(HERE, content), shape=Offset)
