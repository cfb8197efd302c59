"""Series read the same whether their days are in the database, in the archive or in both."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import product
from typing import NamedTuple
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chain_api.archive.all_series import AllSeries
from chain_api.archive.cold_days import ColdDays
from chain_api.store.header_series import Span
from chain_api.store.time_series import SeriesPosition, TimeSeriesReader
from chain_archive.sealing import seal
from local.mongod import Mongod
from optionchain.archive.archive_reader import ArchiveReader
from optionchain.archive.folder_store import FolderStore
from optionchain.archive.object_store import ObjectStore
from optionchain.exchange_time import exchange_date, expiry_text
from optionchain.mongo.client import open_database
from optionchain.mongo.documents import ContractDocument, identifier
from optionchain.mongo.indexes import CONTRACTS, SNAPSHOTS, Indexes
from optionchain.settings import SecretStr, Settings
from tests.support.api import commit
from tests.support.histories import (
    DAYS,
    EXPIRY,
    LATER,
    SIDES,
    STRIKES,
    SYMBOL,
    ist,
    sessions,
    store,
)
from tests.support.mongomock_database import AnyDatabase

RETENTION = timedelta(days=30)
RATE = 5.5
# Until when MongoDB has let go what it had.
LET_GO = {
    "nothing": ist(DAYS[0], "00:00"),
    "a day": ist(DAYS[1], "00:00"),
    "half of a day": ist(DAYS[1], "12:00"),
    "all but a day": ist(DAYS[2], "00:00"),
    "everything": ist(DAYS[2], "23:00"),
}
PLAYED = sessions()
TICKS = sorted({each.fetched_at for each in PLAYED.snapshots})
# Beside ticks, just before them, and at midnights.
INSTANTS = sorted(
    {
        *TICKS[::4],
        *(tick - timedelta(milliseconds=1) for tick in TICKS[::7]),
        *(ist(day, text) for day, text in product(DAYS, ("00:00", "12:00", "23:59:59.999"))),
    }
)
NEVER = 1.0
NAMES = [
    identifier(SYMBOL, side, strike, expiry_text(EXPIRY))
    for strike, side in product((2937.5, 2950.0, *STRIKES, 3037.5, 3050.0, NEVER), SIDES)
]
COLUMNS = ("identifier", "fetched_at", "last_price", "iv_as_of", "source", "exchange_timestamp")
PATHS = ("call_volume", "analytics.pcr_oi", "analytics.forward", "settled", "settled_at", "source")


class Stored(NamedTuple):
    """The reader over all that was stored, and those over what is left of it and the archive."""

    hot: TimeSeriesReader
    left: dict[str, AllSeries]


@pytest.fixture(scope="module")
def stored(mongod: Mongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    """Seal three sessions, and delete ever more of them."""
    names = [f"t{uuid4().hex}" for _ in (*LET_GO, "hot")]
    opened = open_database(Settings(mongodb_uri=SecretStr(mongod.uri)))
    databases = [
        opened.client.get_database(name, codec_options=opened.codec_options) for name in names
    ]
    for database in databases:
        Indexes(database, retention_days=3_650).ensure()
        commit(database, *PLAYED.snapshots, rate=RATE)
    hot, *others = databases
    archive = FolderStore(tmp_path_factory.mktemp("archive"))
    assert all(seal(hot, archive, SYMBOL, day) for day in DAYS)
    left = {}
    for (name, until), database in zip(LET_GO.items(), others, strict=True):
        for collection in (SNAPSHOTS, CONTRACTS):
            database[collection].delete_many({"fetched_at": {"$lt": until}})
        left[name] = AllSeries(database, cold_at(archive, database, until + RETENTION))
    yield Stored(TimeSeriesReader(hot), left)
    for name in names:
        opened.client.drop_database(name)
    opened.client.close()


def cold_at(archive: ObjectStore, database: AnyDatabase, now: datetime) -> ColdDays:
    """Return the cold days at a time."""
    return ColdDays(ArchiveReader(archive), database, RETENTION.days, lambda: now)


ranges = st.lists(st.sampled_from(INSTANTS), min_size=2, max_size=2, unique=True).map(sorted)
spans = st.builds(
    lambda expiry, bounds: Span(SYMBOL, expiry, *bounds), st.sampled_from([EXPIRY, LATER]), ranges
)
limits = st.integers(1, 12) | st.integers(100, 3_000)
places = st.sampled_from(list(LET_GO))


@pytest.mark.parametrize("columns", [None, COLUMNS])
@settings(deadline=None)
@given(
    bounds=ranges,
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True),
    most=limits,
    place=places,
)
def test_pages_of_contracts_are_the_same(
    bounds: list[datetime],
    names: list[str],
    most: int,
    place: str,
    columns: tuple[str, ...] | None,
    stored: Stored,
) -> None:
    span = Span(SYMBOL, EXPIRY, bounds[0], bounds[1])
    position: SeriesPosition | None = None
    for _ in range(3):
        expected = stored.hot.documents(span, names, position, most, columns)
        assert stored.left[place].documents(span, names, position, most, columns) == expected
        position = expected[1]
        if position is None:
            break


@settings(deadline=None)
@given(bounds=ranges, expiry=st.sampled_from([None, EXPIRY, LATER]), most=limits, place=places)
def test_headers_are_the_same(
    bounds: list[datetime], expiry: date | None, most: int, place: str, stored: Stored
) -> None:
    start, end = bounds
    expected = stored.hot.headers(SYMBOL, expiry, start, end, most)
    assert stored.left[place].headers(SYMBOL, expiry, start, end, most) == expected


@settings(deadline=None)
@given(span=spans, most=limits, place=places)
def test_fields_of_headers_are_the_same(span: Span, most: int, place: str, stored: Stored) -> None:
    expected = stored.hot.header_fields(span, PATHS, most)
    assert stored.left[place].header_fields(span, PATHS, most) == expected


@settings(deadline=None)
@given(span=spans, ticks=st.sets(st.sampled_from([*TICKS, *INSTANTS]), max_size=9), place=places)
def test_headers_of_ticks_are_the_same(
    span: Span, ticks: set[datetime], place: str, stored: Stored
) -> None:
    expected = stored.hot.headers_at(span, ticks)
    found = stored.left[place].headers_at(span, ticks)
    assert sorted(found, key=lambda row: row["fetched_at"]) == sorted(
        expected, key=lambda row: row["fetched_at"]
    )


@settings(deadline=None)
@given(
    until=st.sampled_from(INSTANTS),
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=9, unique=True),
    place=places,
)
def test_volumes_before_a_page_are_the_same(
    until: datetime, names: list[str], place: str, stored: Stored
) -> None:
    midnight = ist(exchange_date(until), "00:00")
    span = Span(SYMBOL, EXPIRY, midnight, until)
    expected = stored.hot.volumes_before(span, names, midnight, until)
    assert stored.left[place].volumes_before(span, names, midnight, until) == expected


@pytest.mark.parametrize("place", LET_GO)
def test_contracts_of_a_range_are_known(place: str, stored: Stored) -> None:
    span, left = Span(SYMBOL, EXPIRY, INSTANTS[0], INSTANTS[-1]), stored.left[place]
    # A part of a day is asked for first: that part is not what the day has.
    for tick in TICKS[:: len(TICKS) // 9]:
        left.identifiers(Span(SYMBOL, EXPIRY, tick, tick), SIDES)
    for sides in (SIDES, SIDES[:1]):
        expected = set(stored.hot.identifiers(span, sides))
        assert set(left.identifiers(span, sides)) == expected
    for name in NAMES:
        assert left.is_known(span, name) == stored.hot.is_known(span, name)


def all_pages(reader: TimeSeriesReader, span: Span, most: int) -> list[ContractDocument]:
    """Return the documents of all pages of an expiry's contracts."""
    found, position = list[ContractDocument](), None
    while True:
        page, position = reader.documents(span, NAMES, position, most, COLUMNS)
        found += page
        if position is None:
            return found


@pytest.mark.parametrize("most", [1, 7, 50, 3_000])
def test_what_a_killed_recorder_left_is_in_no_page(
    most: int, database: AnyDatabase, stored: Stored
) -> None:
    """It takes room on pages of the database, and is not sealed: all pages together are equal."""
    store(database, PLAYED)
    day = Span(
        SYMBOL, EXPIRY, ist(DAYS[0], "09:00"), ist(DAYS[0], "11:00" if most == 1 else "16:00")
    )
    expected = all_pages(TimeSeriesReader(database), day, most)
    assert len(expected) > 100
    assert all_pages(stored.left["everything"], day, most) == expected
