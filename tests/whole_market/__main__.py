"""`python -m tests.whole_market session`: every symbol, a whole session in compressed time.

`live` records in real time over HTTP, and `bench` measures this build beside an older one.
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
from tests.performance.measure import HEADING, line_of
from tests.soak.report import ReportRow, broken, table
from tests.whole_market import bench, document_checks, tick_checks
from tests.whole_market.compressed import record_session
from tests.whole_market.live import run_live
from tests.whole_market.scope import WHOLE_SESSION, Scope

_DATABASE = "whole_market"
_DAY = date(2026, 11, 25)
_REPORT_SECONDS = 900
# In real time so many ticks may be busy or skipped.
_MOST_IN_VAIN = 0.005


def main() -> int:
    """Print the report or the table; return 1 where a promise or a limit is broken."""
    options = _arguments()
    return _bench(options.base) if options.what == "bench" else _proof(options)


def _proof(options: argparse.Namespace) -> int:
    shutil.rmtree(options.folder, ignore_errors=True)
    with Mongod(options.folder / "mongod") as mongod:
        rows = list((_live if options.what == "live" else _session)(options, mongod))
    print_line(table(options.what.upper(), [f"{options.groups} groups"], [rows]))
    shutil.rmtree(options.folder / "mongod")
    return int(bool(broken([rows])))


def _bench(base: Path) -> int:
    over = 0
    print_line(HEADING.replace("bare", "base"))
    for row in bench.rows(base):
        print_line(line_of(row))
        over += row.over
    return int(over > 0)


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
        due = tick_checks.due_ticks(scope.plan(settings), scope)
        yield from tick_checks.tick_rows(database, due)
        yield from document_checks.document_rows(database, scope)


def _live(options: argparse.Namespace, mongod: Mongod) -> Iterator[ReportRow]:
    scope = Scope(
        exchange_date(datetime.now(UTC)), groups=options.groups, expiries=options.expiries
    )
    run = run_live(scope, options.folder, mongod.uri, _DATABASE, options.minutes)
    settings = Settings.from_env(scope.environment(mongod.uri, _DATABASE))
    with closing((database := open_database(settings)).client), timeout(_REPORT_SECONDS):
        due = tick_checks.due_between(run.plan, run.begins, run.ends)
        yield from tick_checks.tick_rows(database, due, _MOST_IN_VAIN)
        yield from document_checks.document_rows(database, scope, "always")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.whole_market", description=__doc__)
    parser.add_argument("what", choices=("session", "live", "bench"))
    parser.add_argument("--minutes", type=float, default=30, help="of live")
    parser.add_argument("--base", type=Path, help="of bench: a checkout of the older build")
    parser.add_argument("--expiries", type=int, default=1, help="the nearest ones of each tick")
    parser.add_argument("--groups", type=int, default=2)
    parser.add_argument("--until", type=time.fromisoformat, help="end a session earlier (India)")
    parser.add_argument("--folder", type=Path, default=Path(".local/whole-market"))
    options = parser.parse_args()
    if options.what == "bench" and options.base is None:
        parser.error("bench needs --base")
    return options


if __name__ == "__main__":
    sys.exit(main())
