"""One log line and one set of metrics for each symbol and tick, on standard output."""

import json
from datetime import timedelta
from typing import Any

import pytest

from chain_fetch.recording.bodies.request_result import RequestResult
from chain_fetch.recording.reports.ledger_entry import completed_entry, waiting_entry
from chain_fetch.recording.reports.telemetry import Telemetry
from optionchain.mongo.settlement_register import LegDifference, Settlement
from optionchain.mongo.snapshot_writer import CommitResult
from optionchain.mongo.source_register import SourceState
from optionchain.settings import Settings
from optionchain.symbol_plan import SymbolPlan, make_plan
from optionchain.symbol_selection import Tier
from tests.support.bodies import EXPIRY
from tests.support.results import failed, good, stale
from tests.support.snapshots import TICK


def lines(capsys: pytest.CaptureFixture[str]) -> tuple[list[Any], list[Any]]:
    """Return what was logged and the metrics, decoded."""
    written = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    metrics = [line for line in written if "_aws" in line]
    return [line for line in written if "_aws" not in line], metrics


def stored_entry() -> dict[str, Any]:
    result = good(
        committed=CommitResult(inserted=204, duplicates=2),
        exchange_timestamp=TICK - timedelta(seconds=5),
        fetch_ms=210.4,
        store_ms=31.2,
    )
    return completed_entry(TICK, TICK + timedelta(milliseconds=7), [result])


