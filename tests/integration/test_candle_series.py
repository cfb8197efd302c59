"""Candles are what pandas makes of the raw history, day by day."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

import pandas as pd
import pytest
from starlette.testclient import TestClient

from optionchain.exchange_time import exchange_date
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import Settings
from tests.integration.conftest import Stored
from tests.support.api import client
from tests.support.histories import DAYS, EXPIRY, SYMBOL, Json, ask, every, iso, ist, traded_at
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import snapshot

# Intervals as the API and as pandas name them; the unit tests try all lengths.
LENGTHS = {"5s": "5s", "3m": "3min", "15m": "15min", "52m": "52min"}
LENGTHS |= {"1h": "1h", "7h": "7h", "1d": "24h"}
WHOLE: Mapping[str, Any] = {"from_": DAYS[0], "to": DAYS[2], "strike_min": 0, "limit": 10_000}
CONTRACT = ("symbol", "type", "strike_price", "expiry_date", "identifier")
SEED = 9
END = ist(DAYS[2], "18:00")
SATURDAY, SUNDAY = date(2026, 6, 20), date(2026, 6, 21)


def by_pandas(
    records: list[Json], interval: str, opens: str = "09:15", earlier: list[Json] | None = None
) -> list[Json]:
    """Candles of raw records; `earlier` are those of the first day before them."""
    expected: list[Json] = []
    before: dict[tuple[str, date], float] = {}
    for row in earlier or []:
        if row["total_traded_volume"] is not None:
            before[row["identifier"], day_of(row)] = row["total_traded_volume"]
    for (name, day), group in groupby(records, lambda row: (row["identifier"], day_of(row))):
        rows = list(group)
        counter = before.get((name, day))
        for candle in resampled(pd.DataFrame(rows), LENGTHS[interval], ist(day, opens)):
            counted = candle["total_traded_volume"]
            fresh = counter is None and candle["timestamp"] <= iso(ist(day, opens))
            start = 0.0 if fresh else counter
            known = counted is not None and start is not None
            candle["volume"] = counted - start if known else None
            unknown = "not_sent" if counted is None else "start_unknown"
            candle |= {"volume_reason": None if known else unknown, "source": "nse"}
            counter = counter if counted is None else counted
            expected.append({name: rows[0][name] for name in CONTRACT} | candle)
    return expected


def resampled(rows: pd.DataFrame, length: str, opens: datetime) -> Iterator[Json]:
    """One contract's day, without its volume."""
    numbers = rows[["last_price", "open_interest", "total_traded_volume"]].astype(float)
    # Without a trade today the last price is of an earlier day.
    is_traded = numbers["total_traded_volume"].fillna(0) > 0
    numbers["last_price"] = numbers["last_price"].where(is_traded)
    ticks = map(datetime.fromisoformat, rows["fetched_at"])
    numbers.index = pd.DatetimeIndex([traded_at(tick) for tick in ticks])
    numbers["tick"] = list(rows["fetched_at"])
    bins = numbers.resample(length, origin=pd.Timestamp(opens))
    table = bins["last_price"].ohlc()
    for name in ("open_interest", "total_traded_volume"):
        table[name] = bins[name].last()
    table["snapshot_timestamp"] = bins["tick"].last()
    table = table.astype(object).where(table.notna(), None)
    table["count"] = bins.size()
    for begins, candle in table[table["count"] > 0].iterrows():
        assert isinstance(begins, pd.Timestamp)
        numbers_of = {str(name): value for name, value in candle.items()}
        yield {"timestamp": iso(begins.to_pydatetime()), **numbers_of, "settled": False}


def day_of(row: Mapping[str, Any]) -> date:
    """The day of a record in India."""
    return exchange_date(datetime.fromisoformat(row["fetched_at"]))


