"""What the archive function reports to CloudWatch: a log line for each day, and metrics."""

import os
from collections.abc import Sequence

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from chain_archive.seal_days import FailedDay
from chain_archive.sealing import SealedDay
from optionchain.mongo.unsealed_days import UnsealedDay

SERVICE = "archive"
# The namespace if POWERTOOLS_METRICS_NAMESPACE, which Powertools reads as well, is not set.
NAMESPACE = "OptionChain"


class Telemetry:
    """Reports through Powertools: JSON log lines, metrics in CloudWatch's embedded format."""

    def __init__(self, log_level: str) -> None:
        self.logger = Logger(service=SERVICE, level=log_level)
        # Powertools returns the first logger of a service again, with its old level.
        self.logger.setLevel(log_level)
        self._namespace = os.environ.get("POWERTOOLS_METRICS_NAMESPACE") or NAMESPACE

    def report_day(self, done: SealedDay | FailedDay, milliseconds: float) -> None:
        """Log what came of a day; an error if it is not sealed."""
        key = {"symbol": done.symbol, "day": done.day.isoformat()}
        if isinstance(done, FailedDay):
            detail = f"{type(done.error).__name__}: {done.error}"
            self.logger.error(
                "day_not_sealed", extra={**key, "detail": detail}, exc_info=done.error
            )
            return
        extra: dict[str, object] = {**key, "status": done.status, "seal_ms": round(milliseconds)}
        if done.manifest:
            extra |= {"version": done.manifest.version, "bytes": size_of(done)}
            extra.update({kind: file.rows for kind, file in done.manifest.files.items()})
        self.logger.info("day", extra=extra)

    def report_run(
        self, done: Sequence[SealedDay | FailedDay], left: int, milliseconds: Sequence[float]
    ) -> None:
        """Write the metrics of a run, also where it had nothing to do.

        Days that failed and days that are left for the next run both count as unsealed.
        """
        failed = sum(isinstance(each, FailedDay) for each in done)
        sealed = [each for each in done if not isinstance(each, FailedDay)]
        new = [each for each in sealed if each.status == "sealed"]
        metrics = self._metrics()
        metrics.add_metric("SealedDays", MetricUnit.Count, len(new))
        metrics.add_metric("UnsealedDays", MetricUnit.Count, failed + left)
        metrics.add_metric("SealFailures", MetricUnit.Count, failed)
        metrics.add_metric("SealedBytes", MetricUnit.Bytes, sum(map(size_of, new)))
        if milliseconds:
            metrics.add_metric("SealMilliseconds", MetricUnit.Milliseconds, max(milliseconds))
        metrics.flush_metrics()

    def warn_of_housekeeping(self, detail: str) -> None:
        """Log what could not be set up in the database; days are sealed all the same."""
        self.logger.warning("housekeeping", extra={"detail": detail})

    def report_wait(self, extra_days: int, oldest: UnsealedDay | None) -> None:
        """Log that documents are kept longer, because a day is not sealed yet."""
        day = oldest and oldest.day.isoformat()
        extra = {"extra_days": extra_days, "symbol": oldest and oldest.symbol, "day": day}
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
        metrics = self._metrics()
        metrics.add_metric("DaysLostUnsealed", MetricUnit.Count, 1)
        metrics.flush_metrics()

    def _metrics(self) -> EphemeralMetrics:
        return EphemeralMetrics(namespace=self._namespace, service=SERVICE)


def size_of(day: SealedDay) -> int:
    """Return the bytes of a sealed day's files."""
    return sum(file.size for file in day.manifest.files.values()) if day.manifest else 0
