"""What the recorder reports to CloudWatch: a log line and metrics for each symbol and tick."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from chain_fetch.recording.reports.ledger_entry import LedgerEntry
from chain_fetch.recording.reports.wait_log import WaitLog
from optionchain.exchange_time import expiry_text
from optionchain.mongo.disagreement_register import CrossComparison
from optionchain.mongo.settlement_register import Settlement
from optionchain.mongo.unsealed_days import UnsealedDay
from optionchain.symbol_plan import SymbolPlan
from optionchain.symbol_selection import BASE_TIER

SERVICE = "fetch"
# The namespace if POWERTOOLS_METRICS_NAMESPACE, which Powertools reads as well, is not set.
NAMESPACE = "OptionChain"
FIRST_GROUP = "1"
# With more symbols than this none has metrics of its own: each costs money, and a dashboard cannot
# show them all. The log has a line of each symbol and tick.
MOST_WITH_METRICS = 20
_OUTCOME_METRICS = {
    "stored": "TicksStored",
    "unchanged": "TicksUnchanged",
    "failed": "TicksFailed",
    "skipped": "TicksSkipped",
}
_COUNTS = {
    "legs": "LegsParsed",
    "inserted": "DocumentsInserted",
    "duplicates": "DocumentsDuplicate",
}
_BLOCKED = ("blocked", "rate_limited")
_DURATIONS = {
    "lateness_ms": "TickLateness",
    "fetch_ms": "FetchDuration",
    "store_ms": "StoreDuration",
}


class Telemetry:
    """Reports ticks through Powertools: JSON log lines, metrics in CloudWatch's embedded format.

    `group` names the group of symbols that an invocation records. Each group has its own schedule,
    and an alarm of its own on the metrics that carry its name. So has each tier of `plan`.
    """

    def __init__(
        self,
        log_level: str,
        group: str = FIRST_GROUP,
        plan: SymbolPlan | None = None,
        waits: WaitLog | None = None,
    ) -> None:
        self.logger = Logger(service=SERVICE, level=log_level)
        # Powertools returns the first logger of a service again, with its old level.
        self.logger.setLevel(log_level)
        self._log_level = log_level
        self._namespace = os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or NAMESPACE
        self._group = group
        self._plan = plan
        self._waits = waits or WaitLog()

    def of_group(self, group: str, plan: SymbolPlan | None = None) -> "Telemetry":
        """Return telemetry that reports for another group, and for the tiers of a plan."""
        return Telemetry(self._log_level, group, plan, self._waits)

    def report(self, symbol: str, tick: datetime, entry: LedgerEntry) -> None:
        """Log a tick and write its metrics; of a wait its beginning and its end are logged."""
        summary = {name: value for name, value in entry.items() if name != "expiries"}
        if not self._waits.note(symbol, tick, entry, self.logger):
            level = self.logger.warning if entry["outcome"] == "failed" else self.logger.info
            level("tick", extra={"symbol": symbol, "tick": tick.isoformat(), **summary})
        if "switched_from" in entry:
            self._report_switch(symbol, entry)
        if "read" in entry:
            self._report_evening(entry)
            return
        named = symbol if self._is_named() else None
        line: Any = _tick_metrics(self._namespace, named, entry).serialize_metric_set()
        # Of the metrics, the outcomes alone are counted by group and tier as well: they cost money.
        by_group = {
            "Namespace": self._namespace,
            "Dimensions": [["service", "group"], ["service", "tier"]],
            "Metrics": [{"Name": _OUTCOME_METRICS[entry["outcome"]], "Unit": "Count"}],
        }
        line["_aws"]["CloudWatchMetrics"].append(by_group)
        of_symbol = {"group": self._group, "tier": self._tier(symbol)}
        print(json.dumps(line | of_symbol, separators=(",", ":")))  # noqa: T201

    def report_ages(self, ages: Mapping[str, float]) -> None:
        """Write the largest of these ages (seconds, by symbol), of the group and of each tier."""
        by_tier: dict[str, float] = {}
        for symbol, age in ages.items():
            tier = self._tier(symbol)
            by_tier[tier] = max(age, by_tier.get(tier, age))
        if by_tier:
            self._write_age("group", self._group, max(by_tier.values()))
        for tier, age in by_tier.items():
            self._write_age("tier", tier, age)

    def _write_age(self, dimension: str, name: str, age: float) -> None:
        metrics = EphemeralMetrics(namespace=self._namespace, service=SERVICE)
        metrics.add_dimension(dimension, name)
        metrics.add_metric("OldestExpiryAge", MetricUnit.Seconds, age)
        metrics.flush_metrics()

    def _tier(self, symbol: str) -> str:
        return self._plan.tier_of(symbol) if self._plan else BASE_TIER

    def _is_named(self) -> bool:
        """Tell whether symbols have metrics of their own."""
        return self._plan is None or len(self._plan.symbols) <= MOST_WITH_METRICS

    def _report_switch(self, symbol: str, entry: LedgerEntry) -> None:
        """Log that a symbol is read from another source than at the tick before, and count it."""
        before = entry["switched_from"]
        extra = {
            "symbol": symbol,
            "from": before["source"],
            "to": entry["source"],
            "reason": before["reason"],
        }
        self.logger.warning("source_switched", extra=extra)
        self.count("SourceSwitched", 1)

    def _report_evening(self, entry: LedgerEntry) -> None:
        """Write the metrics of one of the few ticks out of hours: of no symbol and no group.

        It counts in no share of good ticks and has no age of data: its data are hours old, and what
        it fails to read the next one reads. What counts is what is missing at the last one.
        """
        self.count("SourceBlocked", int(entry.get("reason") in _BLOCKED))
        if "left_unsettled" in entry:
            self.count("ExpiriesUnsettled", entry["left_unsettled"])

    def warn_of_empty_group(self, groups: int) -> None:
        """Log that a group has no symbols: there are more groups than symbols."""
        self.logger.warning("group_without_symbols", extra={"groups": groups})

    def warn_of_setting(self, detail: str) -> None:
        """Log a variable that looks like a setting and is none."""
        self.logger.warning("setting_unknown", extra={"detail": detail})

    def warn_of_housekeeping(self, detail: str) -> None:
        """Log what could not be set up in the database; ticks go on."""
        self.logger.warning("housekeeping", extra={"detail": detail})

    def report_settlement(self, settlement: Settlement) -> None:
        """Log what became of a settled chain, and count its faults, also where there is none."""
        extra = {
            "symbol": settlement.symbol,
            "expiry_date": expiry_text(settlement.expiry),
            "day": settlement.day.isoformat(),
            "status": settlement.status,
            "legs": settlement.legs,
            "legs_differing": settlement.legs_differing,
            "differing": [leg._asdict() for leg in settlement.differing],
        }
        good = settlement.status == "matched"
        level = self.logger.info if good else self.logger.warning
        level("settlement", extra=extra)
        self.count("SettlementMissing", int(settlement.status == "missing"))
        self.count("SettlementLegsDiffering", settlement.legs_differing)

    def warn_of_settlement(self, detail: str) -> None:
        """Log why settled chains could not be looked at; ticks go on."""
        self.logger.warning("settlement", extra={"detail": detail})

    def report_cross_check(self, comparison: CrossComparison) -> None:
        """Log how many contracts of another source differ from the record, by field."""
        extra = {
            "symbol": comparison.symbol,
            "expiry_date": expiry_text(comparison.expiry),
            "recorded": comparison.recorded,
            "other": comparison.other,
            "fields": [each._asdict() for each in comparison.fields],
        }
        level = self.logger.warning if comparison.differs else self.logger.info
        level("cross_check", extra=extra)

    def warn_of_cross_check(self, detail: str) -> None:
        """Log why a check could not be made; ticks go on."""
        self.logger.warning("cross_check", extra={"detail": detail})

    def report_wait(self, extra_days: int, oldest: UnsealedDay | None) -> None:
        """Log that documents are kept longer, because a day is not sealed in the archive yet."""
        extra = {
            "extra_days": extra_days,
            "symbol": oldest and oldest.symbol,
            "day": oldest and oldest.day.isoformat(),
        }
        level = self.logger.warning if extra_days else self.logger.info
        level("retention_waits", extra=extra)

    def report_cut(self, day: UnsealedDay) -> None:
        """Log a day of which the database had deleted a part before the archive was there."""
        extra = {"symbol": day.symbol, "day": day.day.isoformat()}
        self.logger.warning("day_cut_before_archive", extra=extra)

    def report_lost(self, day: UnsealedDay) -> None:
        """Log and count a day that the database has let go and the archive lacks."""
        extra = {"symbol": day.symbol, "day": day.day.isoformat(), "first": day.first.isoformat()}
        self.logger.error("day_lost_unsealed", extra=extra)
        self.count("DaysLostUnsealed", 1)

    def report_unsealed(self, day: date | None, symbols: Sequence[str]) -> None:
        """Count the symbols whose last session is not sealed in the evening, also if all are."""
        if symbols:
            extra = {"day": day and day.isoformat(), "symbols": list(symbols)}
            self.logger.warning("unsealed_sessions", extra=extra)
        self.count("UnsealedSessions", len(symbols))

    def warn_of_seals(self, detail: str) -> None:
        """Log why nobody could look which sessions are sealed; ticks go on."""
        self.logger.warning("unsealed_sessions", extra={"detail": detail})

    def report_start(self) -> None:
        """Count an invocation of this group, also where nothing is due."""
        metrics = EphemeralMetrics(namespace=self._namespace, service=SERVICE)
        metrics.add_dimension("group", self._group)
        metrics.add_metric("ShiftsStarted", MetricUnit.Count, 1)
        metrics.flush_metrics()

    def report_no_symbols(self) -> None:
        """Log and count an invocation that records nothing, because no list of symbols is known."""
        self.logger.error("no_symbol_list", extra={"detail": "nothing is recorded without one"})
        self.count("SymbolListMissing", 1)

    def count(self, name: str, number: int) -> None:
        """Write one count of the recorder as a whole: of no symbol and no group."""
        metrics = EphemeralMetrics(namespace=self._namespace, service=SERVICE)
        metrics.add_metric(name, MetricUnit.Count, number)
        metrics.flush_metrics()


def _tick_metrics(namespace: str, symbol: str | None, entry: LedgerEntry) -> EphemeralMetrics:
    metrics = EphemeralMetrics(namespace=namespace, service=SERVICE)
    if symbol:
        metrics.add_dimension("symbol", symbol)
        # A second set without the symbol: an alarm cannot search for symbols, which are a setting.
        metrics.add_dimensions(service=SERVICE)
    metrics.add_metric(_OUTCOME_METRICS[entry["outcome"]], MetricUnit.Count, 1)
    for key, name in _COUNTS.items():
        if key in entry:
            metrics.add_metric(name, MetricUnit.Count, entry[key])
    for key, name in _DURATIONS.items():
        if key in entry:
            metrics.add_metric(name, MetricUnit.Milliseconds, entry[key])
    if entry.get("data_age_seconds") is not None:
        metrics.add_metric("DataAge", MetricUnit.Seconds, entry["data_age_seconds"])
    blocked = entry.get("reason") in _BLOCKED
    metrics.add_metric("SourceBlocked", MetricUnit.Count, int(blocked))
    # A stale tick is counted as failed, too.
    metrics.add_metric("TicksStale", MetricUnit.Count, int(entry.get("reason") == "stale"))
    return metrics
