"""Chains through time: whole ranges, in order, of committed snapshots alone."""

from collections.abc import Sequence
from datetime import UTC, date, timedelta
from itertools import chain

import pytest

from chain_api.calculations.candles import VolumeCounter
from chain_api.store.header_series import Span
from chain_api.store.time_series import SeriesPosition, TimeSeriesReader
from optionchain.exchange_time import midnight_utc
from optionchain.mongo.documents import ContractDocument, contract_documents
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from tests.support.bodies import EXPIRY
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK, snapshot

NEXT = date(2026, 6, 30)
LAST = date(2026, 12, 29)
TICKS = [TICK + number * INTERVAL for number in range(6)]
CONTRACTS = [
    f"NIFTY_{side}_{strike}_23-Jun-2026" for strike in (24000, 24050) for side in ("CE", "PE")
]
WHOLE = Span("NIFTY", EXPIRY, TICKS[0], TICKS[-1])


@pytest.fixture
def series(database: AnyDatabase) -> TimeSeriesReader:
    """Six ticks of the nearest expiry; at ticks 1, 2 and 4 the others too; another symbol."""
    chains = [
        # Not in the order in which they are read.
        *(snapshot(tick=TICKS[number], expiry=day) for number in (4, 2, 1) for day in (LAST, NEXT)),
        *(
            snapshot(tick=tick, total_traded_volume=100.0 * number)
            for number, tick in enumerate(TICKS)
        ),
        *(snapshot(tick=tick, symbol="M&M") for tick in TICKS),
    ]
    store = SnapshotWriter(database)
    for each in chains:
        store.commit(Commit(each))
    return TimeSeriesReader(database)


HEADERS = [
    (number, expiry)
    for number in range(6)
    for expiry in ((EXPIRY, NEXT, LAST) if number in (1, 2, 4) else (EXPIRY,))
]


def headers(
    series: TimeSeriesReader, expiry: date | None, first: int, last: int, most: int
) -> list[tuple[int, date]]:
    found = series.headers("NIFTY", expiry, TICKS[first], TICKS[last], most)
    assert {header["symbol"] for header in found} <= {"NIFTY"}
    return [(TICKS.index(header["fetched_at"]), header["expiry"].date()) for header in found]


@pytest.mark.parametrize(("first", "last"), [(0, 5), (1, 4), (2, 2), (3, 3), (5, 5)])
def test_headers_sort_by_tick_and_expiry(first: int, last: int, series: TimeSeriesReader) -> None:
    assert headers(series, None, first, last, 100) == [
        row for row in HEADERS if first <= row[0] <= last
    ]
    for expiry in (EXPIRY, NEXT, LAST):
        expected = [row for row in HEADERS if first <= row[0] <= last and row[1] == expiry]
        assert headers(series, expiry, first, last, 100) == expected


def test_headers_of_some_ticks_are_of_one_symbol_and_expiry(series: TimeSeriesReader) -> None:
    wanted = {TICKS[number] for number in (1, 3, 4)} | {TICK - INTERVAL}
    for expiry, numbers in ((EXPIRY, [1, 3, 4]), (NEXT, [1, 4]), (date(2026, 7, 28), [])):
        found = series.headers_at(Span("NIFTY", expiry, TICKS[0], TICKS[-1]), wanted)
        assert sorted(TICKS.index(header["fetched_at"]) for header in found) == numbers
        assert all(header["fetched_at"].tzinfo for header in found)


@pytest.mark.parametrize("most", range(1, 14))
def test_headers_of_all_expiries_end_with_a_whole_tick(most: int, series: TimeSeriesReader) -> None:
    """A reader could not tell which expiries of a split tick were on the page before."""
    found = headers(series, None, 0, 5, most)
    cut = HEADERS[most - 1][0] if most <= len(HEADERS) else 5
    assert found == [row for row in HEADERS if row[0] <= cut]
    assert len(found) >= min(most, len(HEADERS))


@pytest.mark.parametrize("most", range(1, 8))
def test_headers_of_one_expiry_are_no_more_than_wanted(most: int, series: TimeSeriesReader) -> None:
    assert (
        headers(series, EXPIRY, 0, 5, most) == [row for row in HEADERS if row[1] == EXPIRY][:most]
    )


