"""Candles from contracts' documents; pandas resamples the same documents to compare."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, ClassVar

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chain_api.calculations.candles import CANDLE_COLUMNS, VolumeCounter, candles
from chain_api.calculations.intervals import Intervals
from chain_api.json_types import Answer
from chain_api.parameters.interval import parse_interval
from chain_fetch.nse.body_parser import parse
from optionchain.exchange_time import IST, exchange_date
from optionchain.market import Market, Session
from optionchain.mongo.documents import contract_documents
from tests.conftest import CAPTURED
from tests.support.api import few_examples

type Document = dict[str, Any]

# Since August options trade to 15:40, ten minutes longer than before.
DAYS = {"": date(2026, 6, 19), "Sat": date(2026, 6, 20), "Mon": date(2026, 6, 22)}
DAYS |= {"Aug": date(2026, 8, 4)}
DAY = timedelta(days=1)
SESSION = "v3-from-legacy/nifty-2025-12-05"
IDENTIFIER = "NIFTY_CE_24000_23-Jun-2026"
MARKET = Market()
NEVER: Mapping[str, float | None] = {}
# The members of a candle that are the same in its documents.
CONTRACT = ("symbol", "type", "strike_price", "expiry_date", "identifier")
NUMBERS = ("last_price", "open_interest", "total_traded_volume")


def opening(instant: datetime) -> datetime:
    """Return the opening of an instant's day in India, or midnight of a day without a session."""
    day = exchange_date(instant)
    sessions = Market().sessions(day)
    opens = sessions[0].opens if sessions else datetime.combine(day, time.min, IST)
    return opens.astimezone(UTC)


def at(text: str) -> datetime:
    """Return a time in India: of Friday, or of the day that is named as in `Mon 09:15`."""
    day, _, clock = text.rpartition(" ")
    return datetime.combine(DAYS[day], time.fromisoformat(clock), IST).astimezone(UTC)


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
    settled: Collection[datetime] = (),
) -> list[Answer]:
    intervals = Intervals(parse_interval(interval), MARKET)
    return candles(documents, intervals, counters(before), settled)


def counters(volumes: Mapping[str, float | None]) -> dict[str, VolumeCounter]:
    return {name: VolumeCounter(volume, "nse") for name, volume in volumes.items()}


def column(name: str, found: Iterable[Answer]) -> list[Any]:
    return [candle[name] for candle in found]


# ── as pandas resamples ──────────────────────────────────────────────────────────────────────


def resampled(
    documents: list[Document], interval: timedelta, before: Mapping[str, float | None]
) -> list[Answer]:
    """Return what pandas makes of one contract's documents, day by day from the opening on."""
    found: list[Answer] = []
    for day, group in groupby(documents, lambda each: exchange_date(each["fetched_at"])):
        known = before.get(documents[0]["identifier"]) if not found else None
        frame = pd.DataFrame(group).set_index("fetched_at", drop=False)
        frame.index = pd.DatetimeIndex(frame.index)
        found += resampled_day(frame.astype(dict.fromkeys(NUMBERS, float)), day, interval, known)
    return found


def of_the_session(frame: pd.DataFrame, day: date) -> "tuple[pd.DataFrame, pd.Series[bool]]":
    """Return the documents by when they were traded, and which of them the evening brought.

    The five minutes after the close are the session's last instant. A price without a trade today
    is none.
    """
    local = pd.DatetimeIndex(frame.index).tz_convert("Asia/Kolkata")
    clock, minutes = pd.Series(local.time, frame.index), local.hour * 60 + local.minute
    weekday = day.weekday() < 5
    rounds = minutes.isin([*range(19 * 60 + 45, 20 * 60), *range(21 * 60, 21 * 60 + 15)])
    evening = pd.Series(weekday & rounds & (local.second == 0), frame.index)
    closes = time(15, 30) if day < DAYS["Aug"] else time(15, 40)
    after = weekday & (clock >= closes) & (clock <= closes.replace(minute=closes.minute + 5))
    close = pd.Timestamp(datetime.combine(day, closes, IST)) - pd.Timedelta("1us")
    is_traded = frame["total_traded_volume"].fillna(0) > 0
    found = frame.assign(last_price=frame["last_price"].where(is_traded))
    found.index = frame.index.where(~after.to_numpy(), close.tz_convert("UTC"))
    evening.index = found.index
    return found, evening


