"""`python -m tests.whole_market`: a whole session of every symbol, in compressed time.

`python -m tests.whole_market --live MINUTES` records in real time over HTTP instead.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path

from pymongo import timeout

from local.mongod import Mongod
from local.terminal import print_line
from optionchain.exchange_time import exchange_date
from optionchain.mongo.client import open_database
from optionchain.settings import Settings
from tests.soak.report import ReportRow, broken, table
from tests.whole_market import checks
from tests.whole_market.compressed import record_session
from tests.whole_market.live import run_live
from tests.whole_market.scope import WHOLE_SESSION, Scope

_DATABASE = "whole_market"
_DAY = date(2026, 11, 25)
_REPORT_SECONDS = 900
# In real time so many ticks may be busy or skipped.
_MOST_IN_VAIN = 0.005


def main() -> int:
    """Print the report; return 1 where a promise is broken."""
    options = _arguments()
    shutil.rmtree(options.folder, ignore_errors=True)
    with Mongod(options.folder / "mongod") as mongod:
        rows = list((_live if options.live else _session)(options, mongod))
    title = f"{options.live:g} MINUTES" if options.live else "A SESSION"
    print_line(table(title, [f"{options.groups} groups"], [rows]))
    shutil.rmtree(options.folder / "mongod")
    return int(bool(broken([rows])))


def _session(options: argparse.Namespace, mongod: Mongod) -> Iterator[ReportRow]:
    begins, ends = WHOLE_SESSION[0]
    scope = Scope(
        _DAY, [(begins, options.until or ends)], groups=options.groups, expiries=options.expiries
    )
    effort = record_session(scope, options.folder, mongod.uri, mongod.pid, _DATABASE)
    yield ReportRow("seconds of the clock", f"{effort.seconds:.0f}")
    yield ReportRow(
        "seconds of a processor: recorders, mongod", f"{effort.client:.0f}, {effort.server:.0f}"
    )
    settings = Settings.from_env(scope.environment(mongod.uri, _DATABASE))
    with closing((database := open_database(settings)).client), timeout(_REPORT_SECONDS):
        due = checks.due_ticks(scope.plan(settings), scope)
        yield from checks.tick_rows(database, due)
        yield from checks.document_rows(database, scope)


def _live(options: argparse.Namespace, mongod: Mongod) -> Iterator[ReportRow]:
    scope = Scope(
        exchange_date(datetime.now(UTC)), groups=options.groups, expiries=options.expiries
    )
    run = run_live(scope, options.folder, mongod.uri, _DATABASE, options.live)
    settings = Settings.from_env(scope.environment(mongod.uri, _DATABASE))
    with closing((database := open_database(settings)).client), timeout(_REPORT_SECONDS):
        due = checks.due_between(run.plan, run.begins, run.ends)
        yield from checks.tick_rows(database, due, _MOST_IN_VAIN)
        yield from checks.document_rows(database, scope, "always")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.whole_market", description=__doc__)
    parser.add_argument("--live", type=float, metavar="MINUTES", help="in real time, over HTTP")
    parser.add_argument("--expiries", type=int, default=1, help="the nearest ones of each tick")
    parser.add_argument("--groups", type=int, default=2)
    parser.add_argument("--until", type=time.fromisoformat, help="end a session earlier (India)")
    parser.add_argument("--folder", type=Path, default=Path(".local/whole-market"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
