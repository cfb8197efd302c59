"""Candles from contracts' documents; what pandas resamples is what is expected."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_api.calculations.candles import CANDLE_COLUMNS, candles
from chain_api.json_types import Answer
from chain_api.parameters.interval import parse_interval
from chain_fetch.payload.parser import parse
from optionchain.exchange_time import IST, exchange_date
from optionchain.market import Market
from optionchain.mongo.documents import contract_documents
from tests.conftest import CAPTURED

type Document = dict[str, Any]

FRIDAY = date(2026, 6, 19)
SATURDAY = date(2026, 6, 20)
MONDAY = date(2026, 6, 22)
DAY = timedelta(days=1)
NEVER: Mapping[str, float | None] = {}
# Of the candle, what is the document's own.
CONTRACT = ("symbol", "type", "strike_price", "expiry_date", "identifier")
NUMBERS = ("last_price", "open_interest", "total_traded_volume")


def opening(instant: datetime) -> datetime:
    """The opening of an instant's day in India, its midnight where there is no session."""
    day = exchange_date(instant)
    session = Market().session(day)
    opens = session.opens if session else datetime.combine(day, time.min, IST)
    return opens.astimezone(UTC)


def at(clock: str, day: date = FRIDAY) -> datetime:
    """A time in India."""
    return datetime.combine(day, time.fromisoformat(clock), IST).astimezone(UTC)


def document(
    fetched_at: datetime,
    price: float | None = 10.0,
    counter: float | None = 100.0,
    interest: float | None = 7.0,
    strike: float = 24000.0,
) -> Document:
    return {
        "symbol": "NIFTY",
        "type": "CE",
        "strike_price": strike,
        "expiry_date": "23-Jun-2026",
        "identifier": f"NIFTY_CE_{strike:.0f}_23-Jun-2026",
        "fetched_at": fetched_at,
        "last_price": price,
        "open_interest": interest,
        "total_traded_volume": counter,
    }


def of(
    documents: Iterable[Document],
    interval: str = "5m",
    before: Mapping[str, float | None] = NEVER,
) -> list[Answer]:
    return candles(documents, parse_interval(interval), opening, before)


def volumes(found: Iterable[Answer]) -> list[float | None]:
    return [candle["volume"] for candle in found]


def starts(found: Iterable[Answer]) -> list[datetime]:
    return [candle["timestamp"] for candle in found]


# ── as pandas resamples ──────────────────────────────────────────────────────────────────────


def resampled(
    documents: list[Document], interval: timedelta, before: Mapping[str, float | None]
) -> list[Answer]:
    """What pandas makes of one contract's documents, day by day, from the opening on."""
    found: list[Answer] = []
    for day, group in groupby(documents, lambda each: exchange_date(each["fetched_at"])):
        known = before.get(documents[0]["identifier"]) if not found else None
        frame = pd.DataFrame(group).set_index("fetched_at")
        frame.index = pd.DatetimeIndex(frame.index)
        found += resampled_day(frame.astype(dict.fromkeys(NUMBERS, float)), day, interval, known)
    return found


def resampled_day(
    frame: pd.DataFrame, day: date, interval: timedelta, known: float | None
) -> list[Answer]:
    midnight = pd.Timestamp(at("00:00", day))
    opens = pd.Timestamp(opening(midnight))
    origin = midnight if interval == DAY else opens
    bins = frame.resample(pd.Timedelta(interval), origin=origin, label="left", closed="left")
    table = bins["last_price"].ohlc()
    table["open_interest"] = bins["open_interest"].last()
    table["total_traded_volume"] = counter = bins["total_traded_volume"].last()
    # An interval that midnight cuts begins there.
    table["timestamp"] = (
        opens if interval == DAY else table.index.where(table.index > midnight, midnight)
    )
    earlier = counter.ffill().shift().fillna(float("nan") if known is None else known)
    table["volume"] = counter - earlier.mask(earlier.isna() & (table["timestamp"] <= opens), 0.0)
    table["count"] = bins.size()
    table = table[table["count"] > 0].astype(object)
    contract = {name: frame[name].iloc[0] for name in CONTRACT}
    rows = table.where(table.notna(), None).to_dict("records")
    return [contract | {str(name): value for name, value in row.items()} for row in rows]


