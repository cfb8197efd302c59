"""Histories and snapshots over a real mongod: what was stored, and nothing else."""

from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

import pytest

from tests.integration.conftest import Stored
from tests.support import histories
from tests.support.histories import DAYS, EXPIRY, LATER, Json, ask, every, header, iso, ist, legs

FIRST, LAST = ist(DAYS[0], "00:00"), ist(DAYS[2], "18:00")
WHOLE: Mapping[str, Any] = {"from_": DAYS[0], "to": DAYS[2], "limit": 10_000}
ALL: Mapping[str, Any] = {**WHOLE, "strike_min": 0}
LOWEST = (histories.OF_ONE_AFTERNOON, histories.GONE_ON_THE_LAST_DAY)
SINCE = (histories.SINCE_MIDDAY, histories.SINCE_THE_SECOND_DAY)
SEED = 3


def near(stored: Stored) -> list[Json]:
    """Every document of the nearest expiry."""
    return stored.sessions.documents(EXPIRY, FIRST, LAST)


@pytest.mark.parametrize("expiry", [EXPIRY, LATER])
def test_whole_history_is_each_document_once_in_order(stored: Stored, expiry: date) -> None:
    """By strike, the call before the put, by time; field by field as it was stored."""
    expected = stored.sessions.documents(expiry, FIRST, LAST)
    answer = ask(stored.api, "/history", **ALL, expiry=expiry)
    assert answer["next"] is None
    assert answer["records"] == expected


def test_history_says_at_each_tick_what_the_chain_as_of_it_says(stored: Stored) -> None:
    records = ask(stored.api, "/history", **ALL)["records"]
    by_tick: dict[str, list[Json]] = {}
    for record in records:
        assert record.pop("source") == "nse"  # the chain says it once
        by_tick.setdefault(record["fetched_at"], []).append(record)
    for snapshot in stored.sessions.of(EXPIRY, FIRST, LAST):
        tick = iso(snapshot.fetched_at)
        chain = ask(stored.api, "", as_of=tick, expiry=EXPIRY)
        assert chain["source"] == "nse"
        assert legs(chain) == by_tick.pop(tick)
    assert not by_tick


@pytest.mark.parametrize(
    ("query", "strikes", "sides"),
    [
        ({"strike_min": 2987.5, "strike_max": 3012.5}, (2987.5, 3000.0, 3012.5), "CE PE"),
        ({"strike_min": 3025}, (3025.0, *SINCE), "CE PE"),
        ({"strike_max": 2962.5, "option_type": "PE"}, (*LOWEST, 2962.5), "PE"),
        ({"strike": histories.WITHOUT_PUT}, (histories.WITHOUT_PUT,), "CE"),
        ({"strike": 2962.5, "option_type": "PE"}, (2962.5,), "PE"),
        ({"strike": "3000"}, (3000.0,), "CE PE"),
        ({"identifier": "M&M_PE_2962.5_30-Jun-2026"}, (2962.5,), "PE"),
        ({"identifier": "m&m_ce_3000.0_30-jun-2026"}, (3000.0,), "CE"),
        ({"strike_min": 3500}, (), ""),
    ],
)
def test_history_is_of_the_contracts_that_are_named(
    stored: Stored, query: Json, strikes: tuple[float, ...], sides: str
) -> None:
    wanted = [
        row for row in near(stored) if row["strike_price"] in strikes and row["type"] in sides
    ]
    assert bool(wanted) == bool(strikes)
    assert ask(stored.api, "/history", **WHOLE, **query)["records"] == wanted


@pytest.mark.parametrize("each_side", [0, 1, 2, 500])
def test_window_around_the_money_is_of_the_newest_snapshot(stored: Stored, each_side: int) -> None:
    """By its underlying and its strikes, whatever the underlying was before."""
    random = Random(SEED)
    for newest in random.sample(stored.sessions.of(EXPIRY, FIRST, LAST), 10):
        strikes = sorted({quote.strike_price for quote in newest.quotes})
        price = newest.underlying_value or 0.0
        at = min(range(len(strikes)), key=lambda rank: abs(strikes[rank] - price))
        window = strikes[max(at - each_side, 0) : at + each_side + 1]
        expected = stored.sessions.documents(EXPIRY, FIRST, newest.fetched_at)
        given = {**WHOLE, "to": iso(newest.fetched_at), "strikes_around_atm": each_side}
        assert ask(stored.api, "/history", **given)["records"] == [
            row for row in expected if row["strike_price"] in window
        ]


