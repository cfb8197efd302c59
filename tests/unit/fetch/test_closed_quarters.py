"""A warm-up adds up what was stored, and goes on if that cannot be done."""

import pytest

from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.recording.shifts.closed_quarters import CountingWarmUp
from optionchain.errors import StoreUnavailable
from optionchain.mongo.header_counts import HeaderCounts
from optionchain.mongo.indexes import SYMBOL_DAYS
from optionchain.mongo.symbol_days import SymbolDays
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
    database = database_with(snapshot())
    counts, days, done = HeaderCounts(database), SymbolDays(database), []
    noon = TICK.replace(hour=12)
    CountingWarmUp(lambda: done.append("warm"), counts, days, telemetry, lambda: noon)()
    assert done == ["warm"]
    assert len(counts.read()) == 1
    assert database[SYMBOL_DAYS].count_documents({}) == 1


def test_sums_that_cannot_be_written_are_a_warning(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    database = database_with(snapshot())
    noon = TICK.replace(hour=12)
    CountingWarmUp(lambda: None, Unwritable(), SymbolDays(database), telemetry, lambda: noon)()
    assert database[SYMBOL_DAYS].count_documents({}) == 1
    line = capsys.readouterr().out
    assert '"level":"WARNING"' in line
    assert "not authorised" in line
