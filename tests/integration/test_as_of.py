"""The chain as of a moment is what the API answered at that moment, in simulated time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from random import Random

from local.nse_simulator.market import SimulatedMarket
from optionchain.exchange_time import IST, exchange_date, expiry_text
from tests.integration.conftest import SceneAt
from tests.support.histories import ist
from tests.support.playback import Playback, Question
from tests.support.scripted_nse import LockstepClock

# The last Tuesday of a month: a stock's nearest expiry is of this day, and has passed the next.
TUESDAY = date(2026, 9, 29)
WEDNESDAY = date(2026, 9, 30)
SEED = 11
HOUR = timedelta(hours=1)
# Of some hundreds of answers, drawn at random.
ASKED_AGAIN = 250

type Spelling = Callable[[datetime], str]


def questions(symbol: str, named: date) -> list[Question]:
    """Every route that knows `as_of`, and every way to choose expiries."""
    chosen = (None, "next", "all", expiry_text(named))
    return [
        *(Question(symbol, "", expiry) for expiry in chosen),
        *(Question(symbol, "/strikes", expiry) for expiry in (None, "next")),
        Question(symbol, "/expiry-dates"),
        *(Question(symbol, "filter", expiry) for expiry in ("nearest", None)),
    ]


@contextmanager
def simulated(scene_at: SceneAt) -> Iterator[Playback]:
    """A stock around the close of an expiry day and the next opening, with all that fails."""

    def market(clock: LockstepClock) -> SimulatedMarket:
        return SimulatedMarket(clock=clock.true, tick_seconds=20)

    changes = {"nse_symbols": ("IDEA",), "nse_expiries": 1, "market_hours": "exchange"}
    begins = ist(TUESDAY, "15:36:58")
    with scene_at(begins, market, **changes) as here, here.recorder() as recorder:
        later = here.exchange.market.expiries("IDEA")[-1]
        played = Playback(here, recorder, questions("IDEA", later), Random(SEED))
        played.ask()
        here.clock.go_to(ist(TUESDAY, "15:37"))
        played.ticks(7)
        played.ticks(1, fault="server_error")
        played.ticks(4)
        played.ticks(5, fault="empty_data")
        played.ticks(3)
        played.let_pass(timedelta(seconds=40))  # nobody on duty
        played.ticks(5)
        here.clock.go_to(ist(TUESDAY, "15:39:40"))
        played.ticks(2)
        played.ticks(2, fault="truncated")
        played.ask()  # at the close
        here.clock.go_to(ist(TUESDAY, "15:45"))
        played.ticks(1)
        played.let_pass(2 * HOUR)
        here.clock.go_to(ist(WEDNESDAY, "09:14:55"))
        played.ask()
        here.clock.go_to(ist(WEDNESDAY, "09:15"))
        played.ticks(1, fault="empty")
        played.ticks(4)
        played.ticks(2, fault="older_body")
        played.ticks(6)
        played.ticks(1, fault="other_node")
        played.ticks(6)
        here.clock.sleep(3 * HOUR.total_seconds())
        yield played


def offset(instant: datetime) -> str:
    return instant.astimezone(IST).isoformat(timespec="milliseconds")


def escaped(instant: datetime) -> str:
    return offset(instant).replace("+", "%2B")


def indian(instant: datetime) -> str:
    return offset(instant).removesuffix("+05:30")


def utc(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clock(instant: datetime) -> str:
    return indian(instant)[11:]


def in_words(name: str, question: Question, instant: datetime, now: datetime) -> str:
    """Return a moment in one of its spellings; a bare time is used only if it is of today."""
    if question.path == "filter":  # a body is not escaped
        return offset(instant) if name == "plus" else utc(instant)
    spellings: dict[str, Spelling] = {
        "plus": offset,
        "escaped plus": escaped,
        "indian": indian,
        "utc": utc,
        "clock": clock if exchange_date(now) == exchange_date(instant) else indian,
    }
    return spellings[name](instant)


SPELLINGS = ("plus", "escaped plus", "indian", "utc", "clock")


def check_replay(played: Playback) -> None:
    """Check that questions asked again, in random order and spelling, are answered as before."""
    random, now = Random(SEED), played.here.clock.now()
    again = random.sample(played.served, min(ASKED_AGAIN, len(played.served)))
    for then in again:
        text = in_words(random.choice(SPELLINGS), then.question, then.instant, now)
        status, answer = then.question.ask(played.api, text)
        assert status == then.status, (then.question, text, answer)
        if status == 200:
            assert answer == then.answer, (then.question, text)


def test_as_of_a_moment_of_a_simulated_session_is_what_was_served_then(scene_at: SceneAt) -> None:
    """The contracts, times, ages in whole seconds and gaps are the same."""
    with simulated(scene_at) as played:
        assert {"stored", "unchanged", "failed"} <= set(played.outcomes())
        good = [then for then in played.served if then.status == 200]
        chains = [then.answer for then in good if "gap" in then.answer]
        assert {chain["gap"] for chain in chains} == {True, False}
        assert len({chain["timestamp"] for chain in chains}) > 5
        assert any(chain["last_seen_at"] > chain["timestamp"] for chain in chains)
        check_replay(played)