@st.composite
def contracts(draw: st.DrawFn, strike: float) -> list[Document]:
    """One contract's documents over some days; most around the openings, any number missing."""
    near = st.integers(-30, 200).map(lambda ticks: 9 * 3600 + 15 * 60 + 5 * ticks)
    seconds = near | st.integers(0, 86_399)
    instants = draw(
        st.lists(
            st.tuples(st.sampled_from([FRIDAY, SATURDAY, MONDAY]), seconds),
            max_size=12,
            unique=True,
        )
    )
    numbers = st.none() | st.integers(0, 10**7).map(float)
    prices = st.none() | st.integers(5, 10**7).map(lambda paise: paise / 100)
    return [
        document(
            at("00:00", day) + timedelta(seconds=second),
            *(draw(prices), draw(numbers), draw(numbers)),
            strike=strike,
        )
        for day, second in sorted(instants)
    ]


@given(
    contracts(24000.0),
    contracts(23950.0),
    st.sampled_from(["5s", "7s", "1m", "7m", "15m", "1h", "5h", "24h", "1d"]),
    st.sampled_from([None, 0.0, 50.0]) | st.just("absent"),
)
def test_candles_are_what_pandas_resamples(
    first: list[Document],
    second: list[Document],
    interval: str,
    counter: Any,  # noqa: ANN401
) -> None:
    before = {} if counter == "absent" else {document(at("09:15"))["identifier"]: counter}
    length = parse_interval(interval)
    expected = [resampled(each, length, before) for each in (first, second) if each]
    found = candles([*first, *second], length, opening, before)
    assert found == [candle for contract in expected for candle in contract]
    assert all(tuple(candle) == CANDLE_COLUMNS for candle in found)


@given(contracts(24000.0), st.sampled_from(["5s", "7m", "5h", "1d"]))
def test_every_document_is_in_one_candle_and_no_candle_comes_twice(
    documents: list[Document], interval: str
) -> None:
    found = of(documents, interval)
    assert sum(candle["count"] for candle in found) == len(documents)
    assert sorted(set(starts(found))) == starts(found)


# ── prices ───────────────────────────────────────────────────────────────────────────────────


def test_a_candle_is_open_high_low_close_and_the_last_of_the_rest() -> None:
    opens = at("09:15")
    sent = [(12.0, 10.0, 1.0), (15.5, 20.0, 2.0), (9.05, 35.0, 3.0), (11.0, 60.0, 5.0)]
    documents = [
        document(opens + timedelta(minutes=minute), *numbers) for minute, numbers in enumerate(sent)
    ]
    assert of(documents) == [
        {
            "symbol": "NIFTY",
            "type": "CE",
            "strike_price": 24000.0,
            "expiry_date": "23-Jun-2026",
            "identifier": "NIFTY_CE_24000_23-Jun-2026",
            "timestamp": opens,
            "open": 12.0,
            "high": 15.5,
            "low": 9.05,
            "close": 11.0,
            "open_interest": 5.0,
            "total_traded_volume": 60.0,
            "volume": 60.0,
            "count": 4,
        }
    ]


def test_nulls_are_skipped() -> None:
    times = [at(f"09:15:{second:02}") for second in (0, 5, 10)]
    sent = [(None, None, None), (8.0, 40.0, 3.0), (None, None, None)]
    (candle,) = of(document(each, *numbers) for each, numbers in zip(times, sent, strict=True))
    assert [candle[name] for name in ("open", "high", "low", "close")] == [8.0] * 4
    assert (candle["open_interest"], candle["volume"], candle["count"]) == (3.0, 40.0, 3)


def test_nothing_sent_is_null() -> None:
    (candle,) = of([document(at("09:15"), None, None, None)])
    numbers = ("open", "high", "low", "close", "open_interest", "total_traded_volume", "volume")
    assert {candle[name] for name in numbers} == {None}
    assert candle["count"] == 1


def test_zero_is_a_number() -> None:
    (candle,) = of([document(at("09:15"), 0.05, 0.0, 0.0)])
    assert (candle["volume"], candle["open_interest"]) == (0.0, 0.0)


def test_nothing_makes_no_candle() -> None:
    assert of([]) == []


# ── when intervals begin ─────────────────────────────────────────────────────────────────────


def test_a_boundary_begins_an_interval() -> None:
    times = [at(clock) for clock in ("09:19:55", "09:20:00", "09:24:59", "09:25:00")]
    found = of(document(each) for each in times)
    assert starts(found) == [at("09:15"), at("09:20"), at("09:25")]
    assert [candle["count"] for candle in found] == [1, 2, 1]


