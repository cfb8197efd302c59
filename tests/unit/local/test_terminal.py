"""Commands draw on a terminal alone."""

import io
import sys

import pytest

from local.terminal import progress_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "drawn"), [(Terminal, True), (io.StringIO, False)])
def test_a_progress_bar_is_drawn_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, stream: type[io.StringIO], *, drawn: bool
) -> None:
    stderr = stream()
    monkeypatch.setattr(sys, "stderr", stderr)
    with progress_bar(10, "Sessions", " documents") as bar:
        bar.update(10)
    assert bool(stderr.getvalue()) is drawn