def test_a_tick_is_one_json_line_with_symbol_and_outcome(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.report("NIFTY", TICK, stored_entry())
    ((line,), _) = lines(capsys)
    assert line["message"] == "tick"
    assert (line["level"], line["service"]) == ("INFO", "fetch")
    assert (line["symbol"], line["outcome"]) == ("NIFTY", "stored")
    assert line["tick"] == "2026-06-19T09:32:25+00:00"
    assert (line["legs"], line["lateness_ms"]) == (206, 7.0)
    assert "expiries" not in line


def test_a_wait_is_logged_when_it_begins_and_when_it_is_over_and_counted_at_each_tick(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    wait = SourceState("blocked", "blocked: HTTP 403", TICK, TICK + timedelta(minutes=5), 1)
    for number in range(3):
        here = telemetry.of_group("1")  # as each invocation does
        for symbol in ("NIFTY", "BANKNIFTY"):
            tick = TICK + timedelta(seconds=5 * number)
            here.report(symbol, tick, waiting_entry(tick, tick, wait))
    telemetry.report("NIFTY", TICK + timedelta(minutes=5), stored_entry())
    (logged, metrics) = lines(capsys)
    assert [line["message"] for line in logged] == ["source_waits", "source_wait_over", "tick"]
    assert (logged[0]["reason"], logged[0]["until"]) == ("blocked", "2026-06-19T09:37:25+00:00")
    assert logged[0]["detail"] == "nothing is asked until 15:07:25 IST: blocked: HTTP 403"
    assert (logged[1]["skipped"], logged[1]["symbols"]) == (6, 2)
    assert logged[1]["since"] == "2026-06-19T09:32:25+00:00"
    assert sum("TicksSkipped" in line for line in metrics) == 6


def test_outcomes_are_counted_for_their_group_of_symbols(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    second = telemetry.of_group("2")
    second.report("NIFTY", TICK, stored_entry())
    second.report_start()
    telemetry.report("NIFTY", TICK, stored_entry())
    (_, metrics) = lines(capsys)
    assert [line["group"] for line in metrics] == ["2", "2", "1"]
    of_group = [line["_aws"]["CloudWatchMetrics"][-1] for line in metrics]
    assert [sorted(each["Dimensions"][0]) for each in of_group] == [["group", "service"]] * 3
    names = [[metric["Name"] for metric in each["Metrics"]] for each in of_group]
    assert names == [["TicksStored"], ["ShiftsStarted"], ["TicksStored"]]


def a_plan(symbols: int) -> SymbolPlan:
    """A tier of 15 seconds with every third symbol, and the others."""
    names = tuple(f"S{number}" for number in range(symbols))
    tiers = tuple(Tier(name, 15) for name in names[::3])
    return make_plan(Settings(nse_symbols=names, nse_tiers=tiers))


@pytest.mark.parametrize(("symbols", "named"), [(20, True), (21, False)])
def test_many_symbols_have_metrics_by_group_and_tier_alone(
    symbols: int, named: bool, telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    """A metric costs money, and 213 symbols times 13 of them more than the rest of the stack."""
    here = telemetry.of_group("2", a_plan(symbols))
    here.report("S3", TICK, stored_entry())
    here.report("S4", TICK, stored_entry())
    (logged, metrics) = lines(capsys)
    assert [line["symbol"] for line in logged] == ["S3", "S4"]
    assert [(line["group"], line["tier"]) for line in metrics] == [("2", "S3"), ("2", "BASE")]
    whole, outcomes = metrics[0]["_aws"]["CloudWatchMetrics"]
    assert outcomes["Dimensions"] == [["service", "group"], ["service", "tier"]]
    assert [each["Name"] for each in outcomes["Metrics"]] == ["TicksStored"]
    assert (["symbol", "service"] in whole["Dimensions"]) == named
    assert ["service"] in whole["Dimensions"]


def test_the_largest_age_is_told_of_the_group_and_of_each_tier(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    here = telemetry.of_group("2", a_plan(4))
    here.report_ages({"S0": 15.0, "S1": 70.0, "S2": 5.0, "S3": 30.0})
    here.report_ages({})
    (_, metrics) = lines(capsys)
    found = {line.get("tier") or line["group"]: line["OldestExpiryAge"] for line in metrics}
    assert found == {"2": [70.0], "S0": [15.0], "S3": [30.0], "BASE": [70.0]}


def test_a_count_is_of_the_recorder_as_a_whole(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.count("TicksMissed", 12)
    (_, (line,)) = lines(capsys)
    assert line["TicksMissed"] == [12]
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]


SETTLED = Settlement("NIFTY", EXPIRY, TICK.date(), TICK, "matched", 206)
LEG = LegDifference("NIFTY_CE_24000_23-Jun-2026", 1150.0, 1166.0)


@pytest.mark.parametrize(
    ("settlement", "level", "counts"),
    [
        (SETTLED, "INFO", (0, 0)),
        (SETTLED._replace(status="missing", legs=0), "WARNING", (1, 0)),
        (
            SETTLED._replace(status="differs", legs_differing=3, differing=(LEG,)),
            "WARNING",
            (0, 3),
        ),
    ],
)
def test_a_settled_chain_that_is_judged_is_a_line_and_two_counts(
    settlement: Settlement,
    level: str,
    counts: tuple[int, int],
    telemetry: Telemetry,
    capsys: pytest.CaptureFixture[str],
) -> None:
    telemetry.report_settlement(settlement)
    ((line,), (missing, differing)) = lines(capsys)
    assert (line["level"], line["status"]) == (level, settlement.status)
    assert (line["day"], line["expiry_date"]) == ("2026-06-19", "23-Jun-2026")
    assert [leg["identifier"] for leg in line["differing"]] == [
        leg.identifier for leg in settlement.differing
    ]
    assert (missing["SettlementMissing"], differing["SettlementLegsDiffering"]) == tuple(
        [count] for count in counts
    )


def test_metrics_go_to_the_namespace_of_their_stack(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two deployments in one account do not count each other's ticks."""
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "OptionChain/another-stack")
    Telemetry("INFO").report("NIFTY", TICK, stored_entry())
    (_, (metrics,)) = lines(capsys)
    assert metrics["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "OptionChain/another-stack"


@pytest.mark.parametrize(("result", "counted"), [(stale(), True), (failed(), False)])
def test_a_stale_tick_counts_as_failed_and_as_stale(
    result: RequestResult,
    counted: bool,
    telemetry: Telemetry,
    capsys: pytest.CaptureFixture[str],
) -> None:
    telemetry.report("NIFTY", TICK, completed_entry(TICK, TICK, [result]))
    (_, (metrics,)) = lines(capsys)
    assert metrics["TicksFailed"] == [1]
    assert metrics["TicksStale"] == [int(counted)]


@pytest.mark.parametrize("result", [good(), stale(), failed("blocked")])
@pytest.mark.parametrize("missing", [{}, {"left_unsettled": 0}, {"left_unsettled": 4}])
def test_an_evening_tick_counts_in_no_share_of_ticks_but_tells_what_is_missing_at_the_end(
    result: RequestResult,
    missing: dict[str, int],
    telemetry: Telemetry,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its data are hours old, and what it fails to read the next tick reads."""
    entry = completed_entry(TICK, TICK, [result]) | {"read": "settled", "unsettled": 4} | missing
    telemetry.report("NIFTY", TICK, entry)
    ((line,), metrics) = lines(capsys)
    assert (line["symbol"], line["read"], line["unsettled"]) == ("NIFTY", "settled", 4)
    named = {
        metric["Name"]: written[metric["Name"]]
        for written in metrics
        for each in written["_aws"]["CloudWatchMetrics"]
        for metric in each["Metrics"]
    }
    assert named.pop("SourceBlocked") == [int(result.reason == "blocked")]
    assert [*named.items()] == [("ExpiriesUnsettled", [count]) for count in missing.values()]
    assert {str(each["_aws"]["CloudWatchMetrics"][0]["Dimensions"]) for each in metrics} == {
        "[['service']]"
    }


def test_a_switch_of_the_source_is_logged_and_counted(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    switch = {"source": "nse", "switched_from": {"source": "upstox", "reason": "blocked"}}
    telemetry.report("NIFTY", TICK, stored_entry() | switch)
    logged, metrics = lines(capsys)
    told = {"symbol": "NIFTY", "from": "upstox", "to": "nse", "reason": "blocked"}
    (line,) = [line for line in logged if line["message"] == "source_switched"]
    assert line["level"] == "WARNING"
    assert told.items() <= line.items()
    assert [row["SourceSwitched"] for row in metrics if "SourceSwitched" in row] == [[1.0]]
