"""Moments in requests are days and times of India, in any time zone of the machine."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_api.parameters.moments import Moment, PreviousClose, moment_of, moment_or_close
from optionchain.exchange_time import IST
from tests.support.api import NOW

JUST_AFTER_MIDNIGHT = datetime(2026, 6, 19, 18, 31, tzinfo=UTC)  # 00:01 of the 20th in India


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("text", "start"), [
    ("10:15", "2026-06-19T04:45:00"),
    ("10:15:05", "2026-06-19T04:45:05"),
    ("10:15:05.25", "2026-06-19T04:45:05.250"),
    ("2026-06-18", "2026-06-17T18:30:00"),
    ("2026-06-18T10:15", "2026-06-18T04:45:00"),
    ("2026-06-18 10:15:05", "2026-06-18T04:45:05"),
    ("2026-06-18t10:15:05", "2026-06-18T04:45:05"),
    ("2026-06-18T10:15:05Z", "2026-06-18T10:15:05"),
    ("2026-06-18T10:15:05+05:30", "2026-06-18T04:45:05"),
    ("2026-06-18T10:15:05+0530", "2026-06-18T04:45:05"),
    ("2026-06-18T10:15:05 05:30", "2026-06-18T04:45:05"),  # a + that was not escaped
    ("2026-06-18T10:15:05-05:00", "2026-06-18T15:15:05"),
    ("2026-06-18T10:15:05z", "2026-06-18T10:15:05"),
    ("9:15", "2026-06-19T03:45:00"),
    (" 10:15 ", "2026-06-19T04:45:00"),
    ("2026-6-18", "2026-06-17T18:30:00"),
    ("18-Jun-2026", "2026-06-17T18:30:00"),
    ("18jun2026T9:15", "2026-06-18T03:45:00"),
    ("18 june 2026 10:15:05", "2026-06-18T04:45:05"),
])  # fmt: skip
def test_a_moment_is_in_indian_time_unless_it_names_an_offset(text: str, start: str) -> None:
    assert moment_of(text).start(NOW) == utc(start)


def test_a_day_lasts_from_its_midnight_to_its_last_millisecond_in_india() -> None:
    moment = moment_of("2026-06-18")
    assert moment.start(NOW) == utc("2026-06-17T18:30:00")
    assert moment.end(NOW) == utc("2026-06-18T18:29:59.999")


def test_a_bare_time_is_of_today_in_india_and_no_other_is() -> None:
    assert moment_of("00:00").start(JUST_AFTER_MIDNIGHT) == utc("2026-06-19T18:30:00")
    texts = ("10:15", "2026-06-18", "2026-06-18T10:15", "2026-06-18T10:15Z")
    assert [moment_of(text).absolute for text in texts] == [False, True, True, True]


def test_the_previous_close_is_a_word_of_its_own() -> None:
    close = moment_or_close("previous_close")
    assert close == PreviousClose()
    assert (str(close), close.absolute) == ("previous_close", True)
    assert moment_or_close("10:15") == moment_of("10:15") != close
    assert moment_or_close(" Previous_Close ") == close
    for text in ("previous", "previous-close", "previous_close_", "noon"):
        with pytest.raises(ValueError, match=r"^previous_close, or a moment is a time of today"):
            moment_or_close(text)
    with pytest.raises(ValueError, match=r"^a moment is a time of today"):
        moment_of("previous_close")


def test_an_instant_begins_and_ends_at_once() -> None:
    for text in ("10:15:05", "00:00", "2026-06-18T10:15:05", "2026-06-18T00:00"):
        assert moment_of(text).start(NOW) == moment_of(text).end(NOW)


@pytest.mark.parametrize("text", [
    "", " ", "now", "noon", "10", "10:1", ":15", "24:01", "10:60", "10:15:60", "-10:15",
    "2026-02-30", "2026-13-01", "2026-00-10", "2026-06-00", "1999-12-31", "3026-06-18", "20260618",
    "2026-W25-4", "2026-6-31", "18-06-2026", "0000-00-00", "99999-01-01", "2026-06-18T",
    "2026-06-18T10", "2026-06-18T25:00", "2026-06-18T10:15+25:00", "2026-06-18T10:15:05.1234567",
    "2026-06-18T10:15ZZ", "10:15Z", "10:15+05:30", "10:15\n", "\t10:15", "2026-06-18\x00",
    "\u0661\u0660:\u0661\u0665", "2026-06-1\u0968", "NaN", "1781776505", "{'$gt': ''}",
    "2026-06-18T10:15:05 05:30 05:30", "15m", "+15m", "-15", "-m", "-1.5h", "-15 m", "-15w",
    "-100000s", "-15\u017F", "18-Jun 2026",
])  # fmt: skip
def test_any_other_text_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="a time of today such as 10:15 or 10:15:05"):
        moment_of(text)


@pytest.mark.parametrize(
    ("text", "ago"), [("-30s", 30), ("-15m", 900), (" -2H ", 7_200), ("-1d", 86_400)]
)
def test_a_moment_may_be_so_long_ago(text: str, ago: int) -> None:
    moment, since = moment_of(text), timedelta(seconds=ago)
    assert moment.start(NOW) == moment.end(NOW) == NOW - since
    assert moment.before(NOW - since, NOW) == NOW - 2 * since
    assert (moment.absolute, moment.moves) == (False, True)
    assert str(moment) == text.strip().lower()
    assert moment_of(str(moment)) == moment
    assert moment_of("10:15").before(NOW - since, NOW) == moment_of("10:15").start(NOW)
    assert not moment_of("10:15").moves


@given(text=st.text() | st.from_regex(r"[12]\d{3}-\d{2}-\d{2}[T ]\d{2}:\d{2}([+-]\d{2}:\d{2})?"))
def test_no_text_raises_anything_but_value_error(text: str) -> None:
    try:
        moment = moment_of(text)
    except ValueError:
        return
    assert moment.start(NOW).tzinfo is UTC
    assert moment.start(NOW) <= moment.end(NOW)


DAYS = st.dates(date(2000, 1, 1), date(2999, 12, 31))
ZONES = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours, minutes=30)))
BARE = st.times(timezones=st.just(IST))


@given(
    moment=st.builds(Moment, DAYS, st.none() | st.times(timezones=ZONES))
    | st.builds(Moment, st.none(), BARE)
)
def test_a_written_moment_is_read_back(moment: Moment) -> None:
    """Cursors carry it in this form."""
    again = moment_of(str(moment))
    assert again == moment
    assert (again.start(NOW), again.end(NOW)) == (moment.start(NOW), moment.end(NOW))
