"""The costs are counts times prices, and the counts are the project's own."""

import json
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from chain_fetch.recording.plan import plan_requests
from chain_fetch.recording.telemetry import Telemetry
from local.costs import bill, prices
from local.costs.__main__ import main, rows, scenarios, table
from local.costs.archive import archive_cost, archived_bytes
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
from tests.infrastructure.metrics import COUNTS
from tests.support.snapshots import TICK

TWO, TWENTY, ALL = Workload(2, 5), Workload(20, 5), Workload(UNIVERSE, 60)


def test_sessions_and_budget_are_those_of_calendar_and_settings() -> None:
    days = (date(2026, 1, 1) + timedelta(days=number) for number in range(365))
    assert sum(bool(Market(special={}).sessions(day)) for day in days) == SESSIONS_A_YEAR
    [session] = Market().sessions(date(2026, 11, 23))
    assert (session.closes - session.opens).total_seconds() == SESSION_SECONDS
    assert Settings().nse_max_requests_per_second == REQUESTS_A_SECOND


@pytest.mark.parametrize("nearest", [1, 2, 3])
def test_requests_of_a_tick_are_those_of_the_recorders_plan(nearest: int) -> None:
    workload = Workload(20, 5, nearest)
    first = date(2026, 11, 24)
    listed = {
        f"SYMBOL{number}": [first + timedelta(weeks=week) for week in range(listing.expiries)]
        for number, listing in enumerate(workload.listings)
    }
    planned = plan_requests(listed, nearest, tick_number=7, capacity=10_000)
    assert workload.requests_a_tick == len(planned)


@pytest.mark.parametrize(
    ("workload", "requests_a_second", "groups", "interval_of_one_address"),
    [(TWO, 1.2, 1, 2), (TWENTY, 12, 4, 20), (ALL, 10.65, 4, None)],
)
def test_groups_keep_each_address_within_its_budget(
    workload: Workload, requests_a_second: float, groups: int, interval_of_one_address: int | None
) -> None:
    assert workload.requests_a_second == pytest.approx(requests_a_second)
    assert workload.groups == groups
    assert workload.requests_a_second / workload.groups <= REQUESTS_A_SECOND
    assert least_interval(workload.symbols) == interval_of_one_address


def test_ticks_faster_than_the_data_change_store_no_more_of_a_near_expiry() -> None:
    assert Workload(2, 5, 18).contracts_a_session == Workload(2, 1, 18).contracts_a_session
    assert Workload(2, 60, 18).contracts_a_session < Workload(2, 5, 18).contracts_a_session


def test_one_symbols_day_by_hand() -> None:
    """NIFTY: two weekly chains of 206 at each change; of sixteen others one at each tick.

    In the evening all 1,375 contracts once more, in three ticks at most.
    """
    near = 2 * 206 * SESSION_SECONDS / CHANGE_SECONDS
    far = (1_375 - 412) / 16 * SESSION_SECONDS / 5
    assert Workload(1, 5).contracts_a_session == pytest.approx(near + far + 1_375)
    assert Workload(1, 5).ticks_a_session == 385 * 12 + 1 + 3


def test_storage_grows_with_symbols_and_retention() -> None:
    sizes = [stored_bytes(Workload(number, 5), 30) for number in (1, 2, 20, UNIVERSE)]
    assert all(less < more for less, more in pairwise(sizes))
    assert stored_bytes(TWO, 60) == pytest.approx(2 * stored_bytes(TWO, 30))


@pytest.mark.parametrize(
    ("workload", "days", "name"),
    [
        # The free cluster counts uncompressed bytes. Compressed, a day of two symbols would fit.
        (TWO, 1, "Flex"),
        (Workload(1, 60), 1, "M0"),
        (TWO, 30, "M10"),
        (Workload(UNIVERSE, 5), 3_650, prices.TIERS[-1].name),
    ],
)
def test_the_tier_is_the_smallest_that_fits(workload: Workload, days: int, name: str) -> None:
    assert tier(workload, days).name == name
    assert stored_bytes(TWO, 1) < prices.SHARED_TIERS[0].stores


def test_the_recorder_is_paid_for_the_session_and_the_evening_alone() -> None:
    """385 minutes, 2 % of overlap, 420 s, 245 sessions a year, a quarter of a gigabyte."""
    assert gb_seconds(TWO) == pytest.approx((385 * 60 * 1.02 + 420) * 245 / 12 * 0.25)
    assert 1.5 < costs(TWO).fetch < 2
    assert costs(TWENTY).fetch == pytest.approx(4 * costs(TWO).fetch)


