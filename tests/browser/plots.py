"""What the charts of the page were given to draw: uPlot is watched from the page's beginning."""

from datetime import UTC, datetime

from playwright.sync_api import Locator, Page, expect

from optionchain.exchange_time import IST

# The script of uPlot assigns its class to a global variable.
_WATCH = """
let made;
const plots = window.watchedPlots = new Map();
Object.defineProperty(window, 'uPlot', {
  get: () => made,
  set: value => {
    made = new Proxy(value, {construct: (target, given) => {
      const plot = new target(...given);
      plots.set(given[2], plot);
      return plot;
    }});
  },
});
"""
_DATA = "container => watchedPlots.get(container).data.map(each => Array.from(each))"


def watch_plots(page: Page) -> None:
    """Let `plotted` see the charts of a page that is not open yet."""
    page.add_init_script(_WATCH)


def plotted(container: Locator) -> list[tuple[datetime, list[float | None]]]:
    """Return the points of a chart through a day: the instant, and a value for each line."""
    container.page.screenshot()  # after a frame the browser has told what is in sight
    expect(container).not_to_have_attribute("aria-busy", "true")
    places, *lines = container.evaluate(_DATA)
    offset = IST.utcoffset(None).total_seconds()
    times = [datetime.fromtimestamp(place - offset, UTC) for place in places]
    return list(zip(times, map(list, zip(*lines, strict=True)), strict=True))
