"""The page in a browser: its size, its first paint, and the time of an update."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, CDPSession

from local.mongod import Mongod
from optionchain.mongo.client import open_database
from optionchain.mongo.indexes import Indexes
from optionchain.settings import SecretStr, Settings
from optionchain.snapshot import Snapshot
from tests.browser.chromium import chromium
from tests.browser.dashboard import Dashboard
from tests.browser.recording import iso
from tests.browser.screens import WIDE
from tests.browser.server import Server, serve
from tests.performance import dataset, sessions
from tests.performance.measure import Figure
from tests.performance.sample_bodies import steady_body

_UPDATES = 30
_LOADS = 5
_KILOBYTES, _RENDER_MS, _PAINT_MS = 150, 50, 1_000
SYMBOL = "NIFTY"
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
# The milliseconds of each update: of the task that writes it, and of other tasks by their names.
UPDATED = """others => {
  const updates = [];
  for (const {name, duration} of performance.getEntriesByType('measure')) {
    if (name === 'render') updates.push(duration);
    else if (others.includes(name) && updates.length) updates[updates.length - 1] += duration;
  }
  return updates;
}"""
# Tasks that draw the charts in sight, and those that work on what nobody sees yet.
IN_SIGHT, EVERYWHERE = ["chart"], ["chart", "idle"]
# The browser's counters of its work, in seconds since its start.
_WORK = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")


def rows() -> Iterator[Figure]:
    """Open the page several times, then update it; raise ChromiumUnavailable."""
    snapshots = sessions.snapshots(
        SYMBOL, sessions.LAST_DAY, sessions.first_snapshot(steady_body())
    )
    with chromium() as browser, served() as server:
        for each in islice(snapshots, 5):
            publish(server, each)
        paints = [_paint(_new(browser, server)) for _ in range(_LOADS)]
        weight = sum(each.bytes for each in server.proxy.requests_to("/dashboard")) / _LOADS
        yield Figure("the page, all of it as it is sent, kB", weight / 1e3, _KILOBYTES)
        yield Figure("the page, first contentful paint, ms", median(paints), _PAINT_MS)
        news = list(islice(snapshots, _UPDATES))
        times, work = _update(_new(browser, server), news)
        label = f"the page, an update of {len(news[0].quotes)} legs"
        yield Figure(f"{label}, ms", median(times), _RENDER_MS)
        yield Figure(f"{label}, all scripts, styles and layout, mean ms", work, _RENDER_MS)


def publish(server: Server, snapshot: Snapshot) -> None:
    """Record a snapshot as the newest one."""
    server.recording.store(SYMBOL, snapshot.fetched_at, [snapshot])
    server.clock.now = snapshot.fetched_at


def _new(browser: Browser, server: Server) -> Dashboard:
    page = browser.new_context(**WIDE.context).new_page()
    return Dashboard(page, server, paused=False)


def _paint(dashboard: Dashboard) -> float:
    """Open the page in a browser without a cache; return the time of its first paint."""
    dashboard.open()
    painted: float = dashboard.page.evaluate(_PAINTED)
    dashboard.page.context.close()
    return painted


def _update(dashboard: Dashboard, news: Sequence[Snapshot]) -> tuple[list[float], float]:
    """Return the milliseconds of each update, and the mean of all the browser's work for one.

    The second includes styles, layout and the reception of the answer.
    """
    dashboard.open()
    dashboard.page.evaluate("performance.clearMeasures()")
    counters = dashboard.page.context.new_cdp_session(dashboard.page)
    counters.send("Performance.enable")
    before = _work(counters)
    for each in news:
        publish(dashboard.server, each)
        # A page polls at once when it becomes visible.
        dashboard.hide()
        dashboard.show()
        dashboard.wait_for_snapshot(iso(each.fetched_at))
    times: list[float] = dashboard.page.evaluate(UPDATED, IN_SIGHT)
    return times, (_work(counters) - before) / len(news) * 1e3


def _work(counters: CDPSession) -> float:
    found = {
        each["name"]: each["value"] for each in counters.send("Performance.getMetrics")["metrics"]
    }
    return sum(float(found[name]) for name in _WORK)


@contextmanager
def served() -> Iterator[Server]:
    """Serve the real application over an empty database."""
    with tempfile.TemporaryDirectory() as folder, Mongod(Path(folder)) as mongod:
        settings = Settings(
            mongodb_uri=SecretStr(mongod.uri), retention_days=dataset.RETENTION_DAYS
        )
        database = open_database(settings)
        Indexes(database, dataset.RETENTION_DAYS).ensure()
        with serve(database, settings) as server:
            yield server
        database.client.close()
