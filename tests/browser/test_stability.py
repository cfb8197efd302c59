"""Nothing on the page moves by itself, and the page is painted before there are data."""

from threading import Event

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.recording import iso
from tests.browser.screens import PHONE, WIDE, Screen
from tests.browser.server import Server

MOST_SHIFT = 0.02
# Of the processor for the page's thread, so that a busy machine makes no difference; `make bench`
# measures the time until the paint.
MOST_SECONDS_BEFORE_PAINT = 1.0
OBSERVE_SHIFTS = """
window.shifts = [];
window.noteShifts = entries => window.shifts.push(...entries.map(entry => ({
  value: entry.value, by: entry.sources.map(({node}) => node?.id || node?.className || ''),
})));
window.observer = new PerformanceObserver(list => noteShifts(list.getEntries()));
observer.observe({type: 'layout-shift', buffered: true});
"""
# A shift is known once its frame is painted, so two frames later all are.
SHIFTS = """() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() => {
  noteShifts(observer.takeRecords());
  resolve(window.shifts);
})))"""
PAINTED = """() => new Promise(resolve => new PerformanceObserver(list =>
  list.getEntriesByName('first-contentful-paint').length && resolve()
).observe({type: 'paint', buffered: true}))"""


def open_observed(server: Server, new_page: OpenPage, screen: Screen) -> Dashboard:
    """Open a page with a running clock that notes what shifts."""
    dashboard = new_page(server, paused=False, **screen.context)
    dashboard.page.add_init_script(OBSERVE_SHIFTS)
    dashboard.open()
    return dashboard


def shifts(dashboard: Dashboard) -> list[object]:
    """Return the shifts until now if together they exceed the limit, a share of the window."""
    found = dashboard.page.evaluate(SHIFTS)
    return found if sum(each["value"] for each in found) >= MOST_SHIFT else []


def test_nothing_shifts_while_the_page_loads_and_updates(
    server: Server, new_page: OpenPage
) -> None:
    for screen in (WIDE, PHONE):
        dashboard = open_observed(server, new_page, screen)
        assert shifts(dashboard) == []
    server.advance(28)
    server.recording.tick("NIFTY", server.clock.now)
    dashboard.hide()
    dashboard.show()
    dashboard.wait_for_snapshot(iso(server.clock.now))
    assert shifts(dashboard) == []


def test_page_is_painted_before_there_are_data(server: Server, new_page: OpenPage) -> None:
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


def test_an_update_is_measured(server: Server, new_page: OpenPage) -> None:
    """`make bench` holds these measures to 50 ms."""
    dashboard = open_observed(server, new_page, WIDE)
    durations: list[float] = dashboard.page.evaluate(
        "performance.getEntriesByName('render', 'measure').map(({duration}) => duration)"
    )
    assert durations
    assert min(durations) > 0
