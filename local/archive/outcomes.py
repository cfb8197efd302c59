"""What came of a day that was to be sealed, in words."""

from chain_archive.seal_days import FailedDay
from chain_archive.sealing import SealedDay
from optionchain.archive.manifest import Manifest

type Outcome = SealedDay | FailedDay

_MEGABYTE = 1_000_000


def told(outcome: Outcome) -> str:
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
    size = sum(file.size for file in manifest.files.values())
    return (
        f"{_counted(contracts.rows, 'contract')} of {_counted(headers.rows, 'snapshot')} in "
        f"{_size(size)}, version {manifest.version}"
    )


def _counted(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def _size(size: int) -> str:
    return f"{size / 1e3:,.1f} KB" if size < _MEGABYTE else f"{size / _MEGABYTE:,.1f} MB"
