"""Every route over a real mongod: keys, types and order. It answers whole snapshots only."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from chain_api import schemas
from optionchain.contract_lists import TERM_NAMES
from optionchain.mongo.documents import contract_documents
from optionchain.mongo.shift_register import ShiftRegister
from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.support.api import FILTER, client, commit
from tests.support.bodies import Json
from tests.support.mongomock_database import AnyDatabase
from tests.support.snapshots import INTERVAL, TICK, snapshot

JULY = date(2026, 7, 28)
DECEMBER = date(2026, 12, 29)
NEXT_YEAR = date(2027, 1, 5)
SYMBOLS = ("NIFTY", "M&M", "BAJAJ-AUTO")
SETTINGS = Settings(nse_symbols=SYMBOLS)
GAPS = "/option-chain/NIFTY/gaps"

# Every route and its model; a filter's body where there is one.
ANSWERS: list[tuple[str, Json | None, type[BaseModel]]] = [
    ("/", None, schemas.Root),
    ("/health", None, schemas.Health),
    ("/stats", None, schemas.Stats),
    ("/symbols", None, schemas.Symbols),
    ("/screener?sparkline=pcr_oi", None, schemas.Screener),
    ("/pipeline/status", None, schemas.PipelineStatus),
    ("/option-chain/NIFTY", None, schemas.Chain),
    ("/option-chain/NIFTY/strikes", None, schemas.Strikes),
    ("/option-chain/NIFTY/expiry-dates", None, schemas.ExpiryDates),
    ("/option-chain/NIFTY/analytics", None, schemas.Analytics),
    ("/option-chain/NIFTY/analytics/history", None, schemas.AnalyticsHistory),
    ("/option-chain/NIFTY/analytics/smile", None, schemas.Smile),
    ("/option-chain/NIFTY/analytics/open-interest", None, schemas.OpenInterestProfile),
    ("/option-chain/NIFTY/analytics/gamma-exposure", None, schemas.GammaExposure),
    ("/option-chain/NIFTY/analytics/term-structure", None, schemas.TermStructure),
    ("/option-chain/NIFTY/analytics/iv-rank", None, schemas.IvRank),
    ("/option-chain/NIFTY/analytics/surface", None, schemas.Surface),
    ("/option-chain/NIFTY/analytics/open-interest/history", None, schemas.OpenInterestHistory),
    (GAPS, None, schemas.Gaps),
    (FILTER, {"symbol": "NIFTY"}, schemas.FilterAnswer),
]
PATHS = [path for path, _, _ in ANSWERS]
# The keys that other people's programs rely on, in the order in which they are answered.
KEYS = {
    "/health": "status timestamp database_connected last_data_fetch reasons",
    "/stats": "total_records records_by_symbol records_by_type total_snapshots latest_fetch_time "
    "data_freshness_seconds",
    "/option-chain/NIFTY": "symbol expiry_date underlying_value timestamp exchange_timestamp "
    "age_seconds total_calls total_puts calls puts",
    "/option-chain/NIFTY/strikes": "symbol expiry_date strike_prices total_strikes",
    "/option-chain/NIFTY/expiry-dates": "symbol expiry_dates total_expiry_dates",
    GAPS: "symbol date market session interval_seconds expected_ticks ticks coverage_percent gaps",
    FILTER: "total_records records limit offset",
}


@pytest.fixture
def api(database: AnyDatabase) -> TestClient:
    """The API over an older and a newer snapshot of NIFTY, three later expiries, two stocks."""
    older = snapshot([24000.0], tick=TICK - INTERVAL, last_price=1.0)
    far = [snapshot([24000.0], expiry=day) for day in (NEXT_YEAR, DECEMBER, JULY)]
    stocks = [snapshot([42.5, 40.0], symbol=symbol, expiry=JULY) for symbol in SYMBOLS[1:]]
    # Written out of order: the API sorts by strike.
    newest = snapshot([24050.0, 9950.0, 24000.0])
    commit(database, older, newest, *far, *stocks)
    for symbol in SYMBOLS:
        TickLedger(database).claim(symbol, TICK, "me", TICK)
        TickLedger(database).record(symbol, TICK, {"outcome": "stored", "lateness_ms": 12.0})
    ShiftRegister(database).take_over(SYMBOLS, "me", TICK)
    return client(database, settings=SETTINGS)


def ask(api: TestClient, path: str, body: Json | None = None) -> Json:
    response = api.get(path) if body is None else api.post(path, json=body)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    answer: Json = response.json()
    return answer


def leaves(value: object) -> Iterator[object]:
    """Return every value of an answer that holds no other."""
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    else:
        yield value


def test_answers_are_as_they_are_documented(api: TestClient) -> None:
    """No key more, none fewer, every type as in the OpenAPI document, in its order."""
    for path, body, model in ANSWERS:
        answer = ask(api, path, body)
        model.model_validate(answer)
        fields = model.model_fields.items()
        required = [each.alias or name for name, each in fields if each.is_required()]
        assert list(answer) == required, path


def test_answers_of_an_empty_database_are_as_they_are_documented(database: AnyDatabase) -> None:
    empty = client(database, settings=SETTINGS)
    for path, body, model in ANSWERS:
        response = empty.get(path) if body is None else empty.post(path, json=body)
        if "option-chain" in path and path != GAPS:  # that nothing is recorded is what gaps tell
            assert response.status_code == 404, path
            assert response.json()["known_symbols"] == []
        else:
            model.model_validate(response.json())


def test_answers_have_the_keys_that_programs_rely_on(api: TestClient) -> None:
    for path, keys in KEYS.items():
        answer = ask(api, path, {"symbol": "NIFTY"} if path == FILTER else None)
        assert [key for key in answer if key in keys.split()] == keys.split(), path


def test_answers_carry_their_age_and_utc_with_z(api: TestClient) -> None:
    for path, body, model in ANSWERS[1:]:
        answer = ask(api, path, body)
        assert "age_seconds" in model.model_fields
        assert answer["age_seconds"] == 7.0, path
        instants = [text for text in leaves(answer) if re.match(r"\d{4}-\d\d-\d\dT", str(text))]
        assert instants
        assert all(re.fullmatch(r"[\d-]{10}T[\d:]{8}Z", str(text)) for text in instants), path


def test_chain_is_the_newest_of_the_nearest_expiry_whole_and_by_strike(api: TestClient) -> None:
    chain = ask(api, "/option-chain/NIFTY")
    assert chain["expiry_date"] == "23-Jun-2026"
    assert chain["timestamp"] == chain["last_seen_at"] == "2026-06-19T09:32:25Z"
    assert chain["exchange_timestamp"] == "2026-06-19T09:32:20Z"
    assert chain["underlying_value"] == 24013.1
    assert chain["total_calls"] == chain["total_puts"] == 3
    for side, legs in (("CE", chain["calls"]), ("PE", chain["puts"])):
        assert [leg["strike_price"] for leg in legs] == [9950.0, 24000.0, 24050.0]
        assert {leg["type"] for leg in legs} == {side}


def test_leg_is_its_whole_document_but_the_id(api: TestClient, database: AnyDatabase) -> None:
    chain = ask(api, "/option-chain/NIFTY")
    legs = {leg["identifier"]: leg for leg in (*chain["calls"], *chain["puts"])}
    query = {"fetched_at": TICK, "symbol": "NIFTY", "expiry_date": "23-Jun-2026"}
    documents = list(database["option_chain"].find(query))
    assert len(legs) == len(documents) == 6
    for document in documents:
        del document["_id"]
        shown = {
            name: value.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(value, datetime) else value
            for name, value in document.items()
        }
        leg = legs[document["identifier"]]
        assert leg == shown
        assert list(leg) == list(document) == list(schemas.Contract.model_fields)
        assert {name: type(value) for name, value in leg.items()} == {
            name: type(value) for name, value in shown.items()
        }


def test_missing_number_is_null_and_a_zero_is_zero(database: AnyDatabase) -> None:
    commit(database, snapshot([100.0], last_price=None, bid_price=None, bid_qty=0))
    (call,) = ask(client(database), "/option-chain/NIFTY")["calls"]
    assert (call["last_price"], call["bid_price"], call["bid_qty"]) == (None, None, 0)


def test_expiry_can_be_named_in_both_ways_and_in_any_case(api: TestClient) -> None:
    for below in ("", "/strikes"):
        for expiry in ("28-Jul-2026", "28-JUL-2026", "2026-07-28"):
            answer = ask(api, f"/option-chain/NIFTY{below}?expiry={expiry}")
            assert answer["expiry_date"] == "28-Jul-2026"


def test_symbol_is_known_in_any_case(api: TestClient) -> None:
    for below in ("", "/strikes", "/expiry-dates"):
        for spelling in ("nifty", "NiFtY", "%20nifty"):
            assert ask(api, f"/option-chain/{spelling}{below}")["symbol"] == "NIFTY"
        for spelling in ("M%26M", "m&m"):
            assert ask(api, f"/option-chain/{spelling}{below}")["symbol"] == "M&M"
        assert ask(api, f"/option-chain/bajaj-auto{below}")["symbol"] == "BAJAJ-AUTO"


@pytest.mark.usefixtures("api")
def test_an_expiry_is_the_nearest_until_its_day_has_passed(database: AnyDatabase) -> None:
    """Days change at midnight in India, 18:30 UTC."""
    for hour, expected in ((18, "23-Jun-2026"), (19, "28-Jul-2026")):
        now = datetime(2026, 6, 23, hour, tzinfo=UTC)
        assert ask(client(database, now), "/option-chain/NIFTY")["expiry_date"] == expected
    # One that has passed can still be asked for.
    later = client(database, now)
    assert ask(later, "/option-chain/NIFTY?expiry=23-Jun-2026")["total_calls"] == 3


@pytest.mark.usefixtures("api")
def test_where_every_expiry_has_passed_the_last_chain_is_answered(database: AnyDatabase) -> None:
    later = client(database, datetime(2027, 3, 1, tzinfo=UTC))
    assert ask(later, "/option-chain/M%26M")["expiry_date"] == "28-Jul-2026"
    assert ask(later, "/option-chain/M%26M/expiry-dates")["expiry_dates"] == ["28-Jul-2026"]


def test_age_runs_from_the_last_confirmation(database: AnyDatabase, store: SnapshotWriter) -> None:
    store.commit(Commit(snapshot()))
    header = store.latest_header("NIFTY")
    assert header is not None
    store.confirm(header, TICK + INTERVAL)
    chain = ask(client(database), "/option-chain/NIFTY")
    assert chain["timestamp"] == "2026-06-19T09:32:25Z"
    assert chain["last_seen_at"] == "2026-06-19T09:32:30Z"
    assert chain["age_seconds"] == 2.0
    # The clock of the recorder may be ahead of ours.
    early = client(database, TICK - timedelta(hours=1))
    assert ask(early, "/option-chain/NIFTY")["age_seconds"] == 0.0


def test_strikes_are_in_order(api: TestClient) -> None:
    strikes = ask(api, "/option-chain/NIFTY/strikes")
    assert strikes["strike_prices"] == [9950.0, 24000.0, 24050.0]
    assert strikes["total_strikes"] == 3
    assert ask(api, "/option-chain/M%26M/strikes")["strike_prices"] == [40.0, 42.5]


def test_expiry_dates_are_in_order_of_date_not_of_letter(api: TestClient) -> None:
    answer = ask(api, "/option-chain/NIFTY/expiry-dates")
    by_date = ["23-Jun-2026", "28-Jul-2026", "29-Dec-2026", "05-Jan-2027"]
    assert answer["expiry_dates"] == by_date != sorted(by_date)
    assert answer["total_expiry_dates"] == 4


def filtered(api: TestClient, **wanted: object) -> Json:
    return ask(api, FILTER, {"symbol": "NIFTY", **wanted})


def test_filter_without_an_expiry_reads_the_latest_chain_of_every_expiry(api: TestClient) -> None:
    answer = filtered(api)
    assert answer["total_records"] == len(answer["records"]) == 12
    assert (answer["limit"], answer["offset"]) == (100, 0)
    order = [(row["expiry"], row["strike_price"], row["type"]) for row in answer["records"]]
    assert order == sorted(order)
    assert len({row["expiry_date"] for row in answer["records"]}) == 4
    assert {row["last_price"] for row in answer["records"]} == {101.35}


def test_filter_by_side_strike_and_expiry(api: TestClient) -> None:
    for wanted, total in (
        ({"option_type": "CE"}, 6),
        ({"option_type": "PE", "strike_price_max": 9950}, 1),
        ({"strike_price_min": 24050}, 2),
        ({"strike_price_min": 24000, "strike_price_max": 24000}, 8),
        ({"strike_price_min": 24000.5, "strike_price_max": 24001}, 0),
        ({"expiry_date": "23-Jun-2026"}, 6),
        ({"expiry_date": "2026-06-23", "option_type": "CE", "strike_price_min": 24000}, 2),
        ({"option_type": None, "expiry_date": None, "strike_price_min": None}, 12),
    ):
        answer = filtered(api, **wanted)
        assert answer["total_records"] == len(answer["records"]) == total, wanted


@pytest.mark.usefixtures("api")
def test_filter_is_as_old_as_the_oldest_chain_it_read(database: AnyDatabase) -> None:
    commit(database, snapshot(tick=TICK + INTERVAL))
    again = client(database)
    assert filtered(again)["age_seconds"] == 7.0
    assert filtered(again, expiry_date="23-Jun-2026")["age_seconds"] == 2.0


def test_filter_takes_a_symbol_in_any_case(api: TestClient) -> None:
    assert {row["symbol"] for row in filtered(api, symbol="m&m")["records"]} == {"M&M"}


def test_no_route_shows_contracts_without_a_header(api: TestClient, database: AnyDatabase) -> None:
    """A writer leaves such contracts if it is killed, or has not written the header yet."""
    before = {path: ask(api, path, body) for path, body, _ in ANSWERS}
    half: list[Any] = [
        *contract_documents(snapshot([24000.0, 25000.0], tick=TICK + INTERVAL))[:3],
        *contract_documents(snapshot([1.0], expiry=date(2026, 6, 22))),
        *contract_documents(snapshot([2.0], symbol="IDEA")),
    ]
    database["option_chain"].insert_many(half)
    after = {path: ask(api, path, body) for path, body, _ in ANSWERS}
    for answers in (before, after):
        answers["/stats"].pop("bytes")
    assert after == before
    assert api.get("/option-chain/IDEA").status_code == 404
    assert api.get("/option-chain/NIFTY", params={"expiry": "22-Jun-2026"}).status_code == 404


def test_stats_count_what_is_committed(api: TestClient) -> None:
    stats = ask(api, "/stats")
    assert stats.pop("bytes")["data"] > 0
    assert stats == {
        "bytes_reason": None,
        "compression": {
            name: {"data": "zstd", "indexes": "zstd"}
            for name in ("option_chain", "snapshots", "ticks")
        },
        "compression_reason": None,
        "archive": None,
        "total_records": 22,
        "records_by_symbol": {"BAJAJ-AUTO": 4, "M&M": 4, "NIFTY": 14},
        "records_by_source": {"nse": 22},
        "records_by_type": {"CE": 11, "PE": 11},
        "total_snapshots": 7,
        "latest_fetch_time": "2026-06-19T09:32:25Z",
        "data_freshness_seconds": 7.0,
        "age_seconds": 7.0,
    }


def test_symbols_are_listed_with_their_expiries_and_last_snapshot(api: TestClient) -> None:
    answer = ask(api, "/symbols")
    terms: dict[str, str | None] = {"expiry_date": "28-Jul-2026"}
    for name in TERM_NAMES:
        terms |= {name: None, f"{name}_reason": "not_read"}
    assert [row["symbol"] for row in answer["symbols"]] == ["BAJAJ-AUTO", "M&M", "NIFTY"]
    assert answer["total_symbols"] == 3
    assert answer["symbols"][1] == {
        "symbol": "M&M",
        "expiry_dates": ["28-Jul-2026"],
        "expiries": [
            {
                "expiry_date": "28-Jul-2026",
                "last_seen_at": "2026-06-19T09:32:25Z",
                "exchange_timestamp": "2026-06-19T09:32:20Z",
                "source": "nse",
                "derived": [],
                "dated_by": "exchange",
            }
        ],
        "last_snapshot": "2026-06-19T09:32:25Z",
        "last_seen_at": "2026-06-19T09:32:25Z",
        "underlying_value": 24013.1,
        "age_seconds": 7.0,
        "settled": False,
        "contract_terms": [terms],
        "kind": None,
        "tier": "BASE",
        "interval_seconds": 5,
        "listed_since": None,
        "lost_since": None,
    }


def test_health_has_the_last_outcome_of_each_symbol(api: TestClient) -> None:
    health = ask(api, "/health")
    assert health["status"] == "healthy"
    assert health["reasons"] == []
    assert health["last_data_fetch"] == "2026-06-19T09:32:25Z"
    assert health["last_outcomes"] == {
        symbol: {"tick": "2026-06-19T09:32:25Z", "outcome": "stored"} for symbol in SYMBOLS
    }


def test_gaps_name_outcome_and_reason(api: TestClient, database: AnyDatabase) -> None:
    ledger = TickLedger(database)
    for number in (2, 3):
        ledger.claim("NIFTY", TICK - number * INTERVAL, "me", TICK)
    entry = {"outcome": "failed", "reason": "timeout", "detail": "not for readers"}
    ledger.record("NIFTY", TICK - 3 * INTERVAL, entry)
    answer = ask(api, GAPS)
    counted = {"stored": 1, "unchanged": 0, "failed": 1, "skipped": 0, "open": 1}
    missing = {"missing": answer["expected_ticks"] - 3, "off_duty": 0, "stopped": 0}
    assert answer["ticks"] == counted | missing
    assert [(gap["outcome"], gap["reason"], gap["ticks"]) for gap in answer["gaps"]] == [
        ("missing", None, 4_166),
        ("failed", "timeout", 1),
        ("open", None, 1),
        ("missing", None, 1),
    ]
    assert answer["gaps"][-1]["end"] == "2026-06-19T09:32:25Z"
    assert "not for readers" not in str(answer)
