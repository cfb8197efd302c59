"""The history of analytics is what the headers say: as recorded, by interval, page by page."""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from math import prod
from random import Random
from typing import Any, NamedTuple

import pandas as pd
import pytest
from starlette.testclient import TestClient

from chain_api import schemas
from chain_api.parameters.columns import FIGURES, METRICS, OF_HEADER
from local.mongod import Mongod
from optionchain.analytics import RUPEE_FIGURES, analytics_of
from optionchain.contract_terms import ContractTerms
from optionchain.exchange_time import exchange_date
from optionchain.mongo.documents import header_document
from optionchain.settings import Settings
from optionchain.snapshot_facts import SnapshotFacts
from tests.support.api import all_records, client, read
from tests.support.bodies import Json
from tests.support.commands import Commands, watched
from tests.support.histories import iso, ist, traded_at
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import snapshot

SYMBOL = "NIFTY"
PATH = f"/option-chain/{SYMBOL}/analytics/history"
DAYS = (date(2026, 6, 18), date(2026, 6, 19), date(2026, 6, 22))
EXPIRY, LATER = date(2026, 6, 23), date(2026, 6, 30)
EVENING = ist(DAYS[2], "18:00:30")
WHOLE: Mapping[str, Any] = {"from": DAYS[0], "to": DAYS[2], "limit": 10_000}
LENGTHS = {"5s": "5s", "7s": "7s", "90s": "90s", "3m": "3min", "52m": "52min", "1h": "1h"}
LENGTHS |= {"7h": "7h", "24h": "24h", "1d": "24h"}
ANALYTICS = analytics_of(snapshot(), 5.5)
A_DAY_OF_TICKS = 4_500
WITHIN = 0.1  # seconds of work


class Stored(NamedTuple):
    """Headers in the order of their ticks, and the API over them."""

    headers: Sequence[Json]
    database: AnyDatabase
    commands: Commands
    api: TestClient


OF_VOLATILITIES = (
    *("atm_iv", "skew_25_delta", "unpriced_legs"),
    *(f"{of}_gamma_exposure" for of in ("call", "put", "total", "net")),
)


def header(tick: datetime, random: Random, expiry: date = EXPIRY) -> Json:
    """Return a header with random analytics, as recorders of three ages wrote it.

    One in nine has none. In one of nine of the others the volatilities are the exchange's.
    """
    one = snapshot(tick=tick, expiry=expiry, underlying=random.choice((None, random.random())))
    numbers = {name: random.choice((None, random.uniform(-9, 9))) for name in (*FIGURES, "forward")}
    for name in ("unpriced_legs", "newly_listed"):
        numbers[name] = random.choice((None, random.randrange(9)))
    missing = random.choice((None, 0, 1, 12))
    facts = SnapshotFacts(terms=ContractTerms(lot_size=random.choice((None, 65, 75))))
    found: Json = dict(header_document(one, legs_missing=missing, facts=facts))
    if random.randrange(9):
        found["analytics"] = {**ANALYTICS, **numbers}
        if not random.randrange(9):
            del found["analytics"]["iv_source"]
    return found


def ticks_of(day: date, random: Random) -> list[datetime]:
    """Return the ticks of a day that have a header; the second day begins late."""
    opens = ist(day, "09:52:20" if day == DAYS[1] else "09:15")
    last = (ist(day, "15:40") - opens) // timedelta(seconds=5)
    steps = sorted(random.sample(range(1, last), 120))
    return [opens, *(opens + timedelta(seconds=5 * step) for step in steps), ist(day, "15:45")]


@pytest.fixture(scope="module")
def stored(mongod: Mongod) -> Iterator[Stored]:
    """The headers of three sessions of two expiries."""
    random = Random(7)
    with watched(mongod, "analytics_history") as (database, commands):
        headers = [header(tick, random) for day in DAYS for tick in ticks_of(day, random)]
        later = [header(each["fetched_at"], random, LATER) for each in headers[::5]]
        database["snapshots"].insert_many([*headers, *later])
        yield Stored(headers, database, commands, client(database, EVENING))


@pytest.fixture(scope="module")
def busy(mongod: Mongod) -> Iterator[Stored]:
    """One session with a header at every tick of five seconds."""
    random, opens = Random(8), ist(DAYS[1], "09:15")
    with watched(mongod, "busy_day") as (database, commands):
        ticks = [opens + timedelta(seconds=5 * number) for number in range(A_DAY_OF_TICKS)]
        headers = [header(tick, random) for tick in ticks]
        database["snapshots"].insert_many(headers)
        now = headers[-1]["fetched_at"] + timedelta(hours=3)
        yield Stored(headers, database, commands, client(database, now))


def ask(api: TestClient, **query: object) -> Json:
    return read(api, PATH, **query)


