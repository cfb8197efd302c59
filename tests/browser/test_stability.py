"""Nothing on the page moves by itself, and the page is painted before there are data."""

from threading import Event

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import iso
from tests.browser.screens import PHONE, WIDE
from tests.browser.server import Server

MOST_SHIFT = 0.02
# What `make bench` holds to 50 ms.
RENDERED = "performance.getEntriesByName('render', 'measure').map(({duration}) => duration)"
# Of the processor for the page's thread, so that a busy machine makes no difference; `make bench`
# measures the time until the paint.
MOST_SECONDS_BEFORE_PAINT = 1.0
# A shift is known once its frame is painted, so two frames later all are.
SHIFTS = """() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() => {
  const observer = new PerformanceObserver(() => {});
  observer.observe({type: 'layout-shift', buffered: true});
  resolve(observer.takeRecords().map(({value, sources}) =>
    [value, ...sources.map(({node}) => node?.id || node?.className || '')]));
})))"""
PAINTED = """() => new Promise(resolve => new PerformanceObserver(list =>
  list.getEntriesByName('first-contentful-paint').length && resolve()
).observe({type: 'paint', buffered: true}))"""


def shifts(dashboard: Dashboard) -> list[list[float]]:
    """Return the shifts until now, if together they exceed the limit, in shares of the window."""
    found: list[list[float]] = dashboard.page.evaluate(SHIFTS)
    return found if sum(value for value, *_ in found) >= MOST_SHIFT else []


def test_nothing_shifts_while_the_page_loads_and_updates(
    server: Server, new_page: OpenPage
) -> None:
    for screen in (WIDE, PHONE):
        dashboard = new_page(server, paused=False, **screen.context)
        dashboard.open()
        assert shifts(dashboard) == []
    server.bring_news("NIFTY")
    dashboard.hide()
    dashboard.show()
    dashboard.wait_for_snapshot(iso(server.clock.now))
    assert shifts(dashboard) == []


def test_paint_waits_for_no_data_and_rendering_is_measured(
    server: Server, new_page: OpenPage
) -> None:
    dashboard = new_page(server, paused=False)
    counters = dashboard.page.context.new_cdp_session(dashboard.page)
    counters.send("Performance.enable", {"timeDomain": "threadTicks"})
    gate = server.proxy.gate = Event()
    dashboard.page.goto(f"{server.url}/dashboard")
    dashboard.page.evaluate(PAINTED)
    metrics = counters.send("Performance.getMetrics")["metrics"]
    (work,) = (each["value"] for each in metrics if each["name"] == "TaskDuration")
    assert dashboard.state == "loading"
    assert 0 < work < MOST_SECONDS_BEFORE_PAINT
    gate.set()
    dashboard.settle()
    durations: list[float] = dashboard.page.evaluate(RENDERED)
    assert durations
    assert min(durations) > 0
