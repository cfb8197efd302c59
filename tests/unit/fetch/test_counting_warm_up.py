"""A warm-up adds up what was stored, and goes on if that cannot be done."""

import pytest

from chain_fetch.recording.counting_warm_up import CountingWarmUp
from chain_fetch.recording.telemetry import Telemetry
from optionchain.errors import StoreUnavailable
from optionchain.mongo.header_counts import HeaderCounts
from tests.support.api import database_with
from tests.support.mongomock_database import uses_mongomock
from tests.support.snapshots import TICK, snapshot

pytestmark = uses_mongomock


class Unwritable(HeaderCounts):
    def __init__(self) -> None:
        """Have no database."""

    def write(self, now: object) -> None:  # noqa: ARG002
        raise StoreUnavailable("not authorised")


def test_sums_are_written_after_the_warm_up(telemetry: Telemetry) -> None:
    counts, done = HeaderCounts(database_with(snapshot())), []
    CountingWarmUp(lambda: done.append("warm"), counts, telemetry, lambda: TICK.replace(hour=12))()
    assert done == ["warm"]
    assert len(counts.read()) == 1


def test_sums_that_cannot_be_written_are_a_warning(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    CountingWarmUp(lambda: None, Unwritable(), telemetry, lambda: TICK)()
    line = capsys.readouterr().out
    assert '"level":"WARNING"' in line
    assert "not authorised" in line
