"""Whole days, good ones and bad ones: which alarms ring on each, and that no other does.

A day is told as the metrics of its minutes, which the recorder would have sent. The alarms are
those of the template, and their arithmetic is evaluated as CloudWatch does.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from optionchain.evening_rounds import evening_rounds
from optionchain.exchange_time import IST
from tests.infrastructure.alarm_evaluator import ever_rings
from tests.infrastructure.metrics import Metric
from tests.infrastructure.stack import Stack, Template, deployed

THURSDAY, SATURDAY, SUNDAY = date(2026, 11, 26), date(2026, 11, 28), date(2026, 2, 1)
TICKS = 24  # of two symbols every five seconds, a minute
FIRST_TICKS, LAST_TICK = (0, 15), 29  # of both rounds of an evening
OUTCOMES = ("TicksStored", "TicksUnchanged", "TicksFailed", "TicksSkipped")
FETCH = frozenset({("service", "fetch")})


def metric(name: str, group: str = "", tier: str = "") -> Metric:
    """Return a metric of the recorder, of one of its groups or of one of its tiers."""
    own = {pair for pair in (("group", group), ("tier", tier)) if pair[1]}
    return Metric("OptionChain/nse-test", name, FETCH | own)


def errors_of(function: str) -> Metric:
    """Return the errors of a function, which Lambda counts."""
    name = frozenset({("FunctionName", f"nse-test-{function}")})
    return Metric("AWS/Lambda", "Errors", name)


ERRORS, ARCHIVE_ERRORS = errors_of("fetch"), errors_of("archive")
LETTERS = Metric(
    "AWS/SQS",
    "ApproximateNumberOfMessagesVisible",
    frozenset({("QueueName", "nse-test-dead-letters")}),
)


class Minute(dict[Metric, float]):
    """The metrics of one minute, told step by step."""

    def __init__(self, session_minute: int | None, evening_tick: int | None = None) -> None:
        super().__init__()
        # Minutes since the opening; None outside of sessions.
        self.session_minute = session_minute
        # Which of the 30 ticks of the evening this is, 15 in each round; None outside of them.
        self.evening_tick = evening_tick

    def came(self, group: str = "1") -> None:
        """An invocation of a group began and ended without an error."""
        self[metric("ShiftsStarted", group)] = 1
        self[ERRORS] = self.get(ERRORS, 0)

    def ticks(self, group: str = "1", missed: int = 0, stopped: int = 0, **outcomes: int) -> None:
        """An invocation was on duty in a session: ticks by outcome, as `stored=2`."""
        counts = {f"Ticks{name.title()}": count for name, count in outcomes.items()}
        for name, count in counts.items():
            for one in (metric(name), metric(name, group)):
                self[one] = self.get(one, 0) + count
        self[metric("TicksMissed")] = self.get(metric("TicksMissed"), 0) + missed
        self[metric("Stopped")] = stopped
        if outcomes:
            self[metric("SourceBlocked")] = 0
            self[metric("DataAge")] = 35

    def tier(self, tier: str, oldest: int, **outcomes: int) -> None:
        """A tier had these ticks, and its oldest expiry was read so many seconds ago."""
        for name, count in outcomes.items():
            self[metric(f"Ticks{name.title()}", tier=tier)] = count
        self[metric("OldestExpiryAge", tier=tier)] = oldest

    def settlement(self, differing: int = 0, missing: int = 0) -> None:
        """Settled chains of the day before were judged."""
        self[metric("SettlementLegsDiffering")] = differing
        self[metric("SettlementMissing")] = missing

    def evening(self, *, blocked: bool = False, stopped: bool = False, missing: int = 0) -> None:
        """The evening reads in this minute; `missing` is told by its last tick alone."""
        self[metric("TicksMissed")] = 0
        self[metric("Stopped")] = int(stopped)
        if not stopped:
            self[metric("SourceBlocked")] = int(blocked)
            if self.evening_tick == LAST_TICK:
                self[metric("ExpiriesUnsettled")] = missing

    def good(self, group: str = "1", missed: int = 0) -> None:
        """A minute as it should be, perhaps after one that was lost."""
        self.came(group)
        if self.session_minute is not None:
            self.ticks(group, missed, stored=2, unchanged=TICKS - 2)
        elif self.evening_tick in FIRST_TICKS:
            self.evening()
        if self.session_minute == 1:
            self.settlement()


type Story = Callable[[Minute], None]


def healthy(minute: Minute) -> None:
    minute.good()


def closed(minute: Minute) -> None:
    """Invocations come, and nothing is due."""
    minute.came()


def nobody(minute: Minute) -> None:
    """No invocation comes: the schedule is disabled or gone."""


def stopped_in_the_database(minute: Minute) -> None:
    minute.came()
    if minute.session_minute is not None:
        minute.ticks(stopped=1)


def closed_by_the_exchanges_list(minute: Minute) -> None:
    minute.came()
    minute[metric("ClosedByListAlone")] = 1


def frozen_feed(minute: Minute) -> None:
    """The same body all day, counted as unchanged, as it was before its age was judged."""
    minute.good()
    if minute.session_minute is not None:
        minute[metric("DataAge")] = 63_000 + 60 * minute.session_minute


def stale_body(minute: Minute) -> None:
    """The body of an earlier session: from five minutes after the opening no tick is good."""
    if minute.session_minute is None or minute.session_minute < 5:
        return frozen_feed(minute)
    minute.came()
    minute.ticks(failed=TICKS)
    minute[metric("TicksStale")] = TICKS
    minute[metric("DataAge")] = 63_000 + 60 * minute.session_minute
    return None


def another_settlement(minute: Minute) -> None:
    """The evening's numbers are not those of the exchange, as a second body confirms."""
    healthy(minute)
    if minute.session_minute == 6:
        minute.settlement(differing=643)