def resampled_day(
    frame: pd.DataFrame, day: date, interval: timedelta, known: float | None
) -> list[Answer]:
    midnight = pd.Timestamp(datetime.combine(day, time.min, IST).astimezone(UTC))
    opens = pd.Timestamp(opening(midnight))
    origin = midnight if interval == DAY else opens
    frame, evening = of_the_session(frame, day)
    if interval < DAY:
        frame, evening = frame[~evening], evening[~evening]
    if frame.empty:
        return []
    length = pd.Timedelta(interval)
    bins = frame.resample(length, origin=origin, label="left", closed="left")
    trades = frame.assign(last_price=frame["last_price"].mask(evening))
    table = trades.resample(length, origin=origin)["last_price"].ohlc()
    table["close"] = bins["last_price"].last()
    table["snapshot_timestamp"] = bins["fetched_at"].last()
    table["open_interest"] = bins["open_interest"].last()
    table["total_traded_volume"] = counter = bins["total_traded_volume"].last()
    # An interval across midnight begins at midnight.
    table["timestamp"] = (
        opens if interval == DAY else table.index.where(table.index > midnight, midnight)
    )
    earlier = counter.ffill().shift().fillna(float("nan") if known is None else known)
    table["volume"] = counter - earlier.mask(earlier.isna() & (table["timestamp"] <= opens), 0.0)
    table["count"] = bins.size()
    table["settled"] = False
    table = table[table["count"] > 0].astype(object)
    contract = {name: frame[name].iloc[0] for name in CONTRACT}
    rows = table.where(table.notna(), None).to_dict("records")
    found = [contract | {str(name): value for name, value in row.items()} for row in rows]
    for candle in found:
        sent = candle["total_traded_volume"] is not None
        unknown = "start_unknown" if sent else "not_sent"
        candle["volume_reason"] = unknown if candle["volume"] is None else None
        candle["source"] = "nse"
    return [{name: candle[name] for name in CANDLE_COLUMNS} for candle in found]


@st.composite
def contracts(draw: st.DrawFn, strike: float) -> list[Document]:
    """Return documents of one contract, most of them around the opening; some lack numbers."""
    near = st.integers(-30, 200).map(lambda ticks: 9 * 3600 + 15 * 60 + 5 * ticks)
    rounds = st.sampled_from([*range(1_185, 1_202), *range(1_258, 1_277)]).map(lambda at: 60 * at)
    around = st.integers(-10, 70).map(lambda ticks: (15 * 60 + 30) * 60 + 5 * ticks)
    seconds = near | around | rounds | st.integers(0, 86_399)
    instants = st.tuples(st.sampled_from(list(DAYS)), seconds)
    numbers = st.none() | st.integers(0, 10**7).map(float)
    prices = st.none() | st.integers(5, 10**7).map(lambda paise: paise / 100)
    drawn = draw(st.lists(instants, max_size=12, unique=True))
    times = sorted(at(f"{day} 00:00") + timedelta(seconds=second) for day, second in drawn)
    return [
        document(each, draw(prices), draw(numbers), draw(numbers), strike=strike) for each in times
    ]


@few_examples()
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
    before = {} if counter == "absent" else {IDENTIFIER: counter}
    length = parse_interval(interval)
    expected = [resampled(each, length, before) for each in (first, second) if each]
    intervals = Intervals(length, MARKET)
    documents = [each for each in (*first, *second) if intervals.of(each["fetched_at"])]
    found = candles(documents, intervals, counters(before))
    assert found == [candle for contract in expected for candle in contract]
    assert all(tuple(candle) == CANDLE_COLUMNS for candle in found)


# ── prices ───────────────────────────────────────────────────────────────────────────────────

PRICES = ("open", "high", "low", "close")


