"""What the recorder reports to CloudWatch: a log line and metrics for each symbol and tick."""

import os
from datetime import datetime

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from chain_fetch.recording.ledger_entry import LedgerEntry

SERVICE = "fetch"
# The namespace if POWERTOOLS_METRICS_NAMESPACE, which Powertools reads as well, is not set.
NAMESPACE = "OptionChain"
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
    """Reports ticks through Powertools: JSON log lines, metrics in CloudWatch's embedded format."""

    def __init__(self, log_level: str) -> None:
        self.logger = Logger(service=SERVICE, level=log_level)
        # Powertools returns the first logger of a service again, with its old level.
        self.logger.setLevel(log_level)
        self._namespace = os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or NAMESPACE

    def report(self, symbol: str, tick: datetime, entry: LedgerEntry) -> None:
        """Log a tick and write its metrics."""
        summary = {name: value for name, value in entry.items() if name != "expiries"}
        level = self.logger.warning if entry["outcome"] == "failed" else self.logger.info
        level("tick", extra={"symbol": symbol, "tick": tick.isoformat(), **summary})
        _write_metrics(self._namespace, symbol, entry)


def _write_metrics(namespace: str, symbol: str, entry: LedgerEntry) -> None:
    metrics = EphemeralMetrics(namespace=namespace, service=SERVICE)
    metrics.add_dimension("symbol", symbol)
    # A second set without the symbol: an alarm cannot search for symbols, which are a setting.
    metrics.add_dimensions(service=SERVICE)
    metrics.add_metric(_OUTCOME_METRICS[entry["outcome"]], MetricUnit.Count, 1)
    if entry.get("reason") == "stale":  # counted as failed, too
        metrics.add_metric("TicksStale", MetricUnit.Count, 1)
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
    metrics.flush_metrics()
