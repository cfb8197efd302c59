"""What the routes work with, and how it is put together once in an execution environment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from aws_lambda_powertools import Logger
from pymongo.database import Database

from chain_api.request_log import logger
from optionchain.connection import Document, open_database
from optionchain.ledger import TickLedger
from optionchain.market import Market
from optionchain.reader import SnapshotReader
from optionchain.settings import Settings
from optionchain.shifts import ShiftRegister


@dataclass(frozen=True)
class Deps:
    """The parts behind the routes; `now` is UTC."""

    settings: Settings
    market: Market
    store: SnapshotReader
    ledger: TickLedger
    register: ShiftRegister
    now: Callable[[], datetime]
    log: Logger


def connect(settings: Settings) -> Deps:
    """Return the real parts for these settings."""
    return over(open_database(settings), settings)


def over(
    database: Database[Document],
    settings: Settings,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Deps:
    """Return the parts over an open database."""
    return Deps(
        settings=settings,
        market=Market(settings.market_hours),
        store=SnapshotReader(database),
        ledger=TickLedger(database),
        register=ShiftRegister(database),
        now=now,
        log=logger(settings.log_level),
    )
