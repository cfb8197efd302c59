"""The page /dashboard as its users have it: opened, read, and used by mouse or keyboard."""

from datetime import timedelta

import pytest
from playwright.sync_api import Error, Locator, Page, Route, expect

from tests.browser.contents import Contents, contents_of
from tests.browser.page_log import PageLog
from tests.browser.server import Server

# No test waits so long where the page works, however busy the machine is.
TIMEOUT_MS = 60_000
expect.set_options(timeout=TIMEOUT_MS)

# What tells why a page does not come to show what a test waits for.
_LAST_REQUESTS = 6
_SHOWN = """() => ({...document.body.dataset,
  notice: document.querySelector('#notice').innerText,
  busy: [...document.querySelectorAll('[aria-busy=true]')].map(each => each.id || each.className),
})"""
_SET_HIDDEN = """hidden => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  Object.defineProperty(document, 'visibilityState',
    {configurable: true, get: () => hidden ? 'hidden' : 'visible'});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
# Waits for answers and their bodies, then for a task: what an answer leads to comes before that,
# so a request that follows from an answer is waited for as well.
_TRACK_REQUESTS = """(() => {
  const open = new Set();
  for (const [target, name] of [[window, 'fetch'], [Response.prototype, 'json']]) {
    const original = target[name];
    target[name] = function (...given) {
      const answer = original.apply(this, given);
      open.add(answer);
      return answer;
    };
  }
  window.settled = async () => {
    while (open.size) {
      const waited = [...open];
      await Promise.allSettled(waited);
      waited.forEach(each => open.delete(each));
      const {port1, port2} = new MessageChannel();
      await new Promise(resolve => { port1.onmessage = resolve; port2.postMessage(0); });
    }
    // Rows out of sight are written when there is nothing better to do.
    while (document.querySelector('[aria-busy=true]')) {
      await scheduler.postTask(() => {}, {priority: 'background'});
    }
  };
})();"""


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
            page.clock.install(time=server.clock.now - timedelta(minutes=5))
            page.clock.pause_at(server.clock.now)

    def open(self, query: str = "", *, state: str | None = "live") -> None:
        """Go to the page, wait for a state unless it is None, and settle."""
        self.page.goto(f"{self.server.url}/dashboard{query}")
        if state:
            self.wait_for_state(state)
        self.settle()

    def wait_for_state(self, state: str) -> None:
        """Wait until the page is in a state."""
        self._wait_for("state", state)

    def wait_for_snapshot(self, timestamp: str) -> None:
        """Wait until the page shows the snapshot of an instant, everywhere."""
        self._wait_for("timestamp", timestamp)

    def _wait_for(self, name: str, value: str) -> None:
        """Wait by a look at one attribute: `expect` reads the whole page each time it looks."""
        try:
            self.page.wait_for_function(
                "([name, value]) => document.body.dataset[name] === value"
                " && !document.querySelector('[aria-busy=true]')",
                arg=[name, value],
            )
        except Error:
            last = self.log.requests[-_LAST_REQUESTS:]
            pytest.fail(f"{name} is not {value}: {self.page.evaluate(_SHOWN)}, asked {last}")

    def wait_for_title(self, beginning: str) -> None:
        """Wait until the title of the tab begins so: the page writes it when there is time."""
        self.page.wait_for_function("wanted => document.title.startsWith(wanted)", arg=beginning)

    def settle(self) -> None:
        """Wait until all requests are answered and shown, and those that follow from them."""
        self.page.evaluate("window.settled()")
        self.server.proxy.wait(busy=False)

    def advance(self, seconds: int, *, settle: bool = True) -> None:
        """Let time pass for the browser and the application, a second at a time."""
        assert self._paused
        for _ in range(seconds):
            self.server.advance(1)
            self.page.clock.run_for(1_000)
            if settle:
                self.settle()

    def hold(self, pattern: str) -> list[Route]:
        """Let the requests of a pattern hang from now on; return the list that they come to."""
        held: list[Route] = []

        def keep(route: Route) -> None:
            held.append(route)

        self.page.route(pattern, keep)
        return held

    def choose_symbol(self, text: str) -> None:
        """Search a symbol by a part of its name, take the best match, and settle."""
        self.page.locator("#symbol").fill(text)
        self.page.locator("#symbol").press("Enter")
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

    def tile(self, name: str) -> Locator:
        """Return a tile."""
        return self.page.locator(f'[data-tile="{name}"]')

    def age(self) -> float:
        """Return the age that is shown, in seconds."""
        age = self.contents().tiles["age"]
        assert isinstance(age, int | float)
        return age

    def contents(self) -> Contents:
        """Return all that is shown."""
        return contents_of(self.page)

    def show_all_columns(self) -> list[str]:
        """Switch every column on; return the names of those that both sides have."""
        self.page.locator("#columns").click()
        boxes = self.page.locator("#column-panel label:not([hidden]) input:not([value=pcr])")
        boxes.evaluate_all("boxes => boxes.forEach(box => box.checked || box.click())")
        names: list[str] = boxes.evaluate_all("boxes => boxes.map(box => box.value)")
        self.page.locator("#columns").click()
        return names
