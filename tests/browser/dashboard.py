"""The page /dashboard as its users have it: opened, read, and used by mouse or keyboard."""

import json
from datetime import timedelta
from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect

from tests.browser.page_log import PageLog
from tests.browser.server import Server

type Value = float | str | None

# No test waits so long where the page works, however busy the machine is.
TIMEOUT_MS = 60_000
expect.set_options(timeout=TIMEOUT_MS)

_SET_HIDDEN = """hidden => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  Object.defineProperty(document, 'visibilityState',
    {configurable: true, get: () => hidden ? 'hidden' : 'visible'});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
_CONTENTS = """() => [
  document.body.dataset.timestamp,
  Object.fromEntries([...document.querySelectorAll('[data-tile]')].map(
    ({dataset}) => [dataset.tile, dataset.value])),
  [...document.querySelectorAll('#chain tbody tr[data-strike] td[data-column]')].map(cell => [
    Number(cell.parentNode.dataset.strike), cell.dataset.side, cell.dataset.column,
    cell.dataset.value ?? 'no data-value', cell.textContent.trim(),
  ]),
]"""
# Counts what the page waits for: answers and their bodies. A message is handled after all that an
# answer leads to at once, so a request that follows from an answer is counted before it is done.
_TRACK_REQUESTS = """(() => {
  let pending = 0;
  const waiting = [];
  const done = () => {
    const {port1, port2} = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      pending -= 1;
      if (!pending) waiting.splice(0).forEach(resolve => resolve());
    };
    port2.postMessage(null);
  };
  const track = promise => {
    pending += 1;
    promise.then(done, done);
    return promise;
  };
  const {fetch} = window;
  const {json} = Response.prototype;
  window.fetch = (...request) => track(fetch(...request));
  Response.prototype.json = function () { return track(json.call(this)); };
  window.settled = () => new Promise(resolve => pending ? waiting.push(resolve) : resolve());
})();"""


class Cell(NamedTuple):
    """A cell of the chain: what it stands for, its value, and what people read in it."""

    strike: float
    side: str
    column: str
    raw: str
    text: str

    @property
    def value(self) -> Value:
        """The number or text it holds; None is missing."""
        return _value(self.raw)


class Contents(NamedTuple):
    """All that the page shows at one moment."""

    timestamp: str
    tiles: dict[str, Value]
    cells: list[Cell]


class Dashboard:
    """A page of a server, and its log.

    With `paused` the browser's clock stands, as the application's does, until `advance`.
    """

    def __init__(self, page: Page, server: Server, *, paused: bool = True) -> None:
        self.page = page
        self.server = server
        self._paused = paused
        self.log = PageLog(page, server)
        page.set_default_timeout(TIMEOUT_MS)
        page.add_init_script(_TRACK_REQUESTS)
        if paused:
            page.clock.install(time=server.clock.now - timedelta(seconds=1))
            page.clock.pause_at(server.clock.now)

    def open(self, query: str = "", *, state: str | None = "live") -> None:
        """Go to the page, wait for a state unless it is None, and settle."""
        self.page.goto(f"{self.server.url}/dashboard{query}")
        if state:
            self.wait_for_state(state)
        self.settle()

    def wait_for_state(self, state: str) -> None:
        """Wait until the page is in a state."""
        expect(self.page.locator("body")).to_have_attribute("data-state", state)

    def wait_for_snapshot(self, timestamp: str) -> None:
        """Wait until the page shows the snapshot of an instant, everywhere."""
        expect(self.page.locator("body")).to_have_attribute("data-timestamp", timestamp)

    def settle(self) -> None:
        """Wait until all requests are answered and shown, and those that follow from them."""
        self.page.evaluate("window.settled()")
        self.server.proxy.wait(busy=False)

    def advance(self, seconds: float, *, settle: bool = True) -> None:
        """Let time pass for the browser and the application, a second at a time."""
        assert self._paused
        for _ in range(int(seconds)):
            self.server.advance(1)
            self.page.clock.run_for(1_000)
            if settle:
                self.settle()

    def rest_slider(self) -> None:
        """Let the time pass after which the page requests what the slider rests on."""
        self.page.clock.run_for(200)
        self.settle()

    def hide(self) -> None:
        """Hide the page, as another tab before it does."""
        self.page.evaluate(_SET_HIDDEN, True)

    def show(self) -> None:
        """Show it again; it then polls at once."""
        self.page.evaluate(_SET_HIDDEN, False)

    @property
    def state(self) -> str:
        """The state the page says it is in."""
        return self.page.locator("body").get_attribute("data-state") or ""

    @property
    def notice(self) -> str:
        """What the page says is wrong."""
        return self.page.locator("#notice").inner_text().strip()

    @property
    def timestamp(self) -> str:
        """The instant of the snapshot that is shown, as the API writes it."""
        return self.contents().timestamp

    def tile(self, name: str) -> Locator:
        """Return a tile."""
        return self.page.locator(f'[data-tile="{name}"]')

    def age(self) -> float:
        """Return the age that is shown, in seconds."""
        age = self.contents().tiles["age"]
        assert isinstance(age, int | float)
        return age

    def contents(self) -> Contents:
        """Return all that is shown, read at once."""
        timestamp, tiles, cells = self.page.evaluate(_CONTENTS)
        values = {name: _value(raw) for name, raw in tiles.items()}
        return Contents(timestamp, values, [Cell(*cell) for cell in cells])

    def strikes(self) -> list[float]:
        """Return the strikes of the chain in their order."""
        rows: list[str] = self.page.locator("#chain tbody tr[data-strike]").evaluate_all(
            "rows => rows.map(row => row.dataset.strike)"
        )
        return [float(row) for row in rows]

    def columns(self) -> set[str]:
        """Return the names of the columns that are shown."""
        return {cell.column for cell in self.contents().cells}

    def show_all_columns(self) -> list[str]:
        """Switch every column on; return their names."""
        self.page.locator("#columns").click()
        boxes = self.page.locator("input[name=column]")
        boxes.evaluate_all("boxes => boxes.forEach(box => box.checked || box.click())")
        names: list[str] = boxes.evaluate_all("boxes => boxes.map(box => box.value)")
        self.page.locator("#columns").click()
        return names

    def slider(self) -> Locator:
        """Return the slider once it knows the snapshots of the day."""
        slider = self.page.locator("#time")
        expect(slider).to_be_enabled()
        expect(slider).not_to_have_attribute("max", "0")
        return slider


def _value(raw: str) -> Value:
    if raw == "":
        return None
    try:
        value: Value = json.loads(raw)
    except ValueError:
        return raw
    return value