def test_intervals_count_from_the_opening() -> None:
    assert starts(of([document(at("10:10"))], "1h")) == [at("09:15")]
    assert starts(of([document(at("10:15"))], "1h")) == [at("10:15")]


def test_no_documents_leave_a_gap() -> None:
    found = of([document(at("09:15")), document(at("09:31"), counter=150.0)])
    assert starts(found) == [at("09:15"), at("09:30")]
    assert volumes(found) == [100.0, 50.0]


def test_before_the_opening_intervals_count_backwards() -> None:
    found = of([document(at("09:07"), counter=0.0), document(at("09:15"), counter=30.0)])
    assert starts(found) == [at("09:05"), at("09:15")]
    assert volumes(found) == [0.0, 30.0]


def test_an_interval_that_midnight_cuts_begins_there() -> None:
    """Else the last one of a day and the first one of the next would be of one instant."""
    times = [at("23:59:55"), at("00:00:00", SATURDAY)]
    assert starts(of((document(each) for each in times), "7h")) == [
        at("23:15"),
        at("00:00", SATURDAY),
    ]
    monday = document(at("00:00:05", MONDAY))
    assert starts(of([monday], "7h")) == [at("00:00", MONDAY)]


def test_a_new_day_begins_at_its_own_opening() -> None:
    found = of([document(at("15:29")), document(at("09:16", MONDAY))], "7m")
    assert starts(found) == [at("15:26"), at("09:15", MONDAY)]


@pytest.mark.parametrize("interval", ["1d", "24h"])
def test_a_days_candle_is_one_and_stands_at_the_opening(interval: str) -> None:
    clocks = ("00:00", "09:14:55", "09:15", "15:45", "23:59:59")
    times = [*(at(clock) for clock in clocks), at("00:00", MONDAY)]
    found = of((document(each) for each in times), interval)
    assert starts(found) == [at("09:15"), at("09:15", MONDAY)]
    assert [candle["count"] for candle in found] == [5, 1]
    assert volumes(found) == [100.0, 100.0]


def test_a_day_without_a_session_begins_at_midnight() -> None:
    assert starts(of([document(at("09:07", SATURDAY))])) == [at("09:05", SATURDAY)]
    assert starts(of([document(at("09:07", SATURDAY))], "1d")) == [at("00:00", SATURDAY)]


def test_timestamps_are_in_utc() -> None:
    found = candles(
        [document(at("09:16"))],
        timedelta(minutes=5),
        lambda instant: opening(instant).astimezone(IST),
        {},
    )
    assert found[0]["timestamp"].isoformat() == "2026-06-19T03:45:00+00:00"


def test_an_opening_is_asked_for_once_a_day() -> None:
    asked: list[date] = []

    def asks(instant: datetime) -> datetime:
        asked.append(exchange_date(instant))
        return opening(instant)

    times = [at("09:16"), at("15:29"), at("09:16", MONDAY), at("15:29", MONDAY)]
    documents = [document(each, strike=strike) for strike in (1.0, 2.0) for each in times]
    candles(documents, timedelta(minutes=5), asks, {})
    assert asked == [FRIDAY, MONDAY]


# ── volume ───────────────────────────────────────────────────────────────────────────────────


def test_volume_is_what_the_counter_went_up_by() -> None:
    times = [at("09:16"), at("09:21"), at("09:24"), at("09:27")]
    counters = [100.0, 130.0, 180.0, 180.0]
    found = of(document(each, counter=number) for each, number in zip(times, counters, strict=True))
    assert volumes(found) == [100.0, 80.0, 0.0]


def test_volume_is_null_where_the_counter_before_is_not_known() -> None:
    """The recording began late: what was traded before it is in the counter as well."""
    assert volumes(of([document(at("09:21")), document(at("09:26"))])) == [None, 0.0]


@pytest.mark.parametrize(("counter", "volume"), [(60.0, 40.0), (0.0, 100.0), (None, None)])
def test_first_candle_goes_on_from_the_counter_before(
    counter: float | None, volume: float | None
) -> None:
    late = document(at("11:00"))
    assert volumes(of([late], before={late["identifier"]: counter})) == [volume]


def test_counter_before_is_of_its_contract_and_its_day() -> None:
    first, second = document(at("11:00")), document(at("11:00", MONDAY))
    other = document(at("11:00"), strike=24050.0)
    found = of([first, second, other], before={first["identifier"]: 60.0})
    assert volumes(found) == [40.0, None, None]


