"""The exchange's clock and its ways of writing dates."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optionchain.exchange_time import (
    exchange_date,
    expiry_text,
    midnight_utc,
    parse_exchange_timestamp,
    parse_expiry,
)
from tests.support.bodies import exchange_timestamp_text


@pytest.mark.parametrize("text", ["30-Jan-2025", "30-JAN-2025", "30-jan-2025"])
def test_an_expiry_is_read_in_any_case(text: str) -> None:
    assert parse_expiry(text) == date(2025, 1, 30)


@given(st.dates())
def test_every_date_reads_back_as_it_was_written(day: date) -> None:
    assert parse_expiry(expiry_text(day)) == day


NO_DATES = (
    "|30-01-2025|2025-01-30|30-January-2025|30-Foo-2025|31-Feb-2025|00-Jan-2025|1-Jan-2025|"
    "30-Jan-25|30-Jan-0000| 30-Jan-2025|30-Jan-2025\n|٣٠-Jan-2025"
)
NO_TIMESTAMPS = (
    "|05-Dec-2025|05-Dec-2025 12:32|05-Dec-2025 24:00:00|05-Dec-2025 12:60:00|05-Dec-2025 12:32:60|"
    "05-Dec-2025T12:32:20|2025-12-05 12:32:20|31-Feb-2025 12:32:20|"
    "01-Jan-0001 00:00:00"  # in UTC there is no such day
)


@pytest.mark.parametrize("text", NO_DATES.split("|"))
def test_text_that_is_no_expiry_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_expiry(text)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("05-Dec-2025 12:32:20", datetime(2025, 12, 5, 7, 2, 20, tzinfo=UTC)),
        ("01-Jan-2026 00:10:00", datetime(2025, 12, 31, 18, 40, tzinfo=UTC)),
    ],
)
def test_a_timestamp_in_india_becomes_utc(text: str, instant: datetime) -> None:
    assert parse_exchange_timestamp(text) == instant
    assert parse_exchange_timestamp(text).tzinfo is UTC


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001
def test_every_whole_second_reads_back_as_it_was_stamped(moment: datetime) -> None:
    instant = moment.replace(microsecond=0, tzinfo=UTC)
    assert parse_exchange_timestamp(exchange_timestamp_text(instant)) == instant


@pytest.mark.parametrize("text", NO_TIMESTAMPS.split("|"))
def test_text_that_is_no_timestamp_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_exchange_timestamp(text)


def test_dates_are_written_in_english_in_any_locale() -> None:
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    days = [date(2025, number, 1) for number in range(1, 13)]
    assert [expiry_text(day) for day in days] == [f"01-{name}-2025" for name in names]
    assert expiry_text(date(2025, 1, 30)) == "30-Jan-2025"


def test_the_date_in_india_changes_at_1830_utc() -> None:
    midnight = datetime(2026, 6, 19, 18, 30, tzinfo=UTC)
    for zone in (UTC, timezone(timedelta(hours=-8))):
        before = (midnight - timedelta(seconds=1)).astimezone(zone)
        assert exchange_date(before) == date(2026, 6, 19)
        assert exchange_date(midnight.astimezone(zone)) == date(2026, 6, 20)


def test_a_date_is_stored_as_its_midnight_in_utc() -> None:
    assert midnight_utc(date(2026, 6, 23)) == datetime(2026, 6, 23, tzinfo=UTC)
