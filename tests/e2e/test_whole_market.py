"""The proof with the whole market in short: forty symbols, some minutes and the closing tick."""

from contextlib import ExitStack, closing
from datetime import date, time
from pathlib import Path

import pytest

from local.mongod import Mongod, MongodUnavailable
from local.nse_simulator.instruments import INSTRUMENTS
from optionchain.mongo.client import open_database
from optionchain.settings import Settings
from tests.soak.report import broken, table
from tests.whole_market import document_checks, tick_checks
from tests.whole_market.compressed import record_session
from tests.whole_market.scope import Scope

SPELLS = (time(9, 14), time(9, 18)), (time(15, 44), time(15, 46))
SCOPE = Scope(
    date(2026, 11, 25),
    SPELLS,
    symbols=tuple(INSTRUMENTS)[:40],
    tiers="INDICES=5,LIQUID10=15,STOCKS=60",
)


def test_two_groups_account_for_every_tick_of_their_tiers(tmp_path: Path) -> None:
    with ExitStack() as stack:
        try:
            mongod = stack.enter_context(Mongod(tmp_path / "mongod"))
        except MongodUnavailable as error:
            pytest.skip(str(error))
        record_session(SCOPE, tmp_path, mongod.uri, mongod.pid, "short")
        settings = Settings.from_env(SCOPE.environment(mongod.uri, "short"))
        plan = SCOPE.plan(settings)
        due = tick_checks.due_ticks(plan, SCOPE)
        with closing((database := open_database(settings)).client):
            rows = [
                *tick_checks.tick_rows(database, due),
                *document_checks.document_rows(database, SCOPE),
            ]
    assert {plan.rhythm_of(symbol).interval for symbol, _ in due} == {5, 15, 60}
    assert not broken([rows]), table("SHORT", ["2 groups"], [rows])
    assert ("ticks due", f"{len(due)}, of 40 symbols", False) in rows
