"""Headers with analytics for every tick of a session: the data of a history request."""

from datetime import UTC, date, timedelta
from itertools import cycle, islice

from optionchain.analytics import analytics_of
from optionchain.market import Market
from optionchain.mongo.client import Document
from optionchain.mongo.documents import header_document
from optionchain.snapshot import Snapshot
from tests.performance import sessions

# Every five seconds from 09:15 to 15:40.
TICKS = 4_620


def headers_of_a_day(symbol: str, day: date, first: Snapshot, rate: float) -> list[Document]:
    """Return a header for each tick; the numbers of a session's snapshots repeat."""
    opens = Market().sessions(day)[0].opens.astimezone(UTC)
    kept = [
        (header_document(snapshot), analytics_of(snapshot, rate))
        for snapshot in sessions.snapshots(symbol, day, first)
    ]
    return [
        {
            **header,
            "fetched_at": tick,
            "last_seen_at": tick,
            "exchange_timestamp": tick,
            "analytics": derived,
        }
        for number, (header, derived) in enumerate(islice(cycle(kept), TICKS))
        for tick in (opens + timedelta(seconds=5 * number),)
    ]
