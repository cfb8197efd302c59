"""The table of stories in docs/development.md names what there is."""

import re
from typing import NamedTuple

import pytest

from tests.conftest import ROOT
from tests.soak.disturbances import CLOCK_SKEW, EVERYTHING, STORIES


class Row(NamedTuple):
    """A row of the table."""

    story: str
    record: str
    seen: str
    test: str
    soak: str


def rows() -> list[Row]:
    text = (ROOT / "docs" / "development.md").read_text(encoding="utf-8")
    section = text.partition("\n## Stories\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines[1:]]


def test_the_soak_tells_the_stories_of_the_table() -> None:
    assert sorted(row.soak for row in rows() if row.soak) == sorted([*STORIES, CLOCK_SKEW])
    assert set(STORIES) < set(EVERYTHING)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.story)
def test_each_story_has_a_test_in_the_gate(row: Row) -> None:
    assert row.record
    assert row.seen
    path, _, name = row.test.strip("`").partition("::")
    test = (ROOT / path).read_text(encoding="utf-8")
    assert re.search(rf"^def {name or 'test_'}", test, re.MULTILINE), row.test
