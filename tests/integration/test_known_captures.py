"""Captured days, recorded with and without knowing bodies by their bytes, leave the same record."""

import gzip
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import orjson
import pytest

from chain_fetch.http.sent_body import SentBody
from chain_fetch.nse.body_parser import parse
from local.mongod import Mongod
from tests.conftest import CAPTURED
from tests.support.captured import as_v3
from tests.support.commands import watched
from tests.support.sent_bodies import OneExpiry

SESSION = CAPTURED / "v3-from-legacy/nifty-2025-12-05"
REWRITE = CAPTURED / "legacy/edge"
STEP = timedelta(seconds=5)
_ANY = datetime(2025, 1, 1, tzinfo=UTC)

type Chains = dict[date, bytes]
pytestmark = pytest.mark.skipif(not SESSION.is_dir(), reason="no captured bodies on this machine")


def of_moment(folder: Path) -> Chains:
    """The bodies of a moment, by expiry."""
    bodies = [gzip.decompress(path.read_bytes()) for path in folder.iterdir()]
    return {parse(body, "NIFTY", _ANY).expiry: body for body in bodies}


def rewritten(when: str) -> Chains:
    """What the exchange sent after a close, before or after a rewrite under the same stamp."""
    body = orjson.loads(
        gzip.decompress((REWRITE / f"post-close-rewrite-{when}.json.gz").read_bytes())
    )
    return {expiry: orjson.dumps(chain) for expiry, chain in as_v3(body).items()}


def stream(bodies: list[bytes]) -> Iterator[tuple[datetime, SentBody]]:
    """Each body twice, then in turns with the one before it, as two nodes send them."""
    tick = _ANY
    for before, body in pairwise([bodies[0], *bodies]):
        stamp = parse(body, "NIFTY", _ANY).stamp
        tick = max(tick, stamp.replace(second=stamp.second - stamp.second % 5)) + STEP
        for each in (body, body, before, body, before, body):
            yield tick, SentBody(gzip.compress(each, mtime=0), ("gzip",))
            tick += STEP


def test_captured_days_are_recorded_alike(mongod: Mongod) -> None:
    session = [of_moment(path) for path in sorted(SESSION.iterdir()) if path.is_dir()]
    verdicts = set()
    for moments in (session, [rewritten("before"), rewritten("after")]):
        expiry = min(moments[0])
        with watched(mongod, "knowing") as (one, _), watched(mongod, "parsing") as (other, _):
            knowing, parsing = OneExpiry(one, expiry), OneExpiry(other, expiry, knows=False)
            for tick, body in stream([chains[expiry] for chains in moments]):
                knowing.take_in(tick, body)
                parsing.take_in(tick, body)
            assert knowing.entries == parsing.entries
            assert knowing.stored() == parsing.stored()
            assert knowing.parsed < parsing.parsed
            verdicts |= {each["expiries"][0].get("verdict") for each in knowing.entries}
    assert verdicts == {"new", "unchanged", "out_of_order", "revised"}
