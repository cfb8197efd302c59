"""When a chain that is read in the evening is the final one of its day."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import orjson
import pytest

from chain_fetch.nse.body_parser import parse
from chain_fetch.recording.bodies.final_chain import is_final, is_rewritten
from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.ticks.plan import PlannedRequest
from optionchain.evening_rounds import EveningRound
from optionchain.exchange_time import IST
from optionchain.market import Market
from optionchain.mongo.documents import header_document
from optionchain.mongo.snapshot_writer import SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.snapshot import Snapshot
from tests.support import ingesting
from tests.support.captured import as_v3
from tests.support.histories import ist
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.snapshots import snapshot

FRIDAY = date(2026, 9, 18)
CLOSES = ist(FRIDAY, "15:40")
FIRST = EveningRound(ist(FRIDAY, "19:45"), needs_rewrite=True)
LAST = EveningRound(ist(FRIDAY, "21:00"), needs_rewrite=False)
CAPTURED_DAY = date(2025, 10, 16)


def chain_read(text: str, stamp: datetime = CLOSES, **numbers: Any) -> Snapshot:  # noqa: ANN401
    """Return a chain that was read at a time of the day in India."""
    return snapshot(tick=ist(FRIDAY, text), stamp=stamp, **numbers)


@pytest.mark.parametrize(
    ("before", "changed", "expected"),
    [
        ("15:45", {"open_interest": 1_150.0}, True),
        ("15:45", {}, False),
        ("15:45", {"implied_volatility": 12.0, "last_price": 99.0}, False),
        ("15:45", {"open_interest": None}, False),  # a missing sum tells nothing
        # Trades of the last minutes may have moved it.
        ("15:39:55", {"open_interest": 1_150.0}, False),
    ],
)
def test_a_rewrite_shows_in_the_open_interest_since_the_close(
    before: str, changed: dict[str, Any], expected: bool
) -> None:
    header = header_document(chain_read(before))
    evening = chain_read("19:45", **changed)
    assert is_rewritten(evening, header, CLOSES) is expected
    assert is_final(evening, header, FIRST, CLOSES) is expected
    assert is_final(evening, header, LAST, CLOSES)
    assert not is_rewritten(evening, None, CLOSES)


@pytest.mark.parametrize(
    ("before", "numbers", "final"),
    [
        ("15:45", {}, True),
        ("15:15", {}, True),
        ("15:14:55", {}, False),  # even the closing price of the underlying has not come
        ("15:14:55", {"last_price": 99.0}, True),
        (None, {}, True),
    ],
)
def test_without_a_stamp_a_feed_stood_still_if_nothing_has_moved_since_the_auction(
    before: str | None, numbers: dict[str, Any], final: bool
) -> None:
    def unstamped(text: str, **numbers: Any) -> Snapshot:  # noqa: ANN401
        chain = chain_read(text, **numbers)
        return replace(chain, exchange_timestamp=None, source="upstox")

    header = header_document(unstamped(before)) if before else None
    assert is_final(unstamped("21:00", **numbers), header, LAST, CLOSES) is final


def test_another_source_s_open_interest_is_no_rewrite() -> None:
    header = header_document(replace(chain_read("15:45"), source="upstox"))
    evening = chain_read("19:45", open_interest=1_150.0)
    assert not is_rewritten(evening, header, CLOSES)


def test_one_side_is_enough_and_what_is_final_stays_so() -> None:
    quotes = [
        quote._replace(open_interest=1_150.0) if quote.side == "PE" else quote
        for quote in chain_read("19:45").quotes
    ]
    evening = replace(chain_read("19:45"), quotes=tuple(quotes))
    assert is_rewritten(evening, header_document(chain_read("15:45")), CLOSES)
    assert is_rewritten(evening, header_document(evening, settled=True), CLOSES)
    assert not is_rewritten(evening, header_document(evening), CLOSES)


@pytest.mark.parametrize(
    ("stamp", "expected"), [("15:40:00", True), ("15:35:00", True), ("15:34:59", False)]
)
def test_a_chain_of_before_the_close_is_never_final(stamp: str, expected: bool) -> None:
    evening = chain_read("21:00", ist(FRIDAY, stamp))
    assert is_final(evening, None, LAST, CLOSES) is expected


def take_in(database: AnyDatabase, body: bytes, text: str) -> list[RequestResult]:
    """Take in every expiry of a captured body at a time of its day in India."""
    ingestion = Ingestion(SnapshotWriter(database), TickLedger(database), 5.5, Market)
    results = []
    for expiry, chain in as_v3(orjson.loads(body)).items():
        result = RequestResult(PlannedRequest("NIFTY", expiry, required=True))
        tick = ist(CAPTURED_DAY, text)
        ingesting.take_in(ingestion, parse(orjson.dumps(chain), "NIFTY", tick), result)
        results.append(result)
    return results


def final_chains(database: AnyDatabase, expiries: Iterable[date]) -> list[str]:
    """Return when the final chain of each expiry that has one was read first, in India."""
    store = SnapshotWriter(database)
    found = (store.settled_header("NIFTY", expiry, CAPTURED_DAY) for expiry in expiries)
    return [f"{header['fetched_at'].astimezone(IST):%H:%M}" for header in found if header]


@uses_mongomock
@pytest.mark.parametrize(
    ("at_first", "final", "read_at"),
    [
        # Twelve of 18 expiries show the rewrite in the sums of a side; the others hardly trade.
        ("evening", 12, "19:45"),
        # Nobody rewrote it in time: at 21:00 the evening's body is the final one of all.
        ("afternoon", 0, "21:00"),
    ],
)
def test_captured_bodies_of_a_day_are_final_when_the_exchange_has_rewritten_them(
    at_first: str,
    final: int,
    read_at: str,
    captured: Callable[[str], bytes],
) -> None:
    """16 October 2025: read at 16:16 and at 19:18 IST, both stamped 15:30:00."""
    bodies = {
        "afternoon": captured("legacy/settled-2025-10-16/16-oct-1616-ist.json.gz"),
        "evening": captured("legacy/new-strikes-2025-10-17/day-before-20251016T134838Z.json.gz"),
    }
    database, expiries = memory_database(), as_v3(orjson.loads(bodies["evening"]))
    take_in(database, bodies["afternoon"], "15:35")
    take_in(database, bodies[at_first], "19:45")
    assert final_chains(database, expiries) == ["19:45"] * final
    take_in(database, bodies["evening"], "21:00")
    assert final_chains(database, expiries) == [read_at] * 18
