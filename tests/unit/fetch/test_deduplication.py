"""Is a snapshot news? By the exchange's timestamp first, then by content."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.recording.deduplication import Verdict, commit_of, judge
from optionchain.mongo.documents import HeaderDocument, header_document
from optionchain.snapshot import Snapshot
from tests.support.bodies import STAMP
from tests.support.snapshots import INTERVAL, TICK, snapshot

LATER = STAMP + timedelta(seconds=30)


def content(name: str, stamp_number: int = 0) -> Snapshot:
    """A body of content `name` under the exchange's n-th timestamp."""
    return snapshot(underlying=float(ord(name)), stamp=STAMP + stamp_number * timedelta(seconds=30))


def store(bodies: Iterable[Snapshot]) -> tuple[list[Verdict], HeaderDocument | None]:
    """Judge bodies one after another as a tick does; return the verdicts and the last header."""
    last: HeaderDocument | None = None
    verdicts = []
    for body in bodies:
        verdicts.append(judge(body, last))
        if verdicts[-1] in (Verdict.NEW, Verdict.REVISED):
            commit = commit_of(body, verdicts[-1], last, rate=5.5)
            last = header_document(
                commit.snapshot, revised=commit.revised, earlier_hashes=commit.earlier_hashes
            )
    return verdicts, last


def test_the_first_snapshot_of_an_expiry_is_new() -> None:
    assert judge(snapshot(), None) is Verdict.NEW


def test_a_later_timestamp_is_new_even_with_the_same_content() -> None:
    assert judge(snapshot(stamp=LATER), header_document(snapshot())) is Verdict.NEW


def test_the_same_timestamp_with_the_same_content_is_unchanged() -> None:
    repeat = snapshot(tick=TICK + INTERVAL)
    assert judge(repeat, header_document(snapshot())) is Verdict.UNCHANGED


def test_the_same_timestamp_with_other_content_is_revised() -> None:
    revised = snapshot(last_price=7.0)
    assert judge(revised, header_document(snapshot())) is Verdict.REVISED


@pytest.mark.parametrize("price", [101.35, 7.0])
def test_an_earlier_timestamp_is_out_of_order_whatever_its_content(price: float) -> None:
    older = snapshot(last_price=price)
    assert judge(older, header_document(snapshot(stamp=LATER))) is Verdict.OUT_OF_ORDER


def test_two_nodes_that_disagree_under_one_timestamp_store_each_content_once() -> None:
    verdicts, last = store(content(name) for name in "ABABAB")
    assert verdicts == [
        Verdict.NEW,
        Verdict.REVISED,
        Verdict.OUT_OF_ORDER,
        Verdict.UNCHANGED,
        Verdict.OUT_OF_ORDER,
        Verdict.UNCHANGED,
    ]
    assert last is not None
    assert last["content_hash"] == content("B").content_hash
    assert last["earlier_hashes"] == [content("A").content_hash]


def test_a_node_that_lags_behind_is_dropped_until_it_has_caught_up() -> None:
    bodies = [content("A", 0), content("B", 1), content("A", 0), content("B", 1), content("C", 2)]
    verdicts, _ = store(bodies)
    assert verdicts == [
        Verdict.NEW,
        Verdict.NEW,
        Verdict.OUT_OF_ORDER,
        Verdict.UNCHANGED,
        Verdict.NEW,
    ]


def test_a_new_timestamp_forgets_the_contents_of_the_one_before() -> None:
    """The market may come back to a price: that is news under a new timestamp."""
    verdicts, last = store([content("A", 0), content("B", 0), content("A", 1)])
    assert verdicts == [Verdict.NEW, Verdict.REVISED, Verdict.NEW]
    assert last is not None
    assert (last["revised"], last["earlier_hashes"]) == (False, [])


def test_a_revision_remembers_every_content_before_it() -> None:
    _, last = store(content(name) for name in "ABC")
    assert last is not None
    assert last["revised"]
    assert last["earlier_hashes"] == [content(name).content_hash for name in "AB"]


def test_a_header_stays_small_however_often_it_is_revised() -> None:
    _, last = store(snapshot(underlying=float(number)) for number in range(1, 200))
    assert last is not None
    assert len(last["earlier_hashes"]) == 50


def test_what_is_new_is_committed_without_a_mark() -> None:
    commit = commit_of(snapshot(stamp=LATER), Verdict.NEW, header_document(snapshot()), rate=5.5)
    assert (commit.revised, commit.earlier_hashes) == (False, ())


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 2)), max_size=20))
def test_whatever_the_nodes_answer_nothing_is_stored_twice_and_time_never_goes_back(
    answers: list[tuple[str, int]],
) -> None:
    bodies = [content(name, number) for name, number in answers]
    verdicts, last = store(bodies)
    stored = [
        (body.exchange_timestamp, body.content_hash)
        for body, verdict in zip(bodies, verdicts, strict=True)
        if verdict in (Verdict.NEW, Verdict.REVISED)
    ]
    assert len(set(stored)) == len(stored)
    assert [stamp for stamp, _ in stored] == sorted(stamp for stamp, _ in stored)
    if last is not None:
        newest = max(body.exchange_timestamp for body in bodies)
        assert last["exchange_timestamp"] == newest
