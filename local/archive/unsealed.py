"""Which days a command may seal, and what came of them in words."""

from datetime import date, datetime, timedelta

from chain_archive.seal_days import FailedDay
from chain_archive.sealing import SealedDay
from optionchain.archive.manifest import Manifest
from optionchain.exchange_time import exchange_date
from optionchain.market import Market

# A tick is stored within this time.
_STORED_WITHIN = timedelta(minutes=5)


def is_over(market: Market, day: date, now: datetime) -> bool:
    """Tell whether a day may be sealed: it is past, or nothing of it is read at the moment.

    Today is sealed after its close, and once more after its evening.
    """
    today = exchange_date(now)
    if day != today or market.hours == "always":
        return day < today
    closing_ticks = market.closing_ticks(day)
    if not closing_ticks or now < closing_ticks[-1] + _STORED_WITHIN:
        return False
    rounds = market.evening_rounds(day)
    return not any(each.begins <= now < each.ticks[-1] + _STORED_WITHIN for each in rounds)


def told(outcome: SealedDay | FailedDay) -> str:
    """Return what came of a day, in one line."""
    name = f"{outcome.symbol} {outcome.day}"
    if isinstance(outcome, FailedDay):
        return f"{name} is not sealed: {outcome.error or type(outcome.error).__name__}"
    if outcome.manifest is None:
        return f"{name}: nothing is stored of it"
    again = "" if outcome.status == "sealed" else " already"
    return f"{name} is sealed{again}: {_numbers(outcome.manifest)}"


def _numbers(manifest: Manifest) -> str:
    contracts, headers = manifest.files["contracts"], manifest.files["headers"]
    size = sum(file.size for file in manifest.files.values()) / 1e6
    return (
        f"{contracts.rows:,} contracts of {headers.rows:,} snapshots in {size:,.1f} MB, version "
        f"{manifest.version}"
    )