@pytest.mark.parametrize("interval", ["5s", "52m", "7h", "1d"])
def test_candles_are_what_pandas_makes_of_the_raw_history(stored: Stored, interval: str) -> None:
    """Intervals count from the opening at 09:15 and never span two days."""
    # The recorder started late on the second day, so what was traded before is not known.
    raw = ask(stored.api, "/history", **WHOLE)["records"]
    found = ask(stored.api, "/history", **WHOLE, interval=interval)["records"]
    assert found == by_pandas(raw, interval)
    unknown = None in {candle["volume"] for candle in found}
    assert unknown == (interval not in ("7h", "1d"))


@pytest.mark.parametrize(
    ("interval", "limit"), [("5s", 7), ("15m", 1), ("15m", 7), ("7h", 2), ("1d", 1)]
)
def test_pages_of_candles_make_up_the_whole(stored: Stored, interval: str, limit: int) -> None:
    """Whole candles, whatever the limit, and the same volumes as on one large page."""
    few = interval == "5s" or (interval, limit) == ("15m", 1)
    given = {**WHOLE, "strike_min": 3050.0 if few else 3025.0, "interval": interval}
    whole = ask(stored.api, "/history", **given)["records"]
    assert every(stored.api, "/history", **{**given, "limit": limit}) == whole


@pytest.mark.parametrize("interval", ["5s", "15m", "1d"])
def test_first_candle_of_a_range_counts_from_trades_before(stored: Stored, interval: str) -> None:
    """Whether it begins at a tick or between two, and with pages of any size."""
    random = Random(SEED)
    ticks = [each.fetched_at for each in stored.sessions.of(EXPIRY, ist(DAYS[0], "00:00"), END)]
    for start in random.sample(ticks, 4):
        midnight = iso(ist(start.date(), "00:00"))
        window = {**WHOLE, "strike_min": 3025.0, "from_": midnight}
        rows = ask(stored.api, "/history", **window)["records"]
        begins = iso(start - timedelta(seconds=random.choice((0, 1))))
        raw = [row for row in rows if row["fetched_at"] >= begins]
        earlier = [row for row in rows if row["fetched_at"] < begins]
        given = {**window, "from_": begins, "interval": interval}
        expected = by_pandas(raw, interval, earlier=earlier)
        assert ask(stored.api, "/history", **given)["records"] == expected
        assert every(stored.api, "/history", **{**given, "limit": 40}) == expected


def weekend(database: AnyDatabase, hours: str) -> TestClient:
    """An API over a Saturday and a Sunday, a tick every 50 minutes, by day and by night."""
    store, random = SnapshotWriter(database), Random(SEED)
    first, volume = ist(SATURDAY, "00:00"), 0.0
    for number in range(48):
        tick = first + timedelta(minutes=50) * number
        volume = random.randrange(9) + (0 if number == 24 * 60 // 50 + 1 else volume)
        each = snapshot(
            (40.0, 42.5),
            symbol=SYMBOL,
            expiry=EXPIRY,
            tick=tick,
            stamp=tick,
            last_price=round(random.uniform(1, 9), 2),
            total_traded_volume=volume,
        )
        store.commit(Commit(each))
    settings = Settings(market_hours="always" if hours == "always" else "exchange")
    return client(database, ist(SUNDAY, "23:00"), settings)


@pytest.mark.parametrize(
    ("hours", "interval"), [("exchange", "7h"), ("always", "1h"), ("always", "1d")]
)
def test_without_an_opening_intervals_begin_at_midnight(
    database: AnyDatabase, hours: str, interval: str
) -> None:
    """On days without a session, and where every day is one of 24 hours."""
    api = weekend(database, hours)
    given = {"from_": SATURDAY, "to": SUNDAY, "strike_min": 0, "limit": 10_000}
    raw = ask(api, "/history", **given)["records"]
    assert len(raw) == 48 * 4
    found = ask(api, "/history", **given, interval=interval)["records"]
    assert found == by_pandas(raw, interval, opens="00:00")
    assert every(api, "/history", **{**given, "limit": 3, "interval": interval}) == found
