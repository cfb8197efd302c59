"""Every answer says where its numbers come from, and what dates them."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from optionchain.analytics import analytics_of
from optionchain.exchange_time import expiry_text
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.settings import Settings
from optionchain.snapshot import Snapshot
from tests.support.api import CHAIN, FILTER, answered, client, read
from tests.support.bodies import EXPIRY
from tests.support.histories import ist
from tests.support.mongomock_database import AnyDatabase, memory_database, uses_mongomock
from tests.support.two_sources import DERIVED, VENDOR, session, stamped, unstamped

pytestmark = uses_mongomock

FRIDAY = date(2026, 6, 19)
NEXT = date(2026, 6, 30)
SECOND = timedelta(seconds=1)
STATES = session(FRIDAY, 3, opens="10:00:00")
TICKS = [state.at + 5 * SECOND for state in STATES]
NOW = TICKS[-1] + 5 * SECOND
OF_NSE: dict[str, Any] = {"source": "nse", "derived": [], "dated_by": "exchange"}
OF_VENDOR: dict[str, Any] = {"source": VENDOR, "derived": list(DERIVED), "dated_by": "receipt"}


def stored(database: AnyDatabase, *snapshots: Snapshot) -> None:
    writer, derive = SnapshotWriter(database), partial(analytics_of, rate=5.5)
    for each in snapshots:
        writer.commit(Commit(each, derive=derive))


@pytest.fixture
def database() -> AnyDatabase:
    """One expiry of the site and then of a vendor, and another one of the site alone."""
    database = memory_database()
    first, second, third = STATES
    stored(
        database,
        stamped(first, TICKS[0]),
        replace(stamped(first, TICKS[0]), expiry=NEXT),
        unstamped(second, TICKS[1]),
        unstamped(third, TICKS[2]),
    )
    return database


@pytest.fixture
def api(database: AnyDatabase) -> TestClient:
    return client(database, NOW)


def at(path: str, name: str, value: str) -> str:
    """Return a path with one more parameter."""
    return f"{path}{'&' if '?' in path else '?'}{name}={value}"


def provenance_in(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: answer[name] for name in OF_NSE}


ONE_SNAPSHOT = (
    CHAIN,
    f"{CHAIN}?layout=rows",
    f"{CHAIN}?layout=columns",
    f"{CHAIN}?greeks=true",
    f"{CHAIN}/strikes",
    *(f"{CHAIN}/analytics{kind}" for kind in ("", "/smile", "/open-interest", "/gamma-exposure")),
)
LISTS = (
    f"{CHAIN}/snapshots",
    f"{CHAIN}/history?strike=24000&option_type=CE",
    f"{CHAIN}/history?strike=24000&option_type=CE&interval=1m",
    f"{CHAIN}/analytics/history",
    f"{CHAIN}/analytics/open-interest/history",
    f"{CHAIN}/changes?from=10:00:05",
)


@pytest.mark.parametrize("path", ONE_SNAPSHOT)
def test_an_answer_of_one_snapshot_names_its_source(path: str, api: TestClient) -> None:
    answer = read(api, path)
    assert provenance_in(answer) == OF_VENDOR
    assert answer["exchange_timestamp"] is None
    assert all(provenance_in(row) == OF_VENDOR for row in answer.get("expiries", []))
    before = read(api, at(path, "as_of", "10:00:05"))
    assert provenance_in(before) == OF_NSE
    assert before["exchange_timestamp"] is not None


@pytest.mark.parametrize("path", LISTS)
def test_a_list_names_the_source_of_its_end(path: str, api: TestClient) -> None:
    assert provenance_in(read(api, path)) == OF_VENDOR
    assert provenance_in(read(api, at(path, "to", "10:00:05"))) == OF_NSE


@pytest.mark.parametrize("path", [*ONE_SNAPSHOT, *LISTS])
def test_the_header_names_it_too(path: str, api: TestClient) -> None:
    answer = answered(api, path)
    assert answer.headers["X-Source"] == VENDOR
    again = api.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.headers["X-Source"]) == (304, VENDOR)


@pytest.mark.parametrize("path", [f"{CHAIN}?expiry=all", f"{CHAIN}/expiry-dates"])
def test_an_answer_of_several_sources_names_them_all(path: str, api: TestClient) -> None:
    answer = answered(api, path)
    mixed = {"source": f"{VENDOR},nse", "derived": list(DERIVED), "dated_by": "receipt"}
    assert provenance_in(answer.json()) == mixed
    assert answer.headers["X-Source"] == f"{VENDOR},nse"
    rows = [provenance_in(row) for row in answer.json().get("expiries", [OF_VENDOR, OF_NSE])]
    assert rows == [OF_VENDOR, OF_NSE]


def test_the_filter_names_it(api: TestClient) -> None:
    for expiry, told in ((EXPIRY, OF_VENDOR), (NEXT, OF_NSE)):
        answer = api.post(FILTER, json={"symbol": "NIFTY", "expiry_date": expiry_text(expiry)})
        assert provenance_in(answer.json()) == told
        assert answer.headers["X-Source"] == told["source"]
        assert all("source" not in row for row in answer.json()["records"])


@pytest.mark.parametrize(
    ("path", "rows"),
    [(CHAIN, "calls"), (f"{CHAIN}?expiry=all", "puts"), (f"{CHAIN}?greeks=true", "calls")],
)
def test_the_contracts_of_a_chain_have_the_same_fields_whatever_the_source(
    path: str, rows: str, api: TestClient
) -> None:
    vendor, site = read(api, path)[rows], read(api, at(path, "as_of", "10:00:05"))[rows]
    assert {frozenset(row) for row in vendor} == {frozenset(row) for row in site}
    assert "source" not in vendor[0]
    table = at(path, "format", "csv")
    names = answered(api, table).text.splitlines()[0]
    assert names == answered(api, at(table, "as_of", "10:00:05")).text.splitlines()[0]
    lines = answered(api, at(path, "format", "ndjson")).text.splitlines()
    assert all("source" not in orjson.loads(line) for line in lines)


def test_the_records_of_a_list_name_their_sources(api: TestClient) -> None:
    expected = ["nse", VENDOR, VENDOR]
    history = f"{CHAIN}/history?identifier=NIFTY_CE_24000_{expiry_text(EXPIRY)}"
    lists = (f"{CHAIN}/snapshots", f"{CHAIN}/analytics/history")
    for path in (*lists, history, f"{history}&columns=source"):
        assert [row["source"] for row in read(api, path)["records"]] == expected
        lines = answered(api, at(path, "format", "csv")).text.splitlines()
        column = lines[0].split(",").index("source")
        assert [line.split(",")[column] for line in lines[1:]] == expected
    dated = [row["dated_by"] for row in read(api, f"{CHAIN}/snapshots")["records"]]
    assert dated == ["exchange", "receipt", "receipt"]
    stamps = [row["exchange_timestamp"] for row in read(api, history)["records"]]
    assert [stamp is None for stamp in stamps] == [False, True, True]


def test_both_ends_of_changes_name_theirs(api: TestClient) -> None:
    answer = read(api, f"{CHAIN}/changes", from_="10:00:05")
    assert [provenance_in(answer[end]) for end in ("from", "to")] == [OF_NSE, OF_VENDOR]


def test_a_flat_table_of_analytics_has_them(api: TestClient) -> None:
    names, row = answered(api, f"{CHAIN}/analytics", format="csv").text.splitlines()
    record = dict(zip(names.split(","), row.split(","), strict=True))
    assert (record["source"], record["dated_by"]) == (VENDOR, "receipt")
    assert record["exchange_timestamp"] == ""


def test_symbols_tell_it_by_expiry(api: TestClient) -> None:
    (row,) = read(api, "/symbols")["symbols"]
    told = [(each["expiry_date"], provenance_in(each)) for each in row["expiries"]]
    assert told == [(expiry_text(EXPIRY), OF_VENDOR), (expiry_text(NEXT), OF_NSE)]


def test_the_entity_tag_changes_with_the_source() -> None:
    """Whatever else is the same: the numbers, their tick and their contracts."""
    tags = []
    for source in ("nse", VENDOR):
        database = memory_database()
        stored(database, replace(unstamped(STATES[0], TICKS[0]), source=source, derived=()))
        tags.append(answered(client(database, NOW), CHAIN).headers["ETag"].split(".")[0])
    assert tags[0] != tags[1]


@pytest.mark.parametrize(
    ("source", "choice", "expected"),
    [
        (VENDOR, "exchange", "vendor"),
        ("nse", "exchange", "exchange"),
        (VENDOR, "price", "mid"),
        ("nse", "price", "mid"),
    ],
)
def test_a_volatility_is_of_whom_it_was_sent_by(source: str, choice: str, expected: str) -> None:
    chain = {VENDOR: unstamped, "nse": stamped}[source](STATES[0], TICKS[0])
    quotes = tuple(quote._replace(last_price=100.0) for quote in chain.quotes)
    database = memory_database()
    stored(database, replace(chain, quotes=quotes))
    answer = read(client(database, NOW), CHAIN, greeks="true", iv_source=choice)
    assert {leg["iv_source"] for leg in answer["calls"]} == {expected}
    assert answer["model"]["iv_source"] == choice
    smile = read(client(database, NOW), f"{CHAIN}/analytics/smile", iv_source=choice)
    assert set(smile["call_iv_source"]) == {expected}


def test_the_exchange_s_daily_file_dates_its_chains() -> None:
    database = memory_database()
    stored(database, replace(unstamped(STATES[0], TICKS[0]), source="bhavcopy"))
    answer = read(client(database, NOW), CHAIN)
    assert (answer["source"], answer["dated_by"]) == ("bhavcopy", "exchange")


@pytest.mark.parametrize(
    ("moved_ago", "expected"), [(300, []), (301, [("source_stale", "NIFTY", 301)])]
)
def test_numbers_without_a_stamp_must_have_moved_lately(
    moved_ago: int, expected: list[tuple[str, str, float]]
) -> None:
    database = memory_database()
    now = ist(FRIDAY, "10:30:00")
    body = unstamped(STATES[0], now - moved_ago * SECOND)
    stored(database, body)
    store = SnapshotWriter(database)
    header = store.latest_header("NIFTY")
    assert header is not None
    store.confirm(header, now)
    settings = replace(Settings(), nse_symbols=("NIFTY",))
    reasons = client(database, now, settings).get("/health").json()["reasons"]
    found = [(each["code"], each["symbol"], each["age_seconds"]) for each in reasons]
    assert found == expected
