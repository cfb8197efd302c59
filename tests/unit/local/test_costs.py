"""The costs are counts times prices, and the counts are the project's own."""

import json
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from chain_fetch.recording.reports.telemetry import Telemetry
from chain_fetch.recording.ticks.plan import plan_requests
from local.costs import bill, prices
from local.costs.__main__ import main, rows, scenarios, table
from local.costs.archive import archive_cost, archived_bytes
from local.costs.bill import costs, gb_seconds, stored_bytes, tier
from local.costs.workload import (
    CHANGE_SECONDS,
    RECORDER_REQUESTS_A_SECOND,
    REQUESTS_A_SECOND,
    SESSION_SECONDS,
    SESSIONS_A_YEAR,
    Workload,
    least_interval,
    most_expiries,
)
from local.market_size import UNIVERSE
from optionchain.errors import SettingInvalid
from optionchain.market import Market
from optionchain.settings import Settings
from optionchain.symbol_selection import tiers_of
from tests.infrastructure.metrics import COUNTS
from tests.support.snapshots import TICK

TWO, TWENTY, ALL = Workload(2, 5), Workload(20, 5), Workload(UNIVERSE, 60)
TIERED = Workload(UNIVERSE, 5, tiers=tiers_of("INDICES=5,LIQUID50=15,STOCKS=60"))


def test_sessions_and_budget_are_those_of_calendar_and_settings() -> None:
    days = (date(2026, 1, 1) + timedelta(days=number) for number in range(365))
    assert sum(bool(Market(special={}).sessions(day)) for day in days) == SESSIONS_A_YEAR
    [session] = Market().sessions(date(2026, 11, 23))
    assert (session.closes - session.opens).total_seconds() == SESSION_SECONDS
    assert Settings().nse_max_requests_per_second == REQUESTS_A_SECOND
    most = Settings.from_env({"NSE_MAX_REQUESTS_PER_SECOND": f"{RECORDER_REQUESTS_A_SECOND}"})
    assert most.nse_max_requests_per_second == RECORDER_REQUESTS_A_SECOND
    with pytest.raises(SettingInvalid):
        Settings.from_env({"NSE_MAX_REQUESTS_PER_SECOND": f"{RECORDER_REQUESTS_A_SECOND + 1}"})


@pytest.mark.parametrize("nearest", [1, 2, 3])
def test_requests_of_a_tick_are_those_of_the_recorders_plan(nearest: int) -> None:
    workload = Workload(20, 5, nearest)
    first = date(2026, 11, 24)
    listed = {
        f"SYMBOL{number}": [first + timedelta(weeks=week) for week in range(listing.expiries)]
        for number, listing in enumerate(workload.listings)
    }
    planned = plan_requests(listed, nearest, capacity=10_000)
    assert sum(workload.requests) == len(planned)


@pytest.mark.parametrize(
    ("workload", "requests_a_second", "groups", "interval_of_one_address"),
    [(TWO, 1.2, 1, 2), (TWENTY, 12, 4, 20), (ALL, 10.65, 4, None), (TIERED, 20.9, 7, None)],
)
def test_groups_keep_each_address_within_its_budget(
    workload: Workload, requests_a_second: float, groups: int, interval_of_one_address: int | None
) -> None:
    assert workload.requests_a_second == pytest.approx(requests_a_second)
    assert workload.groups == workload.addresses == groups
    assert workload.requests_a_second / workload.addresses <= REQUESTS_A_SECOND
    assert least_interval(workload.symbols) == interval_of_one_address


