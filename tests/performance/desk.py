"""The page with every panel open, on a slow processor and through a whole session."""

from collections.abc import Iterator
from itertools import islice
from statistics import quantiles
from urllib.parse import quote

from playwright.sync_api import CDPSession, expect

from optionchain.snapshot import Snapshot
from tests.browser.chromium import chromium
from tests.browser.dashboard import Dashboard
from tests.browser.recording import iso
from tests.browser.screens import WIDE
from tests.browser.test_panels import PANELS, panel
from tests.performance import sessions
from tests.performance.measure import Figure
from tests.performance.page import EVERYWHERE, IN_SIGHT, SYMBOL, UPDATED, publish, served
from tests.performance.sample_bodies import steady_body

_THROTTLING = 4
_UPDATES = 60
_UPDATE_MS, _FRAME_MS, _GROWTH_MB = 50, 17.5, 10
# Eight hours of a snapshot each five seconds, and the first of them, in which caches fill.
_SESSION, _FIRST_HOUR = 5_760, 720
# Scrolls the chain by a row each frame, for as many frames; returns the pauses between them.
_SCROLL = """async frames => {
  const scroller = document.querySelector('#chain-scroller');
  scroller.scrollTop = 0;
  const pauses = [];
  let before = await new Promise(requestAnimationFrame);
  for (let frame = 0; frame < frames; frame += 1) {
    scroller.scrollTop += 26;
    const now = await new Promise(requestAnimationFrame);
    pauses.push(now - before);
    before = now;
  }
  return pauses;
}"""
# Plays from the first snapshot to the last, and returns those that were shown.
_PLAY = """() => new Promise(resolve => {
  const seen = [];
  new MutationObserver(() => seen.push(document.body.dataset.timestamp))
    .observe(document.body, {attributeFilter: ['data-timestamp']});
  const button = document.querySelector('#play');
  new MutationObserver(() => button.textContent === 'Play' && resolve(seen))
    .observe(button, {childList: true});
  button.click();
})"""


def rows() -> Iterator[Figure]:
    """Yield the measures; raise ChromiumUnavailable."""
    first = sessions.first_snapshot(steady_body())
    with chromium() as browser, served() as server:
        snapshots = sessions.every_tick(first)
        for each in islice(snapshots, 5):
            publish(server, each)
        context = browser.new_context(**WIDE.context)
        dashboard = Dashboard(context.new_page(), server, paused=False)
        address = _address(first)
        dashboard.open(address)
        for name in PANELS:
            expect(panel(dashboard, name)).to_be_visible()
        cdp = context.new_cdp_session(dashboard.page)
        news = list(islice(snapshots, _UPDATES))
        yield from _updates(dashboard, cdp, news, "in the morning")
        yield _scrolling(dashboard)
        yield _playing(dashboard, news)
        yield _growth(dashboard, cdp, snapshots, address)
        yield from _updates(dashboard, cdp, list(islice(snapshots, _UPDATES)), "after 8 hours")
        context.close()


def _address(first: Snapshot) -> str:
    """Return the address of the page with every panel, two contracts, and four legs."""
    price = first.underlying_value or 0.0
    strikes = sorted({each.strike_price for each in first.quotes}, key=lambda k: abs(k - price))
    a, b, c, d = sorted(f"{strike:g}" for strike in strikes[:4])
    legs = quote(f"+1x{a}PE,-1x{b}PE,-1x{c}CE,+1x{d}CE")
    return f"?panels={','.join(PANELS)}&contracts={b}CE,{b}PE&legs={legs}"


def _updates(
    dashboard: Dashboard, cdp: CDPSession, news: list[Snapshot], when: str
) -> Iterator[Figure]:
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": _THROTTLING})
    dashboard.page.evaluate("performance.clearMeasures()")
    for each in news:
        _show(dashboard, each)
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    seen, every = (dashboard.page.evaluate(UPDATED, each) for each in (IN_SIGHT, EVERYWHERE))
    name = f"the desk {when}, an update of {len(news[0].quotes)} legs with {len(PANELS)} panels"
    yield Figure(f"{name}, {_THROTTLING} x slower, p95 ms", _p95(seen), _UPDATE_MS)
    yield Figure("the same with what is out of sight, p95 ms", _p95(every))


def _show(dashboard: Dashboard, snapshot: Snapshot) -> None:
    publish(dashboard.server, snapshot)
    # A page polls at once when it becomes visible.
    dashboard.hide()
    dashboard.show()
    dashboard.wait_for_snapshot(iso(snapshot.fetched_at))


def _scrolling(dashboard: Dashboard) -> Figure:
    strikes = dashboard.page.locator("#chain tbody tr").count()
    pauses: list[float] = dashboard.page.evaluate(_SCROLL, 120)
    name = f"the desk, scrolling {strikes} rows, p95 ms between frames"
    return Figure(name, _p95(pauses), _FRAME_MS)


def _playing(dashboard: Dashboard, played: list[Snapshot]) -> Figure:
    """Return how many of a day's snapshots are not shown at ten times their speed."""
    dashboard.open(f"?symbol={SYMBOL}&at={iso(played[0].fetched_at)}", state="replay")
    dashboard.page.locator("#speed").select_option("10")
    dashboard.page.set_default_timeout(600_000)
    seen: list[str] = dashboard.page.evaluate(_PLAY)
    dropped = {iso(each.fetched_at) for each in played[1:]} - set(seen)
    return Figure("the desk, a replay at 10 x, snapshots left out", len(dropped), 0)


def _growth(
    dashboard: Dashboard, cdp: CDPSession, news: Iterator[Snapshot], address: str
) -> Figure:
    """Return how much more memory the page holds after eight hours than after the first one."""
    dashboard.open(address)
    cdp.send("Performance.enable")
    for each in islice(news, _FIRST_HOUR):
        _show(dashboard, each)
    before = _heap(dashboard, cdp)
    for each in islice(news, _SESSION - _FIRST_HOUR):
        _show(dashboard, each)
    name = "the desk, memory after 8 hours more than after 1, MB"
    return Figure(name, _heap(dashboard, cdp) - before, _GROWTH_MB)


def _heap(dashboard: Dashboard, cdp: CDPSession) -> float:
    """Return the megabytes of the page's objects once what is unused is collected."""
    dashboard.settle()  # what tests wait by holds every answer until then
    cdp.send("HeapProfiler.collectGarbage")
    found = cdp.send("Performance.getMetrics")["metrics"]
    (used,) = (each["value"] for each in found if each["name"] == "JSHeapUsedSize")
    return float(used) / 1e6


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]