def test_a_range_without_a_header_is_empty(series: TimeSeriesReader) -> None:
    before = TICK - timedelta(days=1)
    assert series.headers("NIFTY", None, before, TICK - INTERVAL, 9) == []
    assert series.headers("IDEA", None, TICKS[0], TICKS[-1], 9) == []
    assert series.headers("NIFTY", date(2026, 7, 7), TICKS[0], TICKS[-1], 9) == []


def keys(documents: Sequence[ContractDocument]) -> list[tuple[str, int]]:
    # Instants in contracts are naive: they are written out, and not reckoned with.
    assert {each["fetched_at"].tzinfo for each in documents} <= {None}
    return [
        (each["identifier"], TICKS.index(each["fetched_at"].replace(tzinfo=UTC)))
        for each in documents
    ]


def everything(contracts: Sequence[str] = CONTRACTS) -> list[tuple[str, int]]:
    return [(name, number) for name in contracts for number in range(6)]


def test_documents_are_in_the_order_of_contracts_and_ticks(series: TimeSeriesReader) -> None:
    for contracts in (CONTRACTS, CONTRACTS[::-1]):
        found, rest = series.documents(WHOLE, contracts, None, 100)
        assert (keys(found), rest) == (everything(contracts), None)
        assert all("_id" not in each for each in found)


@pytest.mark.parametrize("contracts", [CONTRACTS, CONTRACTS[:1], CONTRACTS[1:3]])
def test_any_limit_reads_each_document_once(contracts: list[str], series: TimeSeriesReader) -> None:
    for most in (*range(1, 14), 23, 24, 25):
        position, pages = None, []
        for _ in range(30):
            found, position = series.documents(WHOLE, contracts, position, most)
            pages.append(keys(found))
            if position is None:
                break
        assert list(chain.from_iterable(pages)) == everything(contracts)
        assert all(len(page) == most for page in pages[:-1]), "no page but the last is short"
        assert pages[-1]


def test_reading_begins_at_a_position_inclusive(series: TimeSeriesReader) -> None:
    found, rest = series.documents(WHOLE, CONTRACTS, SeriesPosition(CONTRACTS[2], TICKS[4]), 100)
    expected = [(CONTRACTS[2], 4), (CONTRACTS[2], 5), *everything(CONTRACTS[3:])]
    assert (keys(found), rest) == (expected, None)


def test_documents_lie_in_their_span_both_ends_included(series: TimeSeriesReader) -> None:
    span = Span("NIFTY", EXPIRY, TICKS[1], TICKS[3])
    found, _ = series.documents(span, CONTRACTS[:2], None, 100)
    assert keys(found) == [(name, number) for name in CONTRACTS[:2] for number in (1, 2, 3)]


@pytest.mark.parametrize("most", [1, 2, 3, 5, 100])
def test_documents_that_no_header_commits_are_left_out(
    most: int, series: TimeSeriesReader, database: AnyDatabase
) -> None:
    """Else half a snapshot would be seen while the other half is being written."""
    for number in (1, 4):
        key = {"symbol": "NIFTY", "expiry": midnight_utc(EXPIRY), "fetched_at": TICKS[number]}
        assert database["snapshots"].delete_one(key).deleted_count == 1
    after = snapshot(tick=TICKS[-1] + INTERVAL)
    database["option_chain"].insert_many(list(map(dict, contract_documents(after))))
    span = Span("NIFTY", EXPIRY, TICKS[0], after.fetched_at)
    position, found = None, []
    for _ in range(40):
        page, position = series.documents(span, CONTRACTS, position, most)
        found += keys(page)
        if position is None:
            break
    assert found == [key for key in everything() if key[1] not in (1, 4)]


def test_the_header_of_another_expiry_commits_nothing(
    series: TimeSeriesReader, database: AnyDatabase
) -> None:
    orphans = snapshot(tick=TICKS[-1], expiry=NEXT)  # EXPIRY has a header at this tick
    database["option_chain"].insert_many(list(map(dict, contract_documents(orphans))))
    names = [name.replace("23-Jun", "30-Jun") for name in CONTRACTS]
    found, _ = series.documents(Span("NIFTY", NEXT, TICKS[0], TICKS[-1]), names, None, 100)
    assert keys(found) == [(name, number) for name in names for number in (1, 2, 4)]