def record(row: Json, names: Sequence[str], timestamp: datetime | None = None) -> Json:
    """Return the record that the API answers for a header."""
    kept = row.get("analytics", {}) | {name: row.get(name) for name in OF_HEADER}
    if "iv_source" not in kept:
        kept = {name: value for name, value in kept.items() if name not in OF_VOLATILITIES}
    for name in RUPEE_FIGURES:
        of, lot, price = name.removesuffix("_rupees"), row["lot_size"], kept.get("reference_price")
        factors = [row[of], price] if of in row else [kept.get(of)]
        if lot is not None and None not in factors:
            kept[name] = pytest.approx(lot * prod(factors))
    stamp = {"timestamp": iso(timestamp or row["fetched_at"])}
    state = {"source": "nse", "settled": row["settled"]}
    return stamp | {name: kept.get(name) for name in names} | state


def by_pandas(
    headers: Sequence[Json], names: Sequence[str], length: str, opens: str = "09:15"
) -> list[Json]:
    """Return the record of the last header of each interval that has one, day by day."""
    expected = []
    for day, group in groupby(headers, lambda row: exchange_date(row["fetched_at"])):
        rows = list(group)
        index = pd.DatetimeIndex([traded_at(row["fetched_at"]) for row in rows])
        ranks = pd.Series(range(len(rows)), index=index)
        bins = ranks.resample(length, origin=pd.Timestamp(ist(day, opens))).last().dropna()
        for begins, rank in bins.items():
            assert isinstance(begins, pd.Timestamp)
            expected.append(record(rows[int(rank)], names, begins.to_pydatetime()))
    return expected


@pytest.mark.parametrize("limit", [1, 7, 1_000, 10_000])
def test_without_an_interval_there_is_a_record_a_snapshot(stored: Stored, limit: int) -> None:
    names = ("straddle_price", "pcr_oi")
    given = {"metric": ",".join(names), **WHOLE, "limit": limit}
    if limit == 1:
        given["from"] = DAYS[2]
    begins = ist(DAYS[2] if limit == 1 else DAYS[0], "00:00")
    expected = [record(row, names) for row in stored.headers if row["fetched_at"] >= begins]
    assert all_records(stored.api, PATH, **given) == expected
    assert any(row["pcr_oi"] is None for row in expected)


def test_all_metrics_are_answered_by_default_in_one_order(stored: Stored) -> None:
    answer = ask(stored.api, **WHOLE)
    assert answer["metrics"] == list(METRICS)
    assert answer["records"] == [record(row, METRICS) for row in stored.headers]
    assert list(answer["records"][0]) == ["timestamp", *METRICS, "source", "settled"]
    schemas.AnalyticsHistory.model_validate(answer)


def test_metrics_are_answered_once_in_the_order_of_the_query(stored: Stored) -> None:
    answer = ask(stored.api, metric="max_pain, underlying_value ,max_pain", limit=1)
    assert answer["metrics"] == ["max_pain", "underlying_value"]
    names = ["timestamp", "max_pain", "underlying_value", "source", "settled"]
    assert list(answer["records"][0]) == names


def test_a_snapshot_recorded_without_analytics_has_nulls_and_its_underlying(stored: Stored) -> None:
    found = {row["timestamp"]: row for row in ask(stored.api, **WHOLE)["records"]}
    older = [row for row in stored.headers if "analytics" not in row]
    assert older
    for row in older:
        told = dict(found[iso(row["fetched_at"])])
        assert told.pop("timestamp")
        assert (told.pop("source"), told.pop("settled")) == ("nse", False)
        assert all(told.pop(name) == row[name] for name in OF_HEADER)
        assert set(told.values()) == {None}


def test_volatilities_of_the_exchange_are_no_part_of_a_series(stored: Stored) -> None:
    """An older recorder derived them; its other numbers stay."""
    found = {row["timestamp"]: row for row in ask(stored.api, **WHOLE)["records"]}
    derived = [row for row in stored.headers if "analytics" in row]
    older = [row for row in derived if "iv_source" not in row["analytics"]]
    assert older
    for row in older:
        told = found[iso(row["fetched_at"])]
        assert {told[name] for name in OF_VOLATILITIES} == {None}
        others = set(FIGURES).difference(OF_VOLATILITIES)
        assert {name: told[name] for name in others} == {
            name: row["analytics"][name] for name in others
        }


def test_without_a_range_it_is_the_day_of_the_newest_snapshot(stored: Stored) -> None:
    answer = ask(stored.api, metric="pcr_oi")
    today = [row for row in stored.headers if exchange_date(row["fetched_at"]) == DAYS[2]]
    assert answer["records"] == [record(row, ["pcr_oi"]) for row in today]
    assert answer["from"] == iso(ist(DAYS[2], "00:00"))
    assert answer["to"] == answer["timestamp"] == iso(today[-1]["fetched_at"])
    assert answer["expiry_date"] == "23-Jun-2026"
    assert answer["next"] is None


