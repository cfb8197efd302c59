"""The wall-clock grid: ticks are multiples of the interval since the epoch."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_fetch.recording.ticks.tick_grid import first_tick, tick_at, tick_number

DIVISORS = st.sampled_from([1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60])
INSTANTS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001  (hypothesis adds the zone)
    datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@pytest.mark.parametrize(
    ("since", "tick"),
    [
        ("09:32:25", "09:32:25"),
        ("09:32:25.000001", "09:32:30"),
        ("09:32:29.999999", "09:32:30"),
        ("09:59:57", "10:00:00"),
        ("23:59:56", "24:00:00"),
    ],
)
def test_the_first_tick_is_at_or_after_an_instant(since: str, tick: str) -> None:
    day = datetime(2026, 6, 19, tzinfo=UTC)
    expected = day + timedelta(days=1) if tick == "24:00:00" else at(tick)
    assert first_tick(at(since), 5) == expected


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-19T{text}+00:00")


@given(INSTANTS, DIVISORS)
def test_ticks_lie_on_the_grid_within_one_interval(instant: datetime, interval: int) -> None:
    tick = first_tick(instant, interval)
    assert tick.microsecond == 0
    assert (tick.minute * 60 + tick.second) % interval == 0
    assert timedelta() <= tick - instant < timedelta(seconds=interval)
    number = tick_number(tick, interval)
    assert tick_at(number, interval) == tick
    assert tick_at(number + 1, interval) - tick == timedelta(seconds=interval)
    minute = tick.replace(second=0)
    assert first_tick(minute, interval) == minute