def no_settlement(minute: Minute) -> None:
    """Nothing was read in the evening before."""
    healthy(minute)
    if minute.session_minute == 1:
        minute.settlement(missing=6)


def token_that_holds(minute: Minute) -> None:
    """A source that needs a token; each invocation looks at it."""
    healthy(minute)
    minute[metric("TokenEnding")] = 0


def token_that_ends_in_a_week(minute: Minute) -> None:
    healthy(minute)
    minute[metric("TokenEnding")] = 1


def token_that_ended_at_night(minute: Minute) -> None:
    """No tick is good; the wait of `unauthorised` is no block."""
    minute.came()
    minute[metric("TokenEnding")] = 1
    if minute.session_minute is not None:
        minute.ticks(failed=TICKS // 2, skipped=TICKS // 2)


def token_that_was_replaced_at_ten(minute: Minute) -> None:
    """A person puts another one into the secret; it is in use in the next minute."""
    if minute.session_minute is None or minute.session_minute < 45:
        token_that_ended_at_night(minute)
    else:
        token_that_holds(minute)


def late_first_stamp(minute: Minute) -> None:
    """In the first minutes the newest body is still that of the day before."""
    healthy(minute)
    if minute.session_minute is not None and minute.session_minute < 6:
        minute[metric("DataAge")] = 63_000


def half_of_the_ticks_missing(minute: Minute) -> None:
    minute.came()
    if minute.session_minute is not None:
        minute.ticks(stored=1, unchanged=TICKS // 2 - 1, missed=TICKS // 2)


def every_second_minute_empty(minute: Minute) -> None:
    if minute.session_minute is None or minute.session_minute % 2:
        minute.good(missed=TICKS if minute.session_minute else 0)


def one_minute_lost(minute: Minute) -> None:
    if minute.session_minute != 100:
        minute.good(missed=TICKS if minute.session_minute == 101 else 0)


def source_waits(minute: Minute) -> None:
    minute.came()
    if minute.session_minute is not None:
        minute.ticks(skipped=TICKS)
        minute[metric("SourceBlocked")] = 1


def database_away(minute: Minute) -> None:
    minute.came()
    if minute.session_minute is not None:
        minute.ticks(failed=TICKS)


def bad_settings(minute: Minute) -> None:
    minute[ERRORS] = 1
    minute[LETTERS] = 1


def short_fault(minute: Minute) -> None:
    """Two minutes without an answer, at each of two times."""
    if minute.session_minute in (100, 101, 200, 201):
        database_away(minute)
    else:
        healthy(minute)


def evening_that_fails(minute: Minute) -> None:
    """Each tick of it asks, and nothing comes."""
    minute.good()
    if minute.evening_tick is not None:
        minute.evening(missing=24)


def evening_with_one_expiry_missing(minute: Minute) -> None:
    minute.good()
    if minute.evening_tick is not None:
        minute.evening(missing=1)


def evening_that_comes_late(minute: Minute) -> None:
    """It fails for some minutes of each round, and is complete before the last tick."""
    minute.good()
    if minute.evening_tick is not None and minute.evening_tick < LAST_TICK - 2:
        minute.evening()


def evening_that_is_blocked(minute: Minute) -> None:
    minute.good()
    if minute.evening_tick is not None:
        minute.evening(blocked=True, missing=24)


def evening_without_schedule(minute: Minute) -> None:
    """Somebody disabled it after the session."""
    if minute.session_minute is not None:
        minute.good()


def evening_that_is_stopped(minute: Minute) -> None:
    minute.good()
    if minute.evening_tick is not None:
        minute.evening(stopped=True)


def evening_without_database(minute: Minute) -> None:
    """Whether something was due is not known; at the end it counts as missing."""
    minute.good()
    if minute.evening_tick is not None:
        minute.evening(missing=1)


def sealed_day(minute: Minute) -> None:
    """The day is in the archive before 21:00, when the recorder looks."""
    minute.good()
    if minute.evening_tick == FIRST_TICKS[1]:
        minute[metric("UnsealedSessions")] = 0
        minute[ARCHIVE_ERRORS] = 0


def unsealed_day(minute: Minute) -> None:
    """Nothing starts the archive function, so it has no error either."""
    minute.good()
    if minute.evening_tick == FIRST_TICKS[1]:
        minute[metric("UnsealedSessions")] = 2


def day_that_is_lost(minute: Minute) -> None:
    """Nothing has sealed it for 14 days longer than the retention; the recorder finds it gone."""
    unsealed_day(minute)
    if minute.session_minute == 0:
        minute[metric("DaysLostUnsealed")] = 1


def day_that_cannot_be_sealed(minute: Minute) -> None:
    """The archive function fails, is repeated twice and leaves a dead letter."""
    unsealed_day(minute)
    if minute.session_minute is not None and minute.session_minute > 380:
        minute[ARCHIVE_ERRORS] = 1
        minute[LETTERS] = 1


def every_tier(minute: Minute, lost: str = "") -> None:
    """5 indices each 5 s, 50 stocks each 15 s and 158 each 60 s; one symbol of `lost` fails."""
    minute.came()
    if minute.session_minute is None:
        return
    for tier, count, often in (("INDICES", 5, 12), ("LIQUID50", 50, 4), ("STOCKS", 158, 1)):
        failed = often if tier == lost else 0
        outcomes = {"unchanged": count * often - failed, "failed": failed}
        minute.ticks("1", 0, 0, **outcomes)
        oldest = 60 * minute.session_minute if failed else 60 // often
        minute.tier(tier, oldest, **outcomes)


def lost_liquid_stock(minute: Minute) -> None:
    """Its ticks are 1 percent of all, and 2 percent of its tier."""
    every_tier(minute, "LIQUID50")


def lost_slow_stock(minute: Minute) -> None:
    """Its share is too small for any alarm, but its expiries grow old."""
    every_tier(minute, "STOCKS")


def further_expiry_that_fails(minute: Minute) -> None:
    """Every tick is good by its nearest expiries, and one of the others is never read."""
    minute.good()
    if minute.session_minute is not None:
        minute.tier("BASE", 60 * minute.session_minute, stored=2, unchanged=TICKS - 2)


def both_groups(minute: Minute) -> None:
    minute.good("1")
    minute.good("2")


def both_closed(minute: Minute) -> None:
    minute.came("1")
    minute.came("2")


def second_group_gone(minute: Minute) -> None:
    minute.good("1")


def first_group_gone(minute: Minute) -> None:
    minute.good("2")


def second_group_fails(minute: Minute) -> None:
    minute.good("1")
    minute.came("2")
    if minute.session_minute is not None:
        minute.ticks("2", failed=TICKS)


NONE: set[str] = set()
OLDEST = "oldest-expiry"
LOST = {"no-good-tick", "tick-failures"}
DAYS: dict[str, tuple[date, Story, set[str]]] = {
    "a healthy day": (THURSDAY, healthy, NONE),
    "a holiday": (THURSDAY, closed, NONE),
    "a weekend without invocations": (SATURDAY, nobody, {"no-good-tick"}),
    "a weekend": (SATURDAY, closed, NONE),
    "a Budget Sunday": (SUNDAY, healthy, NONE),
    "a Budget Sunday on which all fails": (SUNDAY, database_away, LOST),
    "a Budget Sunday with half of the ticks": (SUNDAY, half_of_the_ticks_missing, {"missed-ticks"}),
    "a Budget Sunday, stopped": (SUNDAY, stopped_in_the_database, {"stopped"}),
    "a token that holds": (THURSDAY, token_that_holds, NONE),
    "a token that ends in a week": (THURSDAY, token_that_ends_in_a_week, {"token-ending"}),
    "a token that ended at night": (THURSDAY, token_that_ended_at_night, LOST | {"token-ending"}),
    "a token that was replaced": (
        THURSDAY,
        token_that_was_replaced_at_ten,
        LOST | {"token-ending"},
    ),
    "a late first stamp": (THURSDAY, late_first_stamp, NONE),
    "a short fault": (THURSDAY, short_fault, NONE),
    "one lost minute": (THURSDAY, one_minute_lost, NONE),
    "no schedule": (THURSDAY, nobody, {"no-good-tick"}),
    "a stop in the database": (THURSDAY, stopped_in_the_database, {"stopped"}),
    "a bad list of holidays": (THURSDAY, closed_by_the_exchanges_list, {"closed-by-list"}),
    "another settlement than the exchange's": (THURSDAY, another_settlement, {"settlement"}),
    "an evening before that was not read": (THURSDAY, no_settlement, {"settlement"}),
    "a frozen feed": (THURSDAY, frozen_feed, {"data-age"}),
    "yesterday's body": (THURSDAY, stale_body, LOST | {"data-age"}),
    "half of the ticks": (THURSDAY, half_of_the_ticks_missing, {"missed-ticks"}),
    "every second minute": (THURSDAY, every_second_minute_empty, {"missed-ticks"}),
    "a source that waits": (THURSDAY, source_waits, LOST | {"source-blocked"}),
    "a database that is away": (THURSDAY, database_away, LOST),
    "an evening that fails": (THURSDAY, evening_that_fails, {"expiries-unsettled"}),
    "an evening that lacks an expiry": (
        THURSDAY,
        evening_with_one_expiry_missing,
        {"expiries-unsettled"},
    ),
    "an evening that comes late": (THURSDAY, evening_that_comes_late, NONE),
    "a block in the evening": (
        THURSDAY,
        evening_that_is_blocked,
        {"expiries-unsettled", "source-blocked"},
    ),
    "no schedule in the evening": (THURSDAY, evening_without_schedule, {"no-good-tick"}),
    "a stop in the evening": (THURSDAY, evening_that_is_stopped, {"stopped"}),
    "no database in the evening": (THURSDAY, evening_without_database, {"expiries-unsettled"}),
    "a day that is sealed": (THURSDAY, sealed_day, NONE),
    "a day that nobody seals": (THURSDAY, unsealed_day, {"unsealed-session"}),
    "a day that is lost": (THURSDAY, day_that_is_lost, {"unsealed-session", "day-lost"}),
    "a day that cannot be sealed": (
        THURSDAY,
        day_that_cannot_be_sealed,
        {"unsealed-session", "archive-errors", "dead-letters"},
    ),
    "a further expiry that fails": (THURSDAY, further_expiry_that_fails, {OLDEST}),
    "bad settings": (THURSDAY, bad_settings, {"no-good-tick", "dead-letters"}),
}
GROUPS: dict[str, tuple[date, Story, set[str]]] = {
    "two healthy groups": (THURSDAY, both_groups, NONE),
    "two groups on a holiday": (THURSDAY, both_closed, NONE),
    "a weekend of two groups": (SATURDAY, both_closed, NONE),
    "the second group's schedule gone": (THURSDAY, second_group_gone, {"no-good-tick-2"}),
    "the first group's schedule gone": (THURSDAY, first_group_gone, {"no-good-tick"}),
    "the second group fails": (THURSDAY, second_group_fails, {"no-good-tick-2", "tick-failures"}),
    "no schedule at all": (THURSDAY, nobody, {"no-good-tick", "no-good-tick-2"}),
}


TIERS: dict[str, tuple[date, Story, set[str]]] = {
    "every tier is well": (THURSDAY, every_tier, NONE),
    "a liquid stock is lost": (THURSDAY, lost_liquid_stock, {"tick-failures-LIQUID50", OLDEST}),
    "a slow stock is lost": (THURSDAY, lost_slow_stock, {OLDEST}),
}


def minutes_of(day: date, story: Story) -> list[Minute]:
    """Return every minute of a day (UTC) as a story tells it; the schedule starts 09:00 to 21:59.

    The session is 09:15 to 15:40, on a Sunday too, and each day has an evening.
    """
    told = []
    opens = datetime(day.year, day.month, day.day, 9, 15, tzinfo=IST)
    evening = evening_rounds(day, opens + timedelta(minutes=385))
    ticks = [tick for each in evening for tick in each.ticks]
    for number in range(24 * 60):
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=number)
        since = (at - opens) // timedelta(minutes=1)
        minute = Minute(
            since if 0 <= since < 385 else None, ticks.index(at) if at in ticks else None
        )
        if 9 <= at.astimezone(IST).hour < 22:
            story(minute)
        told.append(minute)
    return told


def ringing(stack: Stack, day: date, story: Story) -> set[str]:
    """Return the names of the alarms that ring on a day."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    minutes = minutes_of(day, story)
    alarms = stack.of_type("AWS::CloudWatch::Alarm").values()
    rung = (each["AlarmName"] for each in alarms if ever_rings(each, start, minutes))
    return {name.removeprefix("nse-test-") for name in rung}


@pytest.mark.parametrize("story", DAYS)
def test_alarms_of_a_day_are_those_that_its_story_calls_for(stack: Stack, story: str) -> None:
    day, told, expected = DAYS[story]
    assert ringing(stack, day, told) == expected


@pytest.mark.parametrize("story", GROUPS)
def test_each_group_has_an_alarm_of_its_own(translated: Template, story: str) -> None:
    stack = deployed(translated, Groups="2", FetchConcurrency="7")
    day, told, expected = GROUPS[story]
    assert ringing(stack, day, told) == expected


@pytest.mark.parametrize("story", TIERS)
def test_what_is_small_among_all_symbols_is_seen_in_its_tier(
    translated: Template, story: str
) -> None:
    stack = deployed(translated, Tiers="INDICES=5,LIQUID50=15,STOCKS=60")
    day, told, expected = TIERS[story]
    assert ringing(stack, day, told) == expected


def test_every_alarm_of_the_recorder_rings_in_some_story(translated: Template) -> None:
    stack = deployed(translated, Groups="2", FetchConcurrency="7")
    alarms = stack.of_type("AWS::CloudWatch::Alarm").values()
    named = {each["AlarmName"].removeprefix("nse-test-") for each in alarms}
    told = set[str]().union(*(rung for *_, rung in (DAYS | GROUPS).values()))
    elsewhere = "api-errors api-latency fetch-concurrency account-concurrency throttles"
    elsewhere += " fetch-deployment api-deployment"
    assert named - told == set(elsewhere.split())
