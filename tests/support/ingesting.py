"""Takes in one snapshot as the recorder takes in those of a tick."""

from chain_fetch.recording.bodies.ingestion import Ingestion
from chain_fetch.recording.bodies.request_result import RequestResult
from optionchain.mongo.snapshot_writer import Commit
from optionchain.snapshot import Snapshot


def take_in(ingestion: Ingestion, body: Snapshot, result: RequestResult) -> None:
    """Judge a snapshot by the newest header, and store or confirm it; raise as Ingestion does."""
    chain = body.symbol, body.expiry
    result.snapshot, result.tick = body, body.fetched_at
    written = ingestion.take_in(body, ingestion.newest.of([chain]).get(chain), result)
    if isinstance(written, Commit):
        result.committed, result.outcome = ingestion.store.commit(written), "stored"
    elif written:
        ingestion.store.confirm_all([written])
        ingestion.facts.prepare(written.header)
