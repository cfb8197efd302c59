"""Bodies that were parsed before: what judging one needs to know of it, found by its bytes.

What is known of a body follows from its bytes alone, so it never grows old. Whether it is news is
judged each time, by what is stored then.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from chain_fetch.http.sent_body import SentBody
from optionchain.exchange_time import exchange_date
from optionchain.snapshot import Snapshot

# Two nodes may take turns with two contents each. A digest of the bytes and one of the decoded body
# are kept of each.
_MOST_DIGESTS = 8


class KnownBody(NamedTuple):
    """What is known of a body of an expiry: its stamp, the hash of its numbers, its source.

    `legs` is how many contracts it has, `listed_expiries` are those that it lists.
    """

    exchange_timestamp: datetime
    content_hash: str
    source: str
    legs: int
    listed_expiries: tuple[date, ...]


class KnownBodies:
    """The last bodies of each expiry of each symbol; safe for several threads."""

    def __init__(self) -> None:
        self._bodies: dict[tuple[str, date], Mapping[bytes, KnownBody]] = {}

    def has(self, symbol: str, expiry: date, digest: bytes) -> bool:
        """Tell whether the body with these bytes is known."""
        return digest in self._bodies.get((symbol, expiry), ())

    def of(self, symbol: str, expiry: date, body: SentBody) -> KnownBody | None:
        """Return what is known of a body; one that is only encoded otherwise is decoded for it.

        Raises Refused if it cannot be decoded.
        """
        bodies = self._bodies.get((symbol, expiry), {})
        if (known := bodies.get(body.digest)) is None and (
            known := bodies.get(body.decoded_digest)
        ):
            self._keep(symbol, expiry, body, known)
        return known

    def learn(self, body: SentBody, snapshot: Snapshot) -> None:
        """Keep what a body told. Without a stamp it may be of any moment, so it is not kept."""
        if (stamp := snapshot.exchange_timestamp) is None:
            return
        known = KnownBody(
            stamp,
            snapshot.content_hash,
            snapshot.source,
            len(snapshot.quotes),
            snapshot.listed_expiries,
        )
        if (snapshot.symbol, snapshot.expiry) not in self._bodies:
            self._forget_before(exchange_date(snapshot.fetched_at))
        self._keep(snapshot.symbol, snapshot.expiry, body, known)

    def _keep(self, symbol: str, expiry: date, body: SentBody, known: KnownBody) -> None:
        digests = {body.digest, body.decoded_digest}
        before = self._bodies.get((symbol, expiry), {})
        kept = [each for each in before.items() if each[0] not in digests]
        newest = dict.fromkeys(digests, known)
        self._bodies[symbol, expiry] = {**dict(kept[len(digests) - _MOST_DIGESTS :]), **newest}

    def _forget_before(self, day: date) -> None:
        for chain in [each for each in list(self._bodies) if each[1] < day]:
            self._bodies.pop(chain, None)
