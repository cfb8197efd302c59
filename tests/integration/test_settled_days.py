"""What is made of whole days is made of their settled chains, page by page."""

from datetime import date
from typing import Any

import pytest
from starlette.testclient import TestClient

from optionchain.mongo.snapshot_writer import Commit, SnapshotWriter
from optionchain.snapshot import Snapshot
from tests.support.api import CHAIN, all_records, client, commit, problem, read
from tests.support.bodies import EXPIRY
from tests.support.histories import iso, ist
from tests.support.snapshots import snapshot

THURSDAY, FRIDAY = date(2026, 6, 18), date(2026, 6, 19)
STRIKES = (24000.0, 24050.0)
# By tick of each day: last price, volume so far, open interest.
TICKS = {
    "09:20": (10.0, 100.0, 900.0),
    "12:00": (14.0, 300.0, 950.0),
    "15:29": (11.0, 500.0, 990.0),
    "15:35": (11.5, 520.0, 1_000.0),
}
REWRITTEN = (17.0, 520.0, 970.0)


def chain(day: date, clock: str, numbers: tuple[float, float, float], iv: float = 12.5) -> Snapshot:
    price, volume, interest = numbers
    tick = ist(day, clock)
    stamp = min(tick, ist(day, "15:30"))
    return snapshot(
        STRIKES,
        tick=tick,
        stamp=stamp,
        last_price=price,
        total_traded_volume=volume,
        open_interest=interest,
        implied_volatility=iv,
    )


@pytest.fixture
def api(store: SnapshotWriter) -> TestClient:
    """Two days. The first was rewritten by 19:45; of the second only volatilities had moved."""
    for day in (THURSDAY, FRIDAY):
        commit(store._database, *(chain(day, *tick) for tick in TICKS.items()), rate=5.5)
    store.commit(Commit(chain(THURSDAY, "19:45", REWRITTEN), revised=True, settled=True))
    store.commit(Commit(chain(FRIDAY, "19:45", TICKS["15:35"], iv=13.0), revised=True))
    newest = store.latest_header("NIFTY", EXPIRY)
    assert newest is not None
    store.confirm(newest, ist(FRIDAY, "21:00"), settled=True)
    return client(store._database, ist(FRIDAY, "22:00"))


def days(api: TestClient, **query: object) -> list[dict[str, Any]]:
    """Return the daily candles of one contract."""
    given: dict[str, object] = {"from_": THURSDAY, "strike": 24000, "option_type": "CE"}
    found: list[dict[str, Any]] = read(api, f"{CHAIN}/history", interval="1d", **given, **query)[
        "records"
    ]
    return found


def test_a_candle_of_a_day_closes_with_the_settled_chain(api: TestClient) -> None:
    names = ("open", "high", "low", "close", "open_interest", "volume", "settled")
    thursday, friday = ([candle[name] for name in names] for candle in days(api))
    assert thursday == [10.0, 14.0, 10.0, 17.0, 970.0, 520.0, True]
    assert friday == [10.0, 14.0, 10.0, 11.5, 1_000.0, 520.0, True]


@pytest.mark.parametrize(
    ("to", "flags"),
    [
        ("2026-06-18T15:40:00", [False]),
        ("2026-06-18T19:45:00", [True]),
        ("2026-06-19T19:45:00", [True, False]),  # was settled later, and by no new chain
        ("2026-06-19T20:59:59", [True, False]),
        ("2026-06-19T21:00:00", [True, True]),
        ("2026-06-19", [True, True]),
    ],
)
def test_a_day_is_settled_from_the_tick_on_that_found_it_out(
    to: str, flags: list[bool], api: TestClient
) -> None:
    """Such an answer does not change later: caches keep it."""
    assert [candle["settled"] for candle in days(api, to=to)] == flags


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("interval", ["5s", "5m", "1h", "7h", "1d"])
def test_pages_make_up_the_whole_whatever_the_evening_adds(
    interval: str, limit: int, api: TestClient
) -> None:
    """The evening is in no shorter interval, and the last values are in that of the close."""
    per_day = {"5s": 4, "5m": 3, "1h": 3, "7h": 1, "1d": 1}[interval]
    last = {"5s": "15:29:55", "5m": "15:25", "1h": "15:15", "7h": "09:15", "1d": "09:15"}
    for path, number in (("history", 2 * 2 * len(STRIKES)), ("analytics/history", 2)):
        given: dict[str, object] = {"from_": THURSDAY, "to": FRIDAY, "interval": interval}
        given |= {"strike_min": 0} if path == "history" else {"metric": "pcr_oi,underlying_value"}
        whole = read(api, f"{CHAIN}/{path}", **given)["records"]
        assert len(whole) == number * per_day
        assert max(row["timestamp"] for row in whole) == iso(ist(FRIDAY, last[interval]))
        assert all_records(api, f"{CHAIN}/{path}", limit=limit, **given) == whole
        assert {row["settled"] for row in whole} == {interval == "1d"}