def test_a_candle_has_open_high_low_and_close_and_the_last_of_the_rest() -> None:
    opens = at("09:15")
    sent = [(12.0, 10.0, 1.0), (15.5, 20.0, 2.0), (9.05, 35.0, 3.0), (11.0, 60.0, 5.0)]
    (candle,) = of(document(opens + minute * DAY / 1440, *sent[minute]) for minute in range(4))
    assert candle == {
        **{name: document(opens)[name] for name in CONTRACT},
        "timestamp": opens,
        "snapshot_timestamp": opens + timedelta(minutes=3),
        **dict(zip(PRICES, (12.0, 15.5, 9.05, 11.0), strict=True)),
        "open_interest": 5.0,
        "total_traded_volume": 60.0,
        "volume": 60.0,
        "volume_reason": None,
        "count": 4,
        "settled": False,
        "source": "nse",
    }


# A day: price and volume so far, open interest; the evening's price was set by nobody's trade.
MORNING, AFTERNOON = (("09:16", 10.0, 100.0, 8.0), ("15:35", 12.0, 150.0, 7.0))
REWRITTEN = ("19:45", 99.0, 150.0, 5.0)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        # An answer: open, high, low, close; open interest, volume.
        ([MORNING, AFTERNOON, REWRITTEN], (10.0, 12.0, 10.0, 99.0, 5.0, 150.0)),
        ([MORNING, AFTERNOON], (10.0, 12.0, 10.0, 12.0, 7.0, 150.0)),
        ([MORNING, ("19:45", 9.5, 160.0, 5.0)], (10.0, 10.0, 10.0, 9.5, 5.0, 160.0)),
        ([MORNING, ("21:14", None, None, None)], (10.0, 10.0, 10.0, None, None, None)),
        ([REWRITTEN], (None, None, None, 99.0, 5.0, 150.0)),
        ([("09:16", 10.0, 0.0, 8.0), ("19:45", 10.0, 0.0, 8.0)], (*[None] * 4, 8.0, 0.0)),
    ],
)
@pytest.mark.parametrize("settled", [True, False])
def test_a_day_closes_with_its_settled_chain(
    sent: list[tuple[str, Any, Any, Any]], expected: tuple[Any, ...], *, settled: bool
) -> None:
    """A rewritten price is no trade: it is no high or low. What was not rewritten holds."""
    documents = [document(at(clock), *numbers) for clock, *numbers in sent]
    last = documents[-1]["fetched_at"]
    (candle,) = of(documents, "1d", settled={last} if settled else ())
    names = (*PRICES, "open_interest", "volume")
    if not settled and None in sent[-1]:
        expected = (10.0, 10.0, 10.0, 10.0, 8.0, 100.0)
    assert tuple(candle[name] for name in names) == expected
    assert (candle["settled"], candle["count"]) == (settled, len(sent))


def test_a_contract_that_the_settled_chain_lacks_is_not_settled() -> None:
    found = of([document(at("15:29")), document(at("15:30"), strike=1.0)], "1d", {}, {at("15:30")})
    assert column("settled", found) == [False, True]


@pytest.mark.parametrize("interval", ["5m", "1h", "1d"])
def test_without_a_trade_today_the_last_price_is_of_another_day(interval: str) -> None:
    """Open interest stays. The first trade of the day is the first price; null tells of none."""
    (none,) = of([document(at("09:16"), 10.0, 0.0), document(at("09:17"), 10.0, 0.0)], interval)
    assert [none[name] for name in (*PRICES, "open_interest", "volume")] == [*[None] * 4, 7.0, 0.0]
    (one,) = of([document(at("09:16"), 10.0, 0.0), document(at("09:17"), 8.0, 1.0)], interval)
    assert [one[name] for name in PRICES] == [8.0] * 4
    (unknown,) = of([document(at("09:16"), 10.0, None)], interval)
    assert unknown["close"] is None


# ── when intervals begin ─────────────────────────────────────────────────────────────────────

WHOLE_DAY = "00:00, 09:14:55, 09:15, 15:45, 23:59:59, Mon 00:00"


