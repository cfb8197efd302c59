"""What is about all symbols takes as many reads with sixty symbols as with five."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.mongod import Mongod
from optionchain.exchange_time import exchange_date
from optionchain.mongo.listing_register import Listing, ListingRegister
from optionchain.mongo.tick_ledger import TickLedger
from optionchain.settings import Settings
from tests.support.api import NOW, answered, client, commit
from tests.support.bodies import EXPIRY
from tests.support.commands import Watched, watched
from tests.support.snapshots import INTERVAL, TICK, snapshot

NAMES = [f"S{number:02}" for number in range(60)]
FEW, MANY = NAMES[:5], NAMES
NEXT = EXPIRY + timedelta(days=7)
DAY = timedelta(days=1)
PATHS = ["/symbols", "/symbols?columns=symbol", "/health", "/pipeline/status", "/stats"]


@pytest.fixture(scope="module", params=["as it should be", "in trouble"])
def databases(request: pytest.FixtureRequest, mongod: Mongod) -> Iterator[list[Watched]]:
    """A database of a few symbols, and one of many.

    In trouble, half of the symbols have no listing, their ticks are claimed and never completed,
    and the nearest expiry is not recorded.
    """
    with watched(mongod, "few") as few, watched(mongod, "many") as many:
        for (database, _), symbols in ((few, FEW), (many, MANY)):
            ledger, listings = TickLedger(database), ListingRegister(database)
            for number, symbol in enumerate(symbols):
                troubled = request.param == "in trouble" and number % 2 == 0
                expiries = (NEXT,) if troubled else (EXPIRY, NEXT)
                for expiry in expiries:
                    commit(database, snapshot((100.0,), symbol=symbol, expiry=expiry))
                    old = snapshot((100.0,), symbol=symbol, expiry=expiry, tick=TICK - 2 * DAY)
                    commit(database, old)
                entry = {"outcome": "stored", "source": "nse", "lateness_ms": 1.5}
                ledger.record(symbol, TICK - 2 * INTERVAL, entry)
                if troubled:
                    ledger.claim(symbol, TICK, "me", TICK)
                if not troubled or number % 4:
                    listings.write(Listing(symbol, (EXPIRY, NEXT), TICK, TICK))
        yield [few, many]


@pytest.mark.parametrize("archive", [False, True])
@pytest.mark.parametrize("path", PATHS)
def test_reads_do_not_grow_with_the_number_of_symbols(
    path: str, archive: bool, databases: list[Watched], tmp_path: Path
) -> None:
    reads: list[list[Any]] = []
    for (database, commands), symbols in zip(databases, (FEW, MANY), strict=True):
        settings = Settings(nse_symbols=tuple(symbols))
        if archive:
            settings = replace(settings, archive_url=str(tmp_path))
        api = client(database, NOW, settings)
        with commands.kept() as sent:
            response = api.get(path)
        assert response.status_code in (200, 503)
        reads.append([next(iter(command.items())) for command in sent])
    assert len(reads[0]) == len(reads[1]), reads[0]
    assert len(reads[0]) <= 30
    assert not {name for name, _ in reads[0]} - {
        "find",
        "aggregate",
        "distinct",
        "count",
        "dbStats",
    }


def test_a_further_request_for_health_reads_four_times(databases: list[Watched]) -> None:
    """The source's state, headers, ticks and the switch; then lots, which none here has."""
    database, commands = databases[1]
    api = client(database, NOW, Settings(nse_symbols=tuple(MANY)))
    api.get("/health")
    with commands.kept() as sent:
        api.get("/health")
    read = [next(iter(command.values())) for command in sent]
    lists_of_lots = [read.pop(), read.pop()]
    assert set(lists_of_lots) == {"contract_terms"}
    assert list(dict.fromkeys(read)) == ["source", "snapshots", "ticks", "control"]
    assert len(read) <= 8  # in trouble some symbols are searched further


def test_both_are_answered_whole(databases: list[Watched]) -> None:
    for (database, _), symbols in zip(databases, (FEW, MANY), strict=True):
        api = client(database, NOW, Settings(nse_symbols=tuple(symbols)))
        rows = answered(api, "/symbols").json()["symbols"]
        assert [row["symbol"] for row in rows] == symbols
        assert all(row["expiry_dates"] for row in rows)
        assert exchange_date(NOW).isoformat() in rows[0]["last_snapshot"]
