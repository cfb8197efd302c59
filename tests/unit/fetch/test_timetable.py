"""When requests may be sent: no stretch of any window ever has too many."""

from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.http.timetable import NextPlace, Taken, Timetable
from chain_fetch.http.window import Window
from tests.support.budgets import most_in_any_stretch

NOW = 1_780_000_000_000
MINUTE = Window(3, 60)
HOUR = 3_600_000


def windows() -> st.SearchStrategy[list[Window]]:
    """Windows as vendors have them: any lengths, in any order."""
    each = st.builds(Window, st.integers(1, 6), st.sampled_from([0.5, 1, 3, 7, 60]))
    return st.lists(each, min_size=1, max_size=3)


@given(windows(), st.lists(st.integers(0, 70_000), max_size=12), st.integers(1, 9))
def test_a_place_is_the_first_instant_at_which_all_windows_have_room(
    limits: list[Window], asked: list[int], more: int
) -> None:
    """Places are asked for in any order, also before some that are promised for later."""
    timetable, taken = Timetable(limits), list[int]()
    for start in [*asked, *[0] * more]:
        place = timetable.next(NOW + start)
        timetable.take(place.at)
        taken.append(place.at)
        for earlier in {NOW + start, place.at - 1} if place.full else set():
            assert any(
                most_in_any_stretch([*taken[:-1], earlier], each) > each.requests for each in limits
            )
    for each in limits:
        assert most_in_any_stretch(taken, each) <= each.requests


@given(windows(), st.lists(st.integers(-200_000, 80_000), max_size=30))
def test_old_times_that_are_joined_count_for_longer_and_never_too_short(
    limits: list[Window], asked: list[int]
) -> None:
    timetable = Timetable(limits, [Taken(NOW + each, 1) for each in asked])
    joined = timetable.up_to_date(NOW, NOW + HOUR)
    exact, later = timetable.next(NOW), joined.next(NOW)
    assert exact.at <= later.at
    if later.full:
        assert later.at - NOW <= (exact.at - NOW) + later.full.seconds * 1e3 / 32


def test_a_place_says_which_window_it_waits_for() -> None:
    timetable = Timetable([MINUTE], [Taken(NOW - 59_000, 2), Taken(NOW - 1_000, 1)])
    assert timetable.next(NOW) == NextPlace(NOW + 1_000, MINUTE)
    timetable.give_back(NOW - 59_000)
    timetable.give_back(NOW - 5)
    assert timetable.next(NOW) == NextPlace(NOW, None)
    assert timetable.taken == [Taken(NOW - 59_000, 1), Taken(NOW - 1_000, 1)]


def test_half_an_hour_of_ticks_is_a_small_document() -> None:
    """360 ticks of four requests are kept as some hundred times."""
    timetable = Timetable([Window(2_000, 1_800)])
    for tick in range(720):
        now = NOW + tick * 5_000
        timetable = timetable.up_to_date(now, now + HOUR)
        for _ in range(4):
            timetable.take(now)
    rows = timetable.taken
    assert 1_440 <= sum(each.requests for each in rows) <= 1_440 * 33 / 32
    assert len(rows) < 160


def test_a_time_of_a_clock_that_is_ahead_blocks_nobody_for_long() -> None:
    timetable = Timetable([Window(1, 3)], [Taken(NOW + HOUR, 1)])
    assert timetable.up_to_date(NOW, NOW + 90_000).taken == [Taken(NOW + 90_000, 1)]
