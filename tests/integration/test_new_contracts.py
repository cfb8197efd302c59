"""Contracts that are listed during a captured day, through the real ingestion and a real mongod."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.recorded_facts import RecordedFacts
from chain_fetch.recording.bodies.recorded_legs import RecordedLegs
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.ticks.plan import PlannedRequest
from optionchain.market import Market
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from tests.support.bodies import encoded
from tests.support.captured import as_v3
from tests.support.ingesting import take_in
from tests.support.mongomock_database import AnyDatabase
from tests.support.naive_reader import contracts_of

type Captured = Callable[[str], dict[str, Any]]

FOLDER = "legacy/new-strikes-2025-10-17"
DAY_BEFORE = "20251016T134838Z"
MOMENTS = ("20251017T035513Z", "20251017T074150Z", "20251017T100501Z")
# Of contracts that no chain of the day before has, at the end of the day.
NEW_OPEN_INTEREST = 19_936


def record(database: AnyDatabase, captured: Captured, *moments: str) -> None:
    """Take in captured bodies of all expiries, each time in an environment of its own."""
    for moment in moments:
        store = SnapshotWriter(database)
        facts = RecordedFacts(RecordedLegs(database))
        ingestion = Ingestion(store, TickLedger(database), 5.5, Market, facts)
        name = f"day-before-{moment}" if moment == DAY_BEFORE else moment
        tick = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        for expiry, body in as_v3(captured(f"{FOLDER}/{name}.json.gz")).items():
            result = RequestResult(PlannedRequest("NIFTY", expiry, required=True))
            take_in(ingestion, parse(encoded(body), "NIFTY", tick), result)


def newest(database: AnyDatabase) -> list[dict[str, Any]]:
    """The documents of the last moment."""
    (last,) = database["snapshots"].find(sort=[("fetched_at", -1)], limit=1)
    return list(database["option_chain"].find({"fetched_at": last["fetched_at"]}))


@pytest.mark.parametrize("moments", [MOMENTS, MOMENTS[1:], MOMENTS[2:]])
def test_contracts_of_a_captured_day_that_the_day_before_lacks_are_new(
    moments: tuple[str, ...], captured_body: Captured, database: AnyDatabase
) -> None:
    """Whenever the recorder begins on that day."""
    record(database, captured_body, DAY_BEFORE, *moments)
    before = contracts_of(captured_body(f"{FOLDER}/day-before-{DAY_BEFORE}.json.gz"))
    sent = contracts_of(captured_body(f"{FOLDER}/{MOMENTS[-1]}.json.gz"))
    new = {each for each in sent.keys() - before.keys() if not sent[each]["change_in_oi"]}
    found = [row for row in newest(database) if row["newly_listed"]]
    contracts = {(row["expiry"].date(), row["type"], row["strike_price"]) for row in found}
    assert contracts == new
    assert {row["listed_on"] for row in found} == {"17-Oct-2025"}
    assert sum(row["open_interest"] for row in found) == NEW_OPEN_INTEREST


def test_without_the_day_before_only_a_contradiction_shows_that_contracts_are_new(
    captured_body: Captured, database: AnyDatabase
) -> None:
    """No contract of the day before is among them, and no day of listing is said."""
    record(database, captured_body, *MOMENTS)
    before = contracts_of(captured_body(f"{FOLDER}/day-before-{DAY_BEFORE}.json.gz"))
    found = [row for row in newest(database) if row["newly_listed"]]
    contracts = {(row["expiry"].date(), row["type"], row["strike_price"]) for row in found}
    assert contracts
    assert not contracts & before.keys()
    assert {row["listed_on"] for row in newest(database)} == {None}
    assert sum(row["open_interest"] for row in found) > 0.95 * NEW_OPEN_INTEREST


def test_every_change_of_a_captured_day_counts_from_the_close_of_the_day_before(
    captured_body: Captured, database: AnyDatabase
) -> None:
    """Open interest less its change is that of the day before, of which new contracts have none."""
    record(database, captured_body, DAY_BEFORE, *MOMENTS)
    sent = contracts_of(captured_body(f"{FOLDER}/{MOMENTS[-1]}.json.gz"))
    new = {(row["expiry"].date(), row["type"], row["strike_price"]) for row in newest(database)
           if row["newly_listed"]}  # fmt: skip
    (last,) = database["snapshots"].find(sort=[("fetched_at", -1)], limit=1)
    for header in database["snapshots"].find({"fetched_at": last["fetched_at"]}):
        expiry, found = header["expiry"].date(), header["analytics"]
        true = {
            leg: sent[leg]["open_interest" if leg in new else "change_in_oi"]
            for leg in sent
            if leg[0] == expiry
        }
        sums = {
            side: sum(true[leg] or 0 for leg in true if leg[1] == side) for side in ("CE", "PE")
        }
        ratio = pytest.approx(sums["PE"] / sums["CE"], rel=1e-12) if sums["CE"] else None
        assert found["pcr_change"] == ratio
        assert found["newly_listed"] == len(new & true.keys())
        for name, side in (("calls", "CE"), ("puts", "PE")):
            fastest = sorted((abs(true[leg] or 0) for leg in true if leg[1] == side), reverse=True)
            rows = found["fastest_oi"][name]
            assert [abs(row["change_in_oi"]) for row in rows] == fastest[: len(rows)]