def test_history_of_any_range_is_what_was_stored_in_it(stored: Stored) -> None:
    """Both ends belong to it, and either may be a tick, or lie between ticks."""
    random = Random(SEED)
    ticks = [each.fetched_at for each in stored.sessions.of(EXPIRY, FIRST, LAST)]
    for _ in range(40):
        start, end = sorted(random.sample(ticks, 2))
        expected = stored.sessions.documents(EXPIRY, start, end)
        given = {**ALL, "from_": iso(start), "to": iso(end)}
        assert ask(stored.api, "/history", **given)["records"] == expected


@pytest.mark.parametrize("limit", [3, 64])
def test_pages_of_a_history_make_up_the_whole(stored: Stored, limit: int) -> None:
    window = {"strike_min": 3025.0} if limit < 10 else {"strike_min": 0}
    records = every(stored.api, "/history", **{**WHOLE, **window, "limit": limit})
    assert records == [row for row in near(stored) if row["strike_price"] >= window["strike_min"]]


def test_a_strike_is_in_its_window_whenever_it_was_listed(stored: Stored) -> None:
    """Listed in mid-session, from the second day on, gone on the last, or for one afternoon."""
    records = ask(stored.api, "/history", **ALL)["records"]
    seen = {
        strike: [row["fetched_at"] for row in records if row["strike_price"] == strike]
        for strike in (*SINCE, *LOWEST)
    }
    ticks = {day: [iso(tick) for tick in stored.sessions.ticks(day)] for day in DAYS}
    assert ticks[DAYS[0]][0] < min(seen[histories.SINCE_MIDDAY]) < ticks[DAYS[0]][-1]
    assert min(seen[histories.SINCE_THE_SECOND_DAY]) == ticks[DAYS[1]][0]
    assert max(seen[histories.GONE_ON_THE_LAST_DAY]) == ticks[DAYS[1]][-1]
    afternoon = seen[histories.OF_ONE_AFTERNOON]
    assert ticks[DAYS[1]][0] < min(afternoon) < max(afternoon) == ticks[DAYS[1]][-1]


def test_without_a_range_it_is_the_day_of_the_newest_snapshot(stored: Stored) -> None:
    expected = stored.sessions.documents(EXPIRY, ist(DAYS[2], "00:00"), LAST)
    assert ask(stored.api, "/history", strike_min=0, limit=10_000)["records"] == expected


def test_no_list_has_contracts_without_a_header(stored: Stored) -> None:
    """What a kill leaves of a snapshot stands between the ticks, with a strike of its own."""
    ticks = {iso(each.fetched_at) for each in stored.sessions.snapshots}
    left = {iso(at) for at in stored.database["option_chain"].distinct("fetched_at")} - ticks
    assert len(left) == 12
    assert {row["fetched_at"] for row in ask(stored.api, "/history", **ALL)["records"]} <= ticks
    rows = ask(stored.api, "/snapshots", **WHOLE, expiry="all")["records"]
    assert {row["timestamp"] for row in rows} == ticks
    for at in left - {min(left)}:
        changes = ask(stored.api, "/changes", from_=at, to=at)
        assert changes["from"]["timestamp"] in ticks
        assert 9_999.0 not in {row["strike_price"] for row in changes["records"]}


@pytest.mark.parametrize("limit", [1, 7, 10_000])
@pytest.mark.parametrize("expiry", [EXPIRY, LATER, "all"])
def test_snapshots_are_headers_in_order(stored: Stored, expiry: date | str, limit: int) -> None:
    given = {**WHOLE, "expiry": expiry, "limit": limit}
    expected = [
        header(each) for each in stored.sessions.snapshots if expiry in (each.expiry, "all")
    ]
    assert every(stored.api, "/snapshots", **given) == expected


def test_totals_of_a_snapshot_are_the_sums_of_its_chain(stored: Stored) -> None:
    """And null where a number of theirs is: a sum with a part missing is not the sum."""
    rows = ask(stored.api, "/snapshots", **WHOLE, expiry="all")["records"]
    missing = 0
    for row in Random(SEED).sample(rows, 60):
        chain = ask(stored.api, "", as_of=row["timestamp"], expiry=row["expiry_date"])
        assert chain["underlying_value"] == row["underlying_value"]
        for side in ("call", "put"):
            found = chain[f"{side}s"]
            assert row[f"total_{side}s"] == chain[f"total_{side}s"] == len(found)
            for name, total in (
                ("open_interest", "open_interest"),
                ("total_traded_volume", "volume"),
            ):
                values = [leg[name] for leg in found]
                if None in values:
                    missing += 1
                    assert row[f"{side}_{total}"] is None
                else:
                    assert row[f"{side}_{total}"] == pytest.approx(sum(values), abs=1e-6)
    assert missing
