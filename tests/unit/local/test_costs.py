"""The costs are the counts times the prices, and the counts are the project's own."""

import json
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from chain_fetch.recording.plan import plan_requests
from chain_fetch.recording.telemetry import Telemetry
from local.costs import bill, prices
from local.costs.__main__ import main, rows, scenarios, table
from local.costs.bill import costs, gb_seconds, stored_bytes, tier
from local.costs.workload import (
    CHANGE_SECONDS,
    REQUESTS_A_SECOND,
    SESSION_SECONDS,
    SESSIONS_A_YEAR,
    UNIVERSE,
    Workload,
    least_interval,
)
from optionchain.market import Market
from optionchain.settings import Settings
from tests.support.snapshots import TICK

TWO, TWENTY, ALL = Workload(2, 5), Workload(20, 5), Workload(UNIVERSE, 60)


def test_sessions_are_the_calendar_s() -> None:
    days = (date(2026, 1, 1) + timedelta(days=number) for number in range(365))
    assert sum(Market().session(day) is not None for day in days) == SESSIONS_A_YEAR


def test_session_lasts_as_long_as_the_calendar_says() -> None:
    session = Market().session(date(2026, 11, 23))
    assert session is not None
    assert (session.closes - session.opens).total_seconds() == SESSION_SECONDS


def test_budget_is_the_setting_s_default() -> None:
    assert Settings().nse_max_requests_per_second == REQUESTS_A_SECOND


@pytest.mark.parametrize("nearest", [1, 2, 3])
def test_requests_of_a_tick_are_those_of_the_plan(nearest: int) -> None:
    """Counted by the recorder's own plan, over as many expiries as are listed."""
    load = Workload(20, 5, nearest)
    first = date(2026, 11, 24)
    listed = {
        f"SYMBOL{number}": [first + timedelta(weeks=week) for week in range(listing.expiries)]
        for number, listing in enumerate(load.listings)
    }
    planned = plan_requests(listed, nearest, tick_number=7, capacity=10_000)
    assert load.requests_a_tick == len(planned)


def test_two_symbols_stay_within_the_budget_of_one_address() -> None:
    assert TWO.requests_a_second == pytest.approx(1.2)
    assert (TWO.groups, least_interval(2)) == (1, 2)


def test_twenty_symbols_take_four_addresses_or_twenty_seconds() -> None:
    assert TWENTY.requests_a_second == pytest.approx(12)
    assert (TWENTY.groups, least_interval(20)) == (4, 20)


def test_every_symbol_takes_more_than_one_address_at_any_interval() -> None:
    assert least_interval(UNIVERSE) is None
    assert ALL.requests_a_second == pytest.approx(10.65)
    assert ALL.groups == 4


def test_groups_keep_each_address_within_its_budget() -> None:
    for load in (TWO, TWENTY, ALL, Workload(UNIVERSE, 1)):
        assert load.requests_a_second / load.groups <= REQUESTS_A_SECOND


def test_faster_than_the_data_change_stores_no_more_of_a_near_expiry() -> None:
    assert Workload(2, 5, 18).contracts_a_session == Workload(2, 1, 18).contracts_a_session
    assert Workload(2, 60, 18).contracts_a_session < Workload(2, 5, 18).contracts_a_session


def test_one_symbol_s_day_by_hand() -> None:
    """NIFTY: two weekly chains of 206 at each change; sixteen others, one a tick, all news."""
    near = 2 * 206 * SESSION_SECONDS / CHANGE_SECONDS
    far = (1_375 - 412) / 16 * SESSION_SECONDS / 5
    assert Workload(1, 5).contracts_a_session == pytest.approx(near + far)
    assert Workload(1, 5).ticks_a_session == 385 * 12 + 1


def test_storage_grows_with_symbols_and_retention() -> None:
    sizes = [stored_bytes(Workload(number, 5), 30) for number in (1, 2, 20, UNIVERSE)]
    assert all(less < more for less, more in pairwise(sizes))
    assert stored_bytes(TWO, 60) == pytest.approx(2 * stored_bytes(TWO, 30))