@pytest.mark.parametrize(("interval", "times", "starts", "counts"), [
    ("5m", "09:19:55, 09:20, 09:24:59, 09:25", "09:15, 09:20, 09:25", [1, 2, 1]),
    ("5m", "09:15, 09:31", "09:15, 09:30", [1, 1]),  # no documents leave a gap
    # Counted from the opening, backwards before it.
    ("1h", "10:10", "09:15", [1]),
    ("1h", "10:15", "10:15", [1]),
    ("5m", "09:07, 09:15", "09:05, 09:15", [1, 1]),
    # What is read up to five minutes after the close was traded before it.
    ("5m", "15:29, 15:30, 15:35, 15:35:05", "15:25, 15:35", [3, 1]),
    ("15m", "15:29, 15:35", "15:15", [2]),
    ("5m", "Aug 15:39, Aug 15:45", "Aug 15:35", [2]),
    ("1h", "Aug 15:45", "Aug 15:15", [1]),
    # A new day begins at its own opening. An interval across midnight begins there, or else
    # the last one of a day and the first one of the next would have the same start.
    ("7m", "15:29, Mon 09:16", "15:26, Mon 09:15", [1, 1]),
    ("7h", "23:59:55, Sat 00:00", "23:15, Sat 00:00", [1, 1]),
    ("7h", "Mon 00:00:05", "Mon 00:00", [1]),
    # A day is one candle, which starts at the opening.
    ("1d", WHOLE_DAY, "09:15, Mon 09:15", [5, 1]),
    ("24h", WHOLE_DAY, "09:15, Mon 09:15", [5, 1]),
    # A day without a session begins at midnight.
    ("5m", "Sat 09:07", "Sat 09:05", [1]),
    ("1d", "Sat 09:07", "Sat 00:00", [1]),
])  # fmt: skip
def test_intervals_start_at_the_opening(
    interval: str, times: str, starts: str, counts: list[int]
) -> None:
    found = of((document(at(text)) for text in times.split(", ")), interval)
    assert column("timestamp", found) == [at(text) for text in starts.split(", ")]
    assert column("count", found) == counts


def test_the_evening_is_in_no_interval_shorter_than_a_day() -> None:
    ticks = [at(f"{day}{clock}") for day in ("", "Aug ") for clock in ("19:45", "19:59", "21:14")]
    for length, expected in ((timedelta(hours=23), False), (DAY, True)):
        intervals = Intervals(length, MARKET)
        assert all(bool(intervals.of(tick)) is expected for tick in ticks)
    hour = Intervals(timedelta(hours=1), MARKET)
    assert all(hour.of(at(clock)) for clock in ("19:45:05", "20:00", "Sat 19:45"))
    assert Intervals(timedelta(hours=1), Market("always")).of(at("19:45"))


def test_each_session_of_a_date_ends_with_its_own_last_values() -> None:
    hours = ((time(9, 15), time(10)), (time(11, 30), time(12, 30)))
    intervals = Intervals(timedelta(minutes=30), Market(special={DAYS["Sat"]: hours}))
    begins = {"10:00": "09:45", "10:05": "09:45", "10:06": "09:45", "11:30": "11:15"}
    begins |= {"12:35": "12:15", "12:36": "12:15", "19:45": ""}
    for clock, expected in begins.items():
        interval = intervals.of(at(f"Sat {clock}"))
        assert (interval and interval.begins) == (at(f"Sat {expected}") if expected else None)


def test_timestamps_are_in_utc() -> None:
    found = of([document(at("09:16"))])
    assert found[0]["timestamp"].isoformat() == "2026-06-19T03:45:00+00:00"


class NotingMarket(Market):
    """A market that notes each day whose sessions are looked up."""

    looked_up: ClassVar[list[date]] = []

    def sessions(self, day: date) -> tuple[Session, ...]:
        self.looked_up.append(day)
        return super().sessions(day)


def test_sessions_are_looked_up_once_a_day() -> None:
    times = [at(text) for text in ("09:16", "15:29", "15:35", "Mon 09:16", "Mon 15:29")]
    documents = [document(each, strike=strike) for strike in (1.0, 2.0) for each in times]
    intervals = Intervals(timedelta(minutes=5), NotingMarket())
    candles(documents[:5], intervals, {})
    assert set(NotingMarket.looked_up) == {DAYS[""], DAYS["Mon"]}
    NotingMarket.looked_up.clear()
    candles(documents, intervals, {})
    assert not NotingMarket.looked_up