def test_each_symbol_of_tiers_is_counted_by_its_own_interval() -> None:
    """Five indices each 5 s, fifty stocks each 15 s, the others each minute."""
    seconds = {5: 5, 15: 50, 60: 158}
    assert Counter(TIERED.intervals) == seconds
    ticks = sum(number * (SESSION_SECONDS // each + 4) for each, number in seconds.items())
    assert TIERED.ticks_a_session == ticks
    assert ALL.contracts_a_session < TIERED.contracts_a_session
    assert TIERED.contracts_a_session < Workload(UNIVERSE, 5).contracts_a_session


def test_expiries_are_as_many_as_the_addresses_carry() -> None:
    assert [most_expiries(each) for each in (TWO, TWENTY, TIERED)] == [8, 2, 2]
    assert most_expiries(Workload(UNIVERSE, 60, given_addresses=3)) == 1
    assert most_expiries(Workload(UNIVERSE, 60, given_addresses=2)) == 0


def test_a_recorder_reads_so_many_requests_a_second_at_most_whatever_the_addresses() -> None:
    assert Workload(UNIVERSE, 60, given_addresses=1).groups == 1
    assert Workload(UNIVERSE, 15, given_addresses=1).groups == 3


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
    # Above twenty symbols none has metrics of its own.
    assert costs(ALL).metrics < costs(TWENTY).metrics
    assert costs(TWO).alarms == pytest.approx((bill.ALARM_METRICS - 10) * 0.10)
    sent, started = 245 / 12 / 730, 13 * 365 / 12 / 730
    rest = 3 * 7 + 1 * 2 + 2 * 3 + 1 * 1
    sealed = 5 * 2 * 365 / 12 / 730
    for load, symbols, tiers, groups in ((TWENTY, 20, 1, 4), (TIERED, 0, 3, 7)):
        metrics = 7 * ((symbols + 1) * 13 + tiers * 5 + groups * 5) + rest
        billed = metrics * sent + groups * started + sealed - 10
        assert costs(load).metrics == pytest.approx(billed * 0.30)
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
    assert len(groups) + len(["OldestExpiryAge"]) == bill.TIER_METRICS
    assert len(groups) + len(["OldestExpiryAge", "ShiftsStarted"]) == bill.GROUP_METRICS
    # The table is of NSE's own site alone, and of days without a fault.
    seldom = {"TokenEnding", "SourceSwitched", "ContractListsUnread", "DaysLostUnsealed"}
    assert len(set(COUNTS) - seldom) == bill.COUNT_METRICS
    telemetry.report("NIFTY", TICK, {"outcome": "stored", "read": "settled", **measures})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    evening = [line for line in lines if "_aws" in line]
    assert len(evening) + len(["TicksMissed", "Stopped"]) == bill.EVENING_METRICS


def test_the_table_shows_what_works_of_few_and_of_all_symbols() -> None:
    shown = [(each.symbols, each.interval, len(each.tiers)) for each in scenarios()]
    assert shown == [(2, 5, 0), (20, 5, 0), (20, 20, 0), (UNIVERSE, 60, 0), (UNIVERSE, 5, 3)]
    assert main([]) == 0
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
    tiers = ["--symbols", "213", "--tiers", "INDICES=10,STOCKS=60"]
    assert main([*tiers, "--groups", "4", "--addresses", "4"]) == 0
    _, intervals, *_ = capsys.readouterr().out.splitlines()
    assert intervals.split()[2] == "10/60"
    wrong_ones = (["--symbols", "0"], ["--symbols", "214"], ["--interval", "7"], ["--tiers", "x"])
    for wrong in wrong_ones:
        with pytest.raises(SystemExit):
            main(wrong)
        assert "error" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--interval", "2"], "213 symbols (NSE_SYMBOLS) x NSE_EXPIRIES=2 each 2 s"),
        (["--interval", "60", "--groups", "4", "--addresses", "1"], "each is read every 142 s"),
        (["--interval", "60", "--addresses", "2", "--groups", "2"], "NSE_ADDRESSES=3"),
    ],
)
def test_the_command_refuses_what_cannot_work_and_names_what_does(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--symbols", f"{UNIVERSE}", *arguments]) == 1
    shown = capsys.readouterr()
    assert (shown.out, told in shown.err, "what works: " in shown.err) == ("", True, True)
