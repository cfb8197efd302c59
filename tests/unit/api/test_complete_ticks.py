"""Until when nothing more can be stored of a symbol, by its own rhythm."""

from datetime import timedelta

from chain_api.queries.complete_ticks import CompleteTicks
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.rhythm import Rhythm
from tests.support.mongomock_database import AnyDatabase, uses_mongomock
from tests.support.snapshots import TICK

pytestmark = uses_mongomock
RHYTHMS = {"NIFTY": Rhythm(5), "IDEA": Rhythm(60, 25)}
SECOND = timedelta(seconds=1)


def test_a_complete_tick_holds_until_the_next_tick_of_its_symbol(database: AnyDatabase) -> None:
    ledger = TickLedger(database)
    complete = CompleteTicks(ledger, RHYTHMS.__getitem__)
    for symbol in RHYTHMS:
        assert complete.current_tick(symbol, TICK + 4 * SECOND) == TICK
        assert complete.until(symbol, TICK) is None
        ledger.record(symbol, TICK, {"outcome": "stored"})
        assert complete.known_until(symbol, TICK) is None
    for symbol, seconds in (("NIFTY", 5), ("IDEA", 60)):
        following = TICK + seconds * SECOND
        last = following - SECOND / 1_000
        assert complete.until(symbol, TICK) == complete.known_until(symbol, last) == following
        assert complete.known_until(symbol, following) is None
