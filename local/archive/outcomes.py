"""What came of a day that was to be sealed, in words."""

from chain_archive.seal_days import FailedDay
from chain_archive.sealing import SealedDay
from optionchain.archive.manifest import Manifest

type Outcome = SealedDay | FailedDay


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
    size = sum(file.size for file in manifest.files.values()) / 1e6
    return (
        f"{contracts.rows:,} contracts of {headers.rows:,} snapshots in {size:,.1f} MB, version "
        f"{manifest.version}"
    )