def test_counter_before_holds_until_another_is_sent() -> None:
    first, second = document(at("11:00"), counter=None), document(at("11:05"))
    assert volumes(of([first, second], before={first["identifier"]: 60.0})) == [None, 40.0]


def test_counter_before_within_the_first_interval_is_not_counted_again() -> None:
    first = document(at("09:17"))
    assert volumes(of([first], before={first["identifier"]: 60.0})) == [40.0]


def test_counter_before_without_a_value_tells_nothing() -> None:
    first = document(at("09:17"))
    assert volumes(of([first], before={first["identifier"]: None})) == [100.0]


def test_null_counters_are_bridged_within_a_day() -> None:
    times, counters = [at("09:16"), at("09:21"), at("09:26")], [100.0, None, 150.0]
    found = of(document(each, counter=number) for each, number in zip(times, counters, strict=True))
    assert volumes(found) == [100.0, None, 50.0]


def test_a_first_counter_after_the_first_interval_may_hold_its_volume_too() -> None:
    found = of([document(at("09:16"), counter=None), document(at("09:21"))])
    assert volumes(found) == [None, None]


def test_counter_restarts_every_day() -> None:
    found = of([document(at("15:29"), counter=900.0), document(at("09:16", MONDAY), counter=5.0)])
    assert volumes(found) == [None, 5.0]


def test_counter_that_goes_down_is_given_as_it_is() -> None:
    found = of([document(at("09:16")), document(at("09:21"), counter=90.0)])
    assert volumes(found) == [100.0, -10.0]


# ── intervals by name ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        *(("5s", 5), ("90s", 90), ("86400s", 86_400), ("1m", 60), ("15m", 900), ("1440m", 86_400)),
        *(("1h", 3_600), ("24h", 86_400), ("1d", 86_400), ("05m", 300)),
    ],
)
def test_interval_is_digits_and_a_unit(text: str, seconds: int) -> None:
    assert parse_interval(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        *("", "5", "s", "m", "d", "4s", "0s", "0m", "0h", "0d", "2d", "01d", "25h", "86401s"),
        *("1441m", "99999h", "9" * 5_000 + "s", "5S", "1D", "1w", "-5s", "+5s", "1.5m", " 5s"),
        *("5s\n", "5 s", "1h30m", "\u0665m", "1e3s", "1min"),
    ],
)
def test_what_is_no_interval_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match=r"^an interval is .* from 5s to 24h, or 1d$"):
        parse_interval(text)


# ── a captured session ───────────────────────────────────────────────────────────────────────

SESSION = "v3-from-legacy/nifty-2025-12-05"
NEAREST = "09-Dec-2025.json.gz"


def session_documents(captured: Callable[[str], bytes]) -> list[Document]:
    """The nearest expiry's documents by contract and by the time of their capture."""
    captured("v3/dialect-pchange-2026-01.trimmed.json")  # skips where the captures are absent
    documents: list[Document] = []
    for path in sorted((CAPTURED / SESSION).rglob(NEAREST)):
        clock = path.parent.name.partition("-")[2]
        tick = datetime.strptime(f"2025-12-05 {clock}+0000", "%Y-%m-%d %H%M%SZ%z")
        body = captured(str(path.relative_to(CAPTURED)))
        chain = parse(body, "NIFTY", tick)
        documents += [dict(each) for each in contract_documents(chain)]
    return sorted(documents, key=itemgetter("identifier", "fetched_at"))


@pytest.mark.parametrize("interval", ["15m", "1h", "1d"])
def test_captured_session_gives_what_pandas_resamples(
    captured: Callable[[str], bytes], interval: str
) -> None:
    documents = session_documents(captured)
    found = of(documents, interval)
    by_contract = groupby(found, itemgetter("identifier"))
    candles_of = {identifier: list(group) for identifier, group in by_contract}
    for identifier, group in groupby(documents, itemgetter("identifier")):
        contract = list(group)
        assert candles_of[identifier] == resampled(contract, parse_interval(interval), {})
        # From 09:34 on: an hour's first interval holds all before, a quarter's does not.
        traded = volumes(candles_of[identifier])
        if interval == "15m":
            assert traded[0] is None
        else:
            assert sum(filter(None, traded)) == contract[-1]["total_traded_volume"]