# ── volume ───────────────────────────────────────────────────────────────────────────────────

# By rule: the counter by time, the counter earlier on that day, and the volumes.
VOLUMES: dict[str, tuple[dict[str, float | None], Mapping[str, float | None], list[Any]]] = {
    "rise": ({"09:16": 100, "09:21": 130, "09:24": 180, "09:27": 180}, {}, [100, 80, 0]),
    "fall as it is sent": ({"09:16": 100, "09:21": 90}, {}, [100, -10]),
    "null until a counter is known": ({"09:21": 100, "09:26": 100}, {}, [None, 0]),
    "null after a null": ({"09:16": None, "09:21": 100}, {}, [None, None]),
    "a null is bridged": ({"09:16": 100, "09:21": None, "09:26": 150}, {}, [100, None, 50]),
    "a gap is bridged": ({"09:15": 100, "09:31": 150}, {}, [100, 50]),
    "zero before the opening": ({"09:07": 0, "09:15": 30}, {}, [0, 30]),
    "a new count each day": ({"15:29": 900, "Mon 09:16": 5}, {}, [None, 5]),
    "counter before": ({"11:00": 100}, {IDENTIFIER: 60}, [40]),
    "counter before of zero": ({"11:00": 100}, {IDENTIFIER: 0}, [100]),
    "counter before of null": ({"11:00": 100}, {IDENTIFIER: None}, [None]),
    "until another is sent": ({"11:00": None, "11:05": 100}, {IDENTIFIER: 60}, [None, 40]),
    "once within the first interval": ({"09:17": 100}, {IDENTIFIER: 60}, [40]),
    "null within the first interval": ({"09:17": 100}, {IDENTIFIER: None}, [100]),
}


@pytest.mark.parametrize(("counters", "before", "volumes"), VOLUMES.values(), ids=VOLUMES)
def test_volume_is_the_rise_of_the_counter_where_that_is_known(
    counters: dict[str, float | None], before: Mapping[str, float | None], volumes: list[Any]
) -> None:
    documents = [document(at(text), counter=number) for text, number in counters.items()]
    assert column("volume", of(documents, before=before)) == volumes


@pytest.mark.parametrize("interval", ["1d", "24h"])
def test_volume_of_a_day_is_its_last_counter(interval: str) -> None:
    documents = [document(at(text)) for text in WHOLE_DAY.split(", ")]
    assert column("volume", of(documents, interval)) == [100.0, 100.0]


def test_counter_before_is_that_of_its_contract_and_its_day() -> None:
    documents = [document(at("11:00")), document(at("Mon 11:00"))]
    documents.append(document(at("11:00"), strike=24050.0))
    assert column("volume", of(documents, before={IDENTIFIER: 60.0})) == [40.0, None, None]


# ── intervals by name ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("text", "seconds"), [
    ("5s", 5), ("90s", 90), ("86400s", 86_400), ("1m", 60), ("15m", 900), ("1440m", 86_400),
    ("1h", 3_600), ("24h", 86_400), ("1d", 86_400), ("05m", 300),
])  # fmt: skip
def test_an_interval_is_digits_and_a_unit(text: str, seconds: int) -> None:
    assert parse_interval(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", [
    "", "5", "s", "m", "d", "4s", "0s", "0m", "0h", "0d", "2d", "01d", "25h", "86401s", "1441m",
    "99999h", "9" * 5_000 + "s", "5S", "1D", "1w", "-5s", "+5s", "1.5m", " 5s", "5s\n", "5 s",
    "1h30m", "\u0665m", "1e3s", "1min",
])  # fmt: skip
def test_any_other_interval_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^an interval is .* from 5s to 24h, or 1d$"):
        parse_interval(text)