def test_shared_cluster_is_filled_by_uncompressed_bytes() -> None:
    """The free one does not hold a day of two symbols, though compressed it would."""
    assert stored_bytes(TWO, 1) < prices.SHARED_TIERS[0].stores
    assert tier(TWO, 1).name == "Flex"
    assert tier(Workload(1, 60), 1).name == "M0"


def test_cluster_holds_what_is_recorded_or_is_the_largest() -> None:
    assert tier(TWO, 30).name == "M10"
    assert stored_bytes(TWO, 30) < tier(TWO, 30).stores
    assert tier(Workload(UNIVERSE, 5), 3_650) == prices.TIERS[-1]


def test_recorder_is_paid_for_the_session_alone() -> None:
    """385 minutes, 2 % of overlap, 245 sessions a year, a quarter of a gigabyte."""
    assert gb_seconds(TWO) == pytest.approx(385 * 60 * 1.02 * 245 / 12 * 0.25)
    assert 1.5 < costs(TWO).fetch < 2
    assert costs(TWENTY).fetch == pytest.approx(4 * costs(TWO).fetch)


def test_allowances_are_taken_off_once() -> None:
    assert costs(TWO).logs == costs(TWO).metrics == 0
    assert costs(TWO).alarms == pytest.approx((bill.ALARM_METRICS - 10) * 0.10)
    sent = 7 * 245 / 12 / 730
    expected = ((UNIVERSE + 1) * 12 * sent - 10) * 0.30
    assert costs(ALL).metrics == pytest.approx(expected)


def test_total_is_the_sum_of_its_lines() -> None:
    found = costs(TWENTY)
    recording = (found.fetch, found.api, found.atlas)
    watching = (found.logs, found.metrics, found.alarms, found.secret, found.key)
    assert found.total == pytest.approx(sum(recording + watching))


def test_metrics_are_as_many_as_the_recorder_emits(capsys: pytest.CaptureFixture[str]) -> None:
    telemetry = Telemetry("INFO")
    measures = {
        **dict.fromkeys(("legs", "inserted", "duplicates"), 1),
        **dict.fromkeys(("lateness_ms", "fetch_ms", "store_ms", "data_age_seconds"), 1.0),
    }
    for outcome in ("stored", "unchanged", "failed", "skipped"):
        entry: Any = {"outcome": outcome, **measures}
        telemetry.report("NIFTY", TICK, entry)
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    directives = [line["_aws"]["CloudWatchMetrics"][0] for line in written if "_aws" in line]
    assert len({each["Name"] for one in directives for each in one["Metrics"]}) == bill.METRIC_NAMES
    # Of each symbol, and of all together.
    assert {len(one["Dimensions"]) for one in directives} == {2}


def test_table_shows_five_seconds_and_what_one_address_carries() -> None:
    shown = [(load.symbols, load.interval) for load in scenarios([2, 20, UNIVERSE], None, 2)]
    assert shown == [(2, 5), (20, 5), (20, 20), (UNIVERSE, 5), (UNIVERSE, 60)]


def test_table_is_aligned_and_names_its_formulas() -> None:
    cells = rows([TWO, TWENTY], 30)
    lines = table(cells).splitlines()
    formulas = [(line, cell[-1]) for line, cell in zip(lines, cells, strict=True) if cell[-1]]
    assert {line.rindex(formula) for line, formula in formulas} == {lines[1].index("a divisor")}
    assert "symbols x (nearest expiries + 1) / interval" in dict(formulas).values()


def test_what_is_asked_about_is_shown_alone(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--symbols", "20", "--interval", "10", "--expiries", "1"])
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.split() == ["symbols", "20"]
    assert second.split()[:3] == ["interval,", "s", "10"]


@pytest.mark.parametrize("wrong", [["--symbols", "0"], ["--interval", "7"], ["--symbols", "x"]])
def test_what_cannot_be_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(wrong)
    assert "error" in capsys.readouterr().err
