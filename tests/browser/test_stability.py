"""Nothing jumps about, and the page is there at once."""

from typing import Any

from tests.browser.conftest import OpenPage
from tests.browser.dashboard import Dashboard
from tests.browser.looks import LOOKS
from tests.browser.site import Site

MOST_SHIFT = 0.02
# Well below it on an idle machine; three attempts on a busy one.
FIRST_PAINT_MS = 1_000
SHIFTS = """
window.shifts = [];
new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(entry => ({
  value: entry.value, by: entry.sources.map(({node}) => node?.id || node?.className || ''),
})))).observe({type: 'layout-shift', buffered: true});
"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity"


def watched(site: Site, new_page: OpenPage, look: int) -> Dashboard:
    """Return a page with a real clock that notes what shifts."""
    dashboard = new_page(site, frozen=False, **LOOKS[look].context)
    dashboard.page.add_init_script(SHIFTS)
    return dashboard


def shift(dashboard: Dashboard) -> float:
    """Return the cumulative shift so far, in parts of the window."""
    dashboard.page.wait_for_timeout(150)
    found: list[dict[str, Any]] = dashboard.page.evaluate("window.shifts")
    total: float = sum(each["value"] for each in found)
    return total


def test_nothing_shifts_while_it_loads_and_updates(site: Site, new_page: OpenPage) -> None:
    for look in (0, 2):
        dashboard = watched(site, new_page, look)
        dashboard.open()
        assert shift(dashboard) < MOST_SHIFT, dashboard.page.evaluate("window.shifts")
    site.let_pass(28)
    site.recording.tick("NIFTY", site.clock.now)
    dashboard.look_away()
    dashboard.look_back()
    dashboard.wait_for(f"{site.clock.now:%Y-%m-%dT%H:%M:%SZ}")
    assert shift(dashboard) < MOST_SHIFT, dashboard.page.evaluate("window.shifts")


def test_the_first_paint_comes_within_a_second(site: Site, new_page: OpenPage) -> None:
    times: list[float] = []
    for _ in range(3):
        dashboard = watched(site, new_page, 0)
        dashboard.open()
        times.append(dashboard.page.evaluate(PAINTED))
        if times[-1] < FIRST_PAINT_MS:
            break
    assert min(times) < FIRST_PAINT_MS


def test_an_update_is_measured(site: Site, new_page: OpenPage) -> None:
    """What `make bench` holds to 50 ms is there to be measured."""
    dashboard = watched(site, new_page, 0)
    dashboard.open()
    found: list[float] = dashboard.page.evaluate(
        "performance.getEntriesByName('render', 'measure').map(({duration}) => duration)"
    )
    assert found
    assert all(0 < each < FIRST_PAINT_MS for each in found)