def session_documents(captured: Callable[[str], bytes]) -> list[Document]:
    """Return the nearest expiry's documents of a captured session, by contract and time."""
    captured("v3/dialect-pchange-2026-01.trimmed.json")  # skips where the captures are absent
    documents: list[Document] = []
    for path in sorted((CAPTURED / SESSION).rglob("09-Dec-2025.json.gz")):
        clock = path.parent.name.partition("-")[2]
        tick = datetime.strptime(f"2025-12-05 {clock}+0000", "%Y-%m-%d %H%M%SZ%z")
        snapshot = parse(captured(str(path.relative_to(CAPTURED))), "NIFTY", tick)
        documents += [dict(each) for each in contract_documents(snapshot)]
    return sorted(documents, key=itemgetter("identifier", "fetched_at"))


@pytest.mark.parametrize("interval", ["15m", "1h", "1d"])
def test_candles_of_a_captured_session_are_what_pandas_resamples(
    captured: Callable[[str], bytes], interval: str
) -> None:
    documents = session_documents(captured)
    by_contract = groupby(of(documents, interval), itemgetter("identifier"))
    candles_of = {identifier: list(group) for identifier, group in by_contract}
    for identifier, group in groupby(documents, itemgetter("identifier")):
        contract = list(group)
        assert candles_of[identifier] == resampled(contract, parse_interval(interval), {})
        # From 09:34 on: an hour's first interval holds all before, a quarter's does not.
        traded = [candle["volume"] for candle in candles_of[identifier]]
        if interval == "15m":
            assert traded[0] is None
        else:
            assert sum(filter(None, traded)) == contract[-1]["total_traded_volume"]


# ── sources ──────────────────────────────────────────────────────────────────────────────────


def bars(letters: str, before: str | None = None, interval: str = "1m") -> list[Answer]:
    """The candles of documents from 10:00 on, two a minute, each from `u`pstox or `n`se."""
    names = {"u": "upstox", "n": "nse"}
    documents = [
        document(at("10:00") + number * timedelta(seconds=30), counter=100.0 + number)
        | ({"source": names[letter]} if letter == "u" else {})
        for number, letter in enumerate(letters)
    ]
    known = {IDENTIFIER: VolumeCounter(90.0, names[before])} if before else {}
    return candles(documents, Intervals(parse_interval(interval), MARKET), known)


@pytest.mark.parametrize(("letters", "before", "volumes", "reasons", "sources"), [
    ("nnnn", "n", [11, 2], [None, None], ["nse", "nse"]),
    ("uuuu", "u", [11, 2], [None, None], ["upstox", "upstox"]),
    # A bar across a switch, and a bar that follows one.
    ("unnn", "u", [None, 2], ["sources_differ", None], ["upstox,nse", "nse"]),
    ("uunn", "u", [11, None], [None, "sources_differ"], ["upstox", "upstox,nse"]),
    ("nnuu", "u", [None, None], ["sources_differ"] * 2, ["upstox,nse", "nse,upstox"]),
    ("nunn", "n", [None, None], ["sources_differ"] * 2, ["nse,upstox", "upstox,nse"]),
    ("nnun", None, [None, 2], ["start_unknown", None], ["nse", "nse,upstox"]),
])  # fmt: skip
def test_volumes_of_two_sources_are_never_mixed(
    letters: str,
    before: str | None,
    volumes: list[float | None],
    reasons: list[str | None],
    sources: list[str],
) -> None:
    found = bars(letters, before)
    assert [candle["volume"] for candle in found] == volumes
    assert [candle["volume_reason"] for candle in found] == reasons
    assert [candle["source"] for candle in found] == sources


def test_there_and_back_within_a_bar_leaves_two_counters_of_one_source() -> None:
    (candle,) = bars("nun", "n", "5m")
    assert (candle["volume"], candle["source"]) == (12.0, "nse,upstox")


def test_a_day_across_a_switch_has_the_volume_of_the_source_with_which_it_ends() -> None:
    """Every source counts a day from zero, so nothing is mixed."""
    (candle,) = bars("uunn", interval="1d")
    assert (candle["volume"], candle["volume_reason"]) == (103.0, None)
    assert candle["source"] == "upstox,nse"
