"""Commits what is new of a tick, several snapshots by one operation."""

import time
from collections.abc import Iterable, Iterator, Sequence

from chain_fetch.recording.bodies.request_result import RequestResult, failing, share_time
from optionchain.mongo.snapshot_writer import Commit, CommitResult, SnapshotWriter

# So many contracts take a small part of an operation's time. More of them together save little.
_MOST_CONTRACTS = 1_000

type News = tuple[RequestResult, Commit]


def grouped(news: Iterable[News], most: int = _MOST_CONTRACTS) -> Iterator[list[News]]:
    """Yield what is to be committed together: so many contracts at most, but one whole snapshot."""
    group: list[News] = []
    contracts = 0
    for each in news:
        size = len(each[1].snapshot.quotes)
        if group and contracts + size > most:
            yield group
            group, contracts = [], 0
        group.append(each)
        contracts += size
    if group:
        yield group


def commit_group(store: SnapshotWriter, group: Sequence[News]) -> None:
    """Commit these snapshots, and tell the result of each body what became of its own.

    An error that nobody foresaw is of one snapshot. To find it, and to store the others, each is
    committed by itself: what was inserted before is found to be there.
    """
    try:
        _commit(store, group)
    except Exception as error:  # noqa: BLE001
        if len(group) == 1:
            group[0][0].error = error
            return
        for each in group:
            commit_group(store, [each])


def _commit(store: SnapshotWriter, group: Sequence[News]) -> None:
    bodies = [body for body, _ in group]
    started = time.perf_counter()
    with failing(bodies):
        committed = store.commit_all([commit for _, commit in group])
        for body, done in zip(bodies, committed, strict=True):
            if isinstance(done, CommitResult):
                body.committed, body.outcome = done, "stored"
            else:
                body.fail("database", done)
    share_time(bodies, started)