@pytest.mark.parametrize("path", ["history", "analytics/history"])
def test_a_range_of_the_evening_alone_has_no_shorter_interval(path: str, api: TestClient) -> None:
    given: dict[str, object] = {"from_": f"{FRIDAY}T19:00:00", "to": f"{FRIDAY}T22:00:00"}
    given |= {"identifier": "NIFTY_CE_24000_23-Jun-2026"} if path == "history" else {}
    for interval, records in (("5s", 0), ("15m", 0), ("1d", 1)):
        answer = read(api, f"{CHAIN}/{path}", **given, limit=1, interval=interval)
        assert (len(answer["records"]), answer["settled"]) == (records, True)


@pytest.mark.parametrize("interval", ["5s", "1m", "4h"])
def test_the_numbers_of_an_interval_do_not_change_in_the_evening(
    interval: str, store: SnapshotWriter, api: TestClient
) -> None:
    given: dict[str, object] = {"from_": THURSDAY, "interval": interval}
    windows = (("history", {"strike_min": 0}), ("analytics/history", {"metric": "pcr_oi,atm_iv"}))

    def answers() -> list[Any]:
        return [read(api, f"{CHAIN}/{path}", **given, **more)["records"] for path, more in windows]

    after = answers()
    evenings = [ist(day, "19:45") for day in (THURSDAY, FRIDAY)]
    store._database["snapshots"].delete_many({"fetched_at": {"$in": evenings}})
    assert after == answers()
    assert all(after)


# ── from the previous close ──────────────────────────────────────────────────────────────────

CHANGES = f"{CHAIN}/changes"


def interest(answer: dict[str, Any]) -> tuple[float, float]:
    """Return the open interest of every contract at both ends."""
    (ends,) = {(row["open_interest_from"], row["open_interest_to"]) for row in answer["records"]}
    return ends


@pytest.mark.parametrize(
    ("to", "ends", "settled"),
    [
        (f"{FRIDAY}T12:30:00", (970.0, 950.0), (True, False)),
        (f"{FRIDAY}T19:50:00", (970.0, 1_000.0), (True, False)),
        (f"{FRIDAY}", (970.0, 1_000.0), (True, True)),
        (f"{FRIDAY}T21:30:00", (970.0, 1_000.0), (True, True)),
    ],
)
def test_changes_from_the_previous_close_are_from_the_settled_chain(
    to: str, ends: tuple[float, float], settled: tuple[bool, bool], api: TestClient
) -> None:
    given: dict[str, object] = {"from_": "previous_close", "to": to}
    answer = read(api, CHANGES, **given)
    assert interest(answer) == ends
    assert (answer["from"]["settled"], answer["to"]["settled"]) == settled
    assert answer["settled"] is all(settled)
    assert answer["from"]["timestamp"] == iso(ist(THURSDAY, "19:45"))
    assert {row["total_traded_volume_change"] for row in answer["records"]} == {None}
    assert all_records(api, CHANGES, limit=1, **given) == answer["records"]


@pytest.mark.usefixtures("api")
def test_before_a_session_they_are_those_of_the_day_before(store: SnapshotWriter) -> None:
    """A chain is not compared with itself: on Monday morning the latest chain is of Friday."""
    monday = client(store._database, ist(date(2026, 6, 22), "08:00"))
    answer = read(monday, CHANGES, from_="previous_close")
    assert interest(answer) == (970.0, 1_000.0)
    assert answer["settled"] is True


def test_a_day_without_a_settled_chain_gives_its_last_one_and_says_so(
    store: SnapshotWriter, api: TestClient
) -> None:
    headers = store._database["snapshots"]
    headers.delete_one({"fetched_at": ist(THURSDAY, "19:45")})
    answer = read(api, CHANGES, from_="previous_close")
    assert interest(answer) == (1_000.0, 1_000.0)
    assert (answer["from"]["settled"], answer["to"]["settled"]) == (False, True)
    assert answer["settled"] is False
    # A settled chain is preferred to whatever was read after it.
    headers.update_one({"fetched_at": ist(THURSDAY, "12:00")}, {"$set": {"settled": True}})
    assert interest(read(api, CHANGES, from_="previous_close")) == (950.0, 1_000.0)


def test_a_day_without_a_chain_is_no_previous_close(store: SnapshotWriter, api: TestClient) -> None:
    """The chain of a day before that is not taken for it."""
    store.commit(Commit(chain(date(2026, 6, 17), "15:35", REWRITTEN), settled=True))
    midnight = ist(THURSDAY, "00:00")
    thursday = {"fetched_at": {"$gte": midnight, "$lt": ist(FRIDAY, "00:00")}}
    store._database["snapshots"].delete_many(thursday)
    response = api.get(CHANGES, params={"from": "previous_close"})
    body = problem(response, 404, "no-previous-close")
    assert (body["field"], body["date"]) == ("from", "2026-06-18")


@pytest.mark.parametrize(
    "path",
    ["/snapshots?from=", "/history?strike=24000&from=", "/changes?from=10:00&to=", "?as_of="],
)
def test_nothing_else_may_be_the_previous_close(path: str, api: TestClient) -> None:
    problem(api.get(f"{CHAIN}{path}previous_close"), 422, "invalid-request")