def test_columns_are_read_alone(series: TimeSeriesReader) -> None:
    columns = ("last_price", "identifier", "fetched_at")
    found, _ = series.documents(WHOLE, CONTRACTS, None, 100, columns)
    assert keys(found) == everything()
    assert all(set(each) == set(columns) for each in found)


def test_contracts_that_do_not_exist_have_no_documents(series: TimeSeriesReader) -> None:
    assert series.documents(WHOLE, ["NIFTY_CE_1_23-Jun-2026"], None, 9) == ([], None)
    assert series.documents(WHOLE, [], None, 9) == ([], None)
    found, _ = series.documents(WHOLE, ["NIFTY_CE_1_23-Jun-2026", CONTRACTS[0]], None, 9)
    assert keys(found) == everything(CONTRACTS[:1])


@pytest.mark.parametrize(
    ("since", "until", "volume"), [(0, 5, 400.0), (0, 1, 0.0), (2, 4, 300.0), (3, 4, 300.0)]
)
def test_volumes_are_those_of_the_last_snapshot_before(
    since: int, until: int, volume: float, series: TimeSeriesReader
) -> None:
    found = series.volumes_before(WHOLE, CONTRACTS, TICKS[since], TICKS[until])
    assert found == dict.fromkeys(CONTRACTS, VolumeCounter(volume, "nse"))


def test_without_a_snapshot_before_there_are_no_volumes(series: TimeSeriesReader) -> None:
    assert series.volumes_before(WHOLE, CONTRACTS, TICKS[0], TICKS[0]) == {}
    assert series.volumes_before(WHOLE, CONTRACTS, TICK - timedelta(days=1), TICKS[0]) == {}


def test_a_contract_that_the_last_snapshot_lacks_has_the_volume_of_an_earlier_one(
    series: TimeSeriesReader, database: AnyDatabase
) -> None:
    tick = TICKS[-1] + INTERVAL
    last = snapshot([24050.0], tick=tick, total_traded_volume=700.0)
    SnapshotWriter(database).commit(Commit(last))
    found = series.volumes_before(WHOLE, [*CONTRACTS, "NIFTY_CE_1_23-Jun-2026"], TICK, tick)
    unknown = {"NIFTY_CE_1_23-Jun-2026": VolumeCounter(None, None)}
    assert found == dict.fromkeys(CONTRACTS, VolumeCounter(500.0, "nse")) | unknown
    found = series.volumes_before(WHOLE, CONTRACTS, TICK, tick + INTERVAL)
    assert [found[name].volume for name in CONTRACTS] == [500.0, 500.0, 700.0, 700.0]


def test_unfinished_volumes_are_not_seen(series: TimeSeriesReader, database: AnyDatabase) -> None:
    tick = TICKS[-1] + INTERVAL
    orphans = contract_documents(snapshot(tick=tick, total_traded_volume=9_000.0))
    database["option_chain"].insert_many(list(map(dict, orphans)))
    found = series.volumes_before(WHOLE, CONTRACTS, TICKS[0], tick + INTERVAL)
    assert {each.volume for each in found.values()} == {500.0}


def test_a_contract_is_known_once_a_document_of_it_is_stored(series: TimeSeriesReader) -> None:
    assert series.is_known(WHOLE, CONTRACTS[0])
    assert not series.is_known(WHOLE, "NIFTY_CE_1_23-Jun-2026")
    assert not series.is_known(WHOLE, CONTRACTS[0].removesuffix("6"))


def test_identifiers_are_those_of_an_expiry_whenever_they_were_stored(
    series: TimeSeriesReader, database: AnyDatabase
) -> None:
    """A leg of a single snapshot is among them; one of another symbol or expiry is not."""
    more = [24000.0, 24050.0, 24075.5]
    SnapshotWriter(database).commit(Commit(snapshot(more, tick=TICKS[-1] + INTERVAL)))
    SnapshotWriter(database).commit(Commit(snapshot([30000.0], symbol="NIFTYNXT50")))
    of_one = [f"NIFTY_{side}_24075.5_23-Jun-2026" for side in ("CE", "PE")]
    assert sorted(series.identifiers(WHOLE, ("CE", "PE"))) == sorted([*CONTRACTS, *of_one])
    assert sorted(series.identifiers(WHOLE, ("PE",))) == [CONTRACTS[1], CONTRACTS[3], of_one[1]]
    assert series.identifiers(Span("IDEA", EXPIRY, *TICKS[:2]), ("CE",)) == []
