"""The costs of the archive: what a year of sealed days takes. Pure: counts times prices."""

from local.costs import prices
from local.costs.prices import GB
from local.costs.workload import SESSIONS_A_YEAR, Workload

_SESSIONS_A_MONTH = SESSIONS_A_YEAR / 12
# template.yaml: the memory of the archive function, and the days after which a file grows cold.
ARCHIVE_MEGABYTES, WARM_DAYS = 1_769, 90
# template.yaml: so long the bucket keeps the version of 16:15, which that of 21:30 replaces.
REPLACED_DAYS = 30
# At 16:15 and, because the evening has changed the day, at 21:30 IST.
SEALS_A_DAY = 2
# Seconds to seal a million contracts: 12 of a processor (measured on a simulated day of 160,803),
# and about as long for the database; and seconds to look what there is to do.
_SECONDS_A_MILLION, _SECONDS_A_START = 25, 5
# Bytes of the files: of a contract and of a header with analytics `python -m tests.performance
# archive`, of an entry of the ledger the same simulated day.
_CONTRACT, _HEADER, _TICK = 21.9, 377, 60
# Four files and a manifest of each symbol; each is written, and each file is read back.
_OBJECTS = 5


def archived_bytes(load: Workload, years: float = 1) -> float:
    """Return the bytes of the files of so many years."""
    a_session = (
        load.contracts_a_session * _CONTRACT
        + load.snapshots_a_session * _HEADER
        + load.ticks_a_session * _TICK
    )
    return a_session * SESSIONS_A_YEAR * years


def archive_cost(load: Workload, years: float = 1) -> float:
    """Return the dollars a month of sealing each day and of keeping so many years."""
    return _storage(load, years) + _requests(load) + _sealing(load)


def _storage(load: Workload, years: float) -> float:
    warm_years = min(years, WARM_DAYS / 365)
    warm = archived_bytes(load, warm_years)
    cold = archived_bytes(load, years - warm_years)
    replaced = archived_bytes(load, REPLACED_DAYS / 365)
    return ((warm + replaced) * prices.S3_GB + cold * prices.S3_COLD_GB) / GB


def _requests(load: Workload) -> float:
    seals = load.symbols * SEALS_A_DAY * _SESSIONS_A_MONTH
    grown_cold = load.symbols * _SESSIONS_A_MONTH * (_OBJECTS - 1)
    written = seals * _OBJECTS * prices.S3_PUT + seals * _OBJECTS * prices.S3_GET
    return written + grown_cold * prices.S3_TRANSITION


def _sealing(load: Workload) -> float:
    seconds = load.contracts_a_session / 1e6 * _SECONDS_A_MILLION + _SECONDS_A_START
    gigabyte_seconds = seconds * SEALS_A_DAY * _SESSIONS_A_MONTH * ARCHIVE_MEGABYTES / 1024
    return gigabyte_seconds * prices.LAMBDA_GB_SECOND
