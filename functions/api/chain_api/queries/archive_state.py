"""What the database knows of the archive; the archive itself is not asked."""

from datetime import datetime, timedelta

from chain_api.calculations.archive_notices import ArchiveState
from chain_api.dependencies import Dependencies
from optionchain.exchange_time import exchange_date
from optionchain.mongo.retention_wait import LONGEST_WAIT_DAYS

_DAY = timedelta(days=1)
# Where the market never closes, a day is sealed soon after its midnight.
_SEALED_WITHIN = timedelta(hours=1)


def archive_state(deps: Dependencies, now: datetime) -> ArchiveState | None:
    """Return what is sealed and what is not, None without an archive; raise StoreUnavailable.

    Of the configured symbols, and of those for which the retention waits.
    """
    url, days = deps.settings.archive_url, deps.settings.retention_days
    if url is None:
        return None
    waits = deps.retention_waits.read()
    symbols = sorted({*deps.symbols.plan().symbols, *(each.symbol for each in waits.unsealed)})
    newest = exchange_date(now - _SEALED_WITHIN) - _DAY
    oldest = newest - (days + LONGEST_WAIT_DAYS + 1) * _DAY
    return ArchiveState(
        kind="s3" if url.startswith("s3://") else "folder",
        sealed_days=deps.seals.number(),
        newest_sealed_day=deps.seals.newest_day(),
        retention_days=days,
        extra_days=waits.extra_days,
        unsealed=tuple(deps.unsealed_days.find(oldest, newest, symbols)),
        lost=waits.lost,
        cut=waits.cut,
    )
