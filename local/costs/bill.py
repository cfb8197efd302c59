"""The monthly costs of a workload. Pure: counts times prices."""

from typing import NamedTuple

from local.costs import prices
from local.costs.archive import SEALS_A_DAY, archive_cost
from local.costs.prices import GB, SHARED_TIERS, TIERS, Tier
from local.costs.workload import EVENING_SECONDS, SESSION_SECONDS, SESSIONS_A_YEAR, Workload

SESSIONS_A_MONTH = SESSIONS_A_YEAR / 12
# template.yaml: the schedule starts a shift each minute from 9:00 to 21:59, every day.
STARTS_A_DAY = 780
_DAYS_A_MONTH = 365 / 12
FETCH_MEGABYTES = 256
# `make soak`: shifts overlap by 2.0 % of the time at most.
_PAID_SECONDS = SESSION_SECONDS * 1.02 + EVENING_SECONDS
# `make run`, five minutes of three symbols: 1,440 bytes of log a symbol and tick, metrics included.
_LOG_BYTES_A_TICK = 1_440
# chain_fetch.recording.reports.telemetry: thirteen names, of each symbol and of all together; with
# more symbols than twenty, of all together alone. Five of each tier, six of each group of symbols,
# and six of the recorder as a whole. ShiftsStarted of a group is sent in every
# hour of the schedule, the others in the seven hours of a session; but for the two that the proof
# of the day before sends in the first hour. The evening sends three in each of two hours, and in
# one of them how many sessions are not sealed. chain_archive.telemetry: five at each sealing.
METRIC_NAMES, TIER_METRICS, GROUP_METRICS, COUNT_METRICS = 13, 5, 6, 6
MOST_SYMBOLS_WITH_METRICS = 20
PROOF_METRICS, EVENING_METRICS, SEAL_METRICS, ARCHIVE_METRICS = 2, 3, 1, 5
_SESSION_HOURS, _PROOF_HOURS, _EVENING_HOURS = 7, 1, 2
# A chain of some 200 contracts takes 5.0 ms of a whole processor on Lambda's runtime (measured in
# the emulator of tests/artifact). 512 MB get 0.29 of a processor: 17 ms. The answer has 28 KB
# compressed. It costs one line of the function's log and one of the gateway's.
_API_GB_SECONDS, _ANSWER_GB, _API_LOG_BYTES = 0.5 * 0.017, 28e3 / GB, 1_000
# template.yaml: an alarm costs as much as the metrics it evaluates.
ALARM_METRICS = 38

# Bytes of a document on disk, data + indexes: with zstd, and before compression with indexes as
# MongoDB makes them, which is what the shared tiers count. collStats of a session of two symbols at
# life's pace: 1,239,748 contracts, 10,768 headers with analytics, 9,240 entries of the ledger
# (decision 0076). The pace matters: a full page of an index keeps the time stamps of the server's
# history, so loaded in bulk a contract's indexes take 14 bytes instead of 26. The ledger's entry:
# that of `make run` (743 bytes) at the compression that was measured.
_CONTRACT, _CONTRACT_PLAIN = 93 + 26, 586 + 113
_HEADER, _HEADER_PLAIN = 309 + 32, 2_045 + 82
_TICK, _TICK_PLAIN = 743 * 50 / 1_061 + 32, 743 + 56
# For pages that deletion leaves half empty, for the oplog, and for growth.
_HEADROOM = 1.25


class Costs(NamedTuple):
    """Dollars a month, by their purpose."""

    fetch: float
    api: float
    logs: float
    metrics: float
    alarms: float
    secret: float
    key: float
    archive: float
    atlas: float

    @property
    def total(self) -> float:
        """The sum."""
        return sum(self)


def stored_bytes(load: Workload, retention_days: int, *, compressed: bool = True) -> float:
    """Return the bytes of the database once the retention is reached."""
    contract, header, tick = (
        (_CONTRACT, _HEADER, _TICK) if compressed else (_CONTRACT_PLAIN, _HEADER_PLAIN, _TICK_PLAIN)
    )
    a_session = (
        load.contracts_a_session * contract
        + load.snapshots_a_session * header
        + load.ticks_a_session * tick
    )
    return a_session * retention_days * SESSIONS_A_YEAR / 365


def tier(load: Workload, retention_days: int) -> Tier:
    """Return the smallest tier of Atlas with enough room; the largest if none has enough."""
    plain = stored_bytes(load, retention_days, compressed=False) * _HEADROOM
    needed = stored_bytes(load, retention_days) * _HEADROOM
    fitting = [each for each in SHARED_TIERS if plain <= each.stores]
    fitting += [each for each in TIERS if needed <= each.stores]
    return fitting[0] if fitting else TIERS[-1]


def gb_seconds(load: Workload) -> float:
    """Return the recorders' GB-seconds a month: sessions and evenings, for each group."""
    return load.groups * _PAID_SECONDS * SESSIONS_A_MONTH * FETCH_MEGABYTES / 1024


def costs(load: Workload, retention_days: int = 30, api_requests: int = 100_000) -> Costs:
    """Return the costs of a month."""
    starts = load.groups * STARTS_A_DAY * _DAYS_A_MONTH
    logged = load.ticks_a_session * SESSIONS_A_MONTH * _LOG_BYTES_A_TICK
    logged += api_requests * _API_LOG_BYTES
    traffic = max(api_requests * _ANSWER_GB - prices.TRAFFIC_FREE_GB, 0)
    symbols = load.symbols if load.symbols <= MOST_SYMBOLS_WITH_METRICS else 0
    names = (symbols + 1) * METRIC_NAMES + load.groups * (GROUP_METRICS - 1)
    names += max(len(load.demand.tiers), 1) * TIER_METRICS
    names += COUNT_METRICS - PROOF_METRICS - SEAL_METRICS
    a_session = names * _SESSION_HOURS
    a_session += PROOF_METRICS * _PROOF_HOURS + EVENING_METRICS * _EVENING_HOURS + SEAL_METRICS
    hours = a_session * SESSIONS_A_MONTH
    hours += load.groups * STARTS_A_DAY / 60 * _DAYS_A_MONTH
    hours += ARCHIVE_METRICS * SEALS_A_DAY * _DAYS_A_MONTH
    metrics = hours / prices.HOURS_A_MONTH
    return Costs(
        fetch=gb_seconds(load) * prices.LAMBDA_GB_SECOND + starts * prices.LAMBDA_REQUEST,
        api=api_requests * (prices.API_REQUEST + prices.LAMBDA_REQUEST)
        + api_requests * _API_GB_SECONDS * prices.LAMBDA_GB_SECOND
        + traffic * prices.TRAFFIC_GB,
        logs=max(logged / GB - prices.LOG_FREE_GB, 0) * prices.LOG_GB,
        metrics=max(metrics - prices.METRICS_FREE, 0) * prices.METRIC,
        alarms=max(ALARM_METRICS - prices.ALARMS_FREE, 0) * prices.ALARM,
        secret=prices.SECRET,
        key=prices.KEY,
        archive=archive_cost(load),
        atlas=tier(load, retention_days).a_month,
    )