@pytest.mark.parametrize(
    ("expiry", "named"), [("next", "30-Jun-2026"), ("2026-06-30", "30-Jun-2026")]
)
def test_another_expiry_is_read_by_itself(stored: Stored, expiry: str, named: str) -> None:
    answer = ask(stored.api, metric="pcr_oi", expiry=expiry, **WHOLE)
    assert answer["expiry_date"] == named
    assert [row["timestamp"] for row in answer["records"]] == [
        iso(row["fetched_at"]) for row in stored.headers[::5]
    ]


def test_a_range_has_the_snapshots_stored_in_it(stored: Stored) -> None:
    random, ticks = Random(3), [row["fetched_at"] for row in stored.headers]
    for _ in range(12):
        start, end = sorted(random.sample(ticks, 2))
        end += timedelta(seconds=random.choice((0, 2)))
        within = [row for row in stored.headers if start <= row["fetched_at"] <= end]
        given = {"from": iso(start), "to": iso(end), "metric": "atm_iv"}
        assert ask(stored.api, **given)["records"] == [record(row, ["atm_iv"]) for row in within]


@pytest.mark.parametrize("interval", LENGTHS)
def test_an_interval_has_its_last_snapshot_as_in_pandas(stored: Stored, interval: str) -> None:
    """Intervals count from the opening. One without a snapshot has no record."""
    names = ("pcr_oi", "forward", "underlying_value")
    answer = ask(stored.api, metric=",".join(names), interval=interval, **WHOLE)
    assert answer["records"] == by_pandas(stored.headers, names, LENGTHS[interval])
    assert answer["interval"] == interval


@pytest.mark.parametrize("interval", ["1d", "6h"])
def test_an_interval_of_more_snapshots_than_expected_is_whole(busy: Stored, interval: str) -> None:
    """As after a change of the recorder's interval: a page is then read in more than one go."""
    now = busy.headers[-1]["fetched_at"] + timedelta(hours=3)
    api = client(busy.database, now, Settings(nse_fetch_interval=60))
    given = {"metric": "pcr_oi", "interval": interval, "limit": 1}
    expected = by_pandas(busy.headers, ["pcr_oi"], {"1d": "24h", "6h": "6h"}[interval])
    assert all_records(api, PATH, **given) == expected


@pytest.mark.parametrize("hours", ["exchange", "always"])
def test_without_an_opening_intervals_begin_at_midnight(database: AnyDatabase, hours: str) -> None:
    """On a Saturday, and where every day is one session of 24 hours."""
    random, first = Random(4), ist(date(2026, 6, 20), "00:05")
    headers = [header(first + timedelta(minutes=50 * step), random) for step in range(40)]
    database["snapshots"].insert_many(headers)
    settings = Settings(market_hours="always" if hours == "always" else "exchange")
    api = client(database, ist(date(2026, 6, 21), "23:00"), settings)
    given = {"from": "2026-06-20", "to": "2026-06-21", "metric": "pcr_oi", "interval": "7h"}
    assert ask(api, **given)["records"] == by_pandas(headers, ["pcr_oi"], "7h", opens="00:00")


def test_a_day_of_ticks_is_one_page_in_one_query_at_once(busy: Stored) -> None:
    """Every list first reads the newest header."""
    for query, records in (
        ({"limit": 10_000}, A_DAY_OF_TICKS),
        ({"interval": "1m"}, A_DAY_OF_TICKS // 12),
    ):
        given = {"metric": "pcr_oi,straddle_price", **query}
        ask(busy.api, **given)  # the list of holidays is read once an hour
        took = []
        for _ in range(5):
            started = time.process_time()
            with busy.commands.kept() as sent:
                answer = ask(busy.api, **given)
            took.append(time.process_time() - started)
        assert (len(answer["records"]), answer["next"]) == (records, None)
        newest, read = sent
        assert (newest["find"], newest["limit"]) == ("snapshots", 1)
        assert read["find"] == "snapshots"
        figures = ("analytics.pcr_oi", "analytics.straddle_price")
        state = ("settled", "settled_at", "source")
        assert set(read["projection"]) == {"_id", "fetched_at", *state, *figures}
        assert min(took) < WITHIN, took


def test_what_has_not_changed_is_not_read(busy: Stored) -> None:
    tag = busy.api.get(PATH, params={"metric": "pcr_oi"}).headers["etag"]
    with busy.commands.kept() as sent:
        response = busy.api.get(PATH, params={"metric": "pcr_oi"}, headers={"if-none-match": tag})
    assert (response.status_code, len(sent)) == (304, 1)