def test_archive_costs_cents_and_grows_with_the_years() -> None:
    """A year of two symbols has 7 GB: a quarter of it at 2.5 cents, the rest at half a cent."""
    contracts, headers = TWO.contracts_a_session * 21.9, TWO.snapshots_a_session * 377
    a_year = (contracts + headers + TWO.ticks_a_session * 60) * 245
    assert archived_bytes(TWO) == pytest.approx(a_year)
    warm, cold = (90 + 30) / 365, 275 / 365
    stored = a_year / 1e9 * (warm * 0.025 + cold * 0.005)
    requests = 2 * 245 / 12 * (2 * 5 * (0.005e-3 + 0.0004e-3) + 4 * 0.02e-3)
    seconds = TWO.contracts_a_session / 1e6 * 25 + 5
    sealing = seconds * 2 * 245 / 12 * 1_769 / 1_024 * prices.LAMBDA_GB_SECOND
    assert archive_cost(TWO) == pytest.approx(stored + requests + sealing)
    more = archive_cost(TWO, years=2) - archive_cost(TWO)
    assert more == pytest.approx(a_year / 1e9 * 0.005)


def test_free_allowances_are_deducted_once() -> None:
    assert costs(TWO).logs == costs(Workload(1, 5)).metrics == 0
    assert costs(TWO).alarms == pytest.approx((bill.ALARM_METRICS - 10) * 0.10)
    sent, started = 245 / 12 / 730, 13 * 365 / 12 / 730
    metrics = 7 * ((UNIVERSE + 1) * 13 + 4 * 4 + 3) + 1 * 2 + 2 * 3 + 1 * 1
    sealed = 5 * 2 * 365 / 12 / 730
    billed = metrics * sent + 4 * started + sealed - 10
    assert costs(ALL).metrics == pytest.approx(billed * 0.30)
    found = costs(TWENTY)
    parts = (found.fetch, found.api, found.atlas, found.logs, found.metrics, found.alarms)
    others = found.secret + found.key + found.archive
    assert found.total == pytest.approx(sum(parts) + others)


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
    directives = [line["_aws"]["CloudWatchMetrics"] for line in written if "_aws" in line]
    ticks, groups = (
        {each["Name"] for directive in directives for each in directive[place]["Metrics"]}
        for place in (0, 1)
    )
    assert len(ticks) == bill.METRIC_NAMES
    # For each symbol, and for all together.
    assert {len(directive[0]["Dimensions"]) for directive in directives} == {2}
    assert len(groups) + len(["ShiftsStarted"]) == bill.GROUP_METRICS
    # The table is of NSE's own site alone, and of days without a fault.
    seldom = {"TokenEnding", "SourceSwitched", "ContractListsUnread", "DaysLostUnsealed"}
    assert len(set(COUNTS) - seldom) == bill.COUNT_METRICS
    telemetry.report("NIFTY", TICK, {"outcome": "stored", "read": "settled", **measures})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    evening = [line for line in lines if "_aws" in line]
    assert len(evening) + len(["TicksMissed", "Stopped"]) == bill.EVENING_METRICS


def test_the_table_shows_five_seconds_and_the_interval_of_one_address() -> None:
    shown = [(each.symbols, each.interval) for each in scenarios([2, 20, UNIVERSE], None, 2)]
    assert shown == [(2, 5), (20, 5), (20, 20), (UNIVERSE, 5), (UNIVERSE, 60)]
    cells = rows([TWO, TWENTY], 30)
    lines = table(cells).splitlines()
    formulas = [(line, cell[-1]) for line, cell in zip(lines, cells, strict=True) if cell[-1]]
    assert {line.rindex(formula) for line, formula in formulas} == {lines[1].index("a divisor")}
    assert "symbols x (nearest expiries + 1) / interval" in dict(formulas).values()


def test_the_command_shows_a_workload_or_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--symbols", "20", "--interval", "10", "--expiries", "1"])
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert first.split() == ["symbols", "20"]
    assert second.split()[:3] == ["interval,", "s", "10"]
    for wrong in (["--symbols", "0"], ["--interval", "7"], ["--symbols", "x"]):
        with pytest.raises(SystemExit):
            main(wrong)
        assert "error" in capsys.readouterr().err
