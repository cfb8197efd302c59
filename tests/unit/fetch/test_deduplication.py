"""Whether a snapshot is new: by the exchange's timestamp first, then by content."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from chain_fetch.recording.bodies.deduplication import Judgement, Verdict, commit_of, judge
from optionchain.mongo.documents import HeaderDocument, header_document
from optionchain.snapshot import Snapshot
from tests.support.bodies import STAMP
from tests.support.snapshots import INTERVAL, TICK, snapshot

LATER = STAMP + timedelta(seconds=30)
NEW, REVISED, UNCHANGED = Verdict.NEW, Verdict.REVISED, Verdict.UNCHANGED
OUT_OF_ORDER = Verdict.OUT_OF_ORDER


def content(name: str, stamp_number: int = 0) -> Snapshot:
    """A body of content `name` under the exchange's n-th timestamp."""
    return snapshot(underlying=float(ord(name)), stamp=STAMP + stamp_number * timedelta(seconds=30))


def store(bodies: Iterable[Snapshot]) -> tuple[list[Verdict], HeaderDocument]:
    """Judge bodies one after another as a tick does; return the verdicts and the last header."""
    last: HeaderDocument | None = None
    verdicts = []
    for body in bodies:
        verdicts.append(judge(body, last))
        if verdicts[-1] in (Verdict.NEW, Verdict.REVISED):
            commit = commit_of(body, Judgement(verdicts[-1]), last, rate=5.5)
            last = header_document(
                commit.snapshot, revised=commit.revised, earlier_hashes=commit.earlier_hashes
            )
    assert last is not None
    return verdicts, last


@pytest.mark.parametrize(
    ("found", "last", "verdict"),
    [
        (snapshot(), None, NEW),
        (snapshot(stamp=LATER), snapshot(), NEW),
        (snapshot(tick=TICK + INTERVAL), snapshot(), UNCHANGED),
        (snapshot(last_price=7.0), snapshot(), REVISED),
        (snapshot(), snapshot(stamp=LATER), OUT_OF_ORDER),
        (snapshot(last_price=7.0), snapshot(stamp=LATER), OUT_OF_ORDER),
    ],
)
def test_timestamps_decide_first(found: Snapshot, last: Snapshot | None, verdict: Verdict) -> None:
    assert judge(found, header_document(last) if last else None) is verdict


def test_two_nodes_that_disagree_under_one_timestamp_store_each_content_once() -> None:
    verdicts, last = store(content(name) for name in "ABABAB")
    assert verdicts == [NEW, REVISED, OUT_OF_ORDER, UNCHANGED, OUT_OF_ORDER, UNCHANGED]
    assert last["content_hash"] == content("B").content_hash
    assert last["earlier_hashes"] == [content("A").content_hash]


def test_a_new_timestamp_forgets_the_contents_of_the_one_before() -> None:
    """The market may come back to a price: that is new under a new timestamp."""
    verdicts, last = store([content("A", 0), content("B", 0), content("A", 1)])
    assert verdicts == [NEW, REVISED, NEW]
    assert (last["revised"], last["earlier_hashes"]) == (False, [])


def test_a_revision_keeps_the_hash_of_every_content_before_it() -> None:
    _, last = store(content(name) for name in "ABC")
    assert last["revised"]
    assert last["earlier_hashes"] == [content(name).content_hash for name in "AB"]


def test_a_header_stays_small_however_often_it_is_revised() -> None:
    _, last = store(snapshot(underlying=float(number)) for number in range(1, 200))
    assert len(last["earlier_hashes"]) == 50
