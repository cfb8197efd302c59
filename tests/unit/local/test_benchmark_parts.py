"""Which parts of the benchmarks run."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.performance import __main__ as benchmarks
from tests.performance.measure import Row

ALL = ("ingest", "query", "load", "init", "page", "analytics")


@pytest.mark.parametrize(("words", "parts"), [([], ALL), (["init"], ["init"])])
def test_all_parts_run_unless_some_are_named(
    monkeypatch: pytest.MonkeyPatch, words: list[str], parts: Sequence[str]
) -> None:
    asked: list[Any] = []

    def rows(names: Sequence[str]) -> list[Row]:
        asked.append(names)
        return []

    monkeypatch.setattr("sys.argv", ["benchmarks", *words])
    monkeypatch.setattr(benchmarks, "_rows", rows)
    assert benchmarks.main() == 0
    assert asked == [parts]
