"""The page /dashboard as its users have it: opened, read, and used by mouse or keyboard."""

import json
import time
from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect

from tests.browser.site import Site
from tests.browser.watch import Watch

type Value = float | str | None

_HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
  Object.defineProperty(document, 'visibilityState',
    {configurable: true, get: () => hidden ? 'hidden' : 'visible'});
  document.dispatchEvent(new Event('visibilitychange'));
}"""
_PICTURE = """() => [
  document.body.dataset.timestamp,
  Object.fromEntries([...document.querySelectorAll('[data-tile]')].map(
    ({dataset}) => [dataset.tile, dataset.value])),
  [...document.querySelectorAll('#chain tbody tr[data-strike] td[data-column]')].map(cell => [
    Number(cell.parentNode.dataset.strike), cell.dataset.side, cell.dataset.column,
    cell.dataset.value ?? 'no data-value', cell.textContent.trim(),
  ]),
]"""
PATIENCE_MS = 10_000
# An answer may lead to another question.
_QUIET = 2


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


class Dashboard:
    """A page on a site, and the watch over it.

    With `frozen` the browser's clock begins at the application's and is put forward with it.
    """

    def __init__(self, page: Page, site: Site, *, frozen: bool = True) -> None:
        self.page = page
        self.site = site
        self._frozen = frozen
        self.watch = Watch(page, site)
        page.set_default_timeout(PATIENCE_MS)
        if frozen:
            page.clock.install(time=site.clock.now)

    def open(self, query: str = "", *, state: str | None = "live") -> None:
        """Go to the page and wait for a state; None does not wait."""
        self.page.goto(f"{self.site.url}/dashboard{query}")
        if state:
            self.wait(state)

    def wait(self, state: str) -> None:
        """Wait until the page is in a state."""
        expect(self.page.locator("body")).to_have_attribute(
            "data-state", state, timeout=PATIENCE_MS
        )

    def wait_for(self, timestamp: str) -> None:
        """Wait until the page shows the snapshot of an instant, everywhere."""
        body = self.page.locator("body")
        expect(body).to_have_attribute("data-timestamp", timestamp, timeout=PATIENCE_MS)

    @property
    def state(self) -> str:
        """What the page says of itself."""
        return self.page.locator("body").get_attribute("data-state") or ""

    @property
    def timestamp(self) -> str:
        """The instant of the snapshot that is shown, as the API writes it."""
        return self.page.locator("body").get_attribute("data-timestamp") or ""

    def tile(self, name: str) -> Locator:
        """Return a tile."""
        return self.page.locator(f'[data-tile="{name}"]')

    def value(self, name: str) -> Value:
        """Return the value of a tile."""
        return _value(self.tile(name).get_attribute("data-value") or "")

    def picture(self) -> tuple[str, dict[str, Value], list[Cell]]:
        """Return the instant that is shown, all tiles and all cells, read at once."""
        timestamp, tiles, cells = self.page.evaluate(_PICTURE)
        values = {name: _value(text) for name, text in tiles.items()}
        return timestamp, values, [Cell(*row) for row in cells]

    def strikes(self) -> list[float]:
        """Return the strikes of the chain as they stand."""
        rows: list[str] = self.page.locator("#chain tbody tr[data-strike]").evaluate_all(
            "rows => rows.map(row => row.dataset.strike)"
        )
        return [float(row) for row in rows]

    def cells(self) -> list[Cell]:
        """Return every cell of the chain."""
        return self.picture()[2]

    def show_columns(self) -> list[str]:
        """Switch every column on; return their names."""
        self.page.locator("#columns").click()
        boxes = self.page.locator("input[name=column]")
        boxes.evaluate_all("boxes => boxes.forEach(box => box.checked || box.click())")
        names: list[str] = boxes.evaluate_all("boxes => boxes.map(box => box.value)")
        self.page.locator("#columns").click()
        return names

    def let_pass(self, seconds: int) -> None:
        """Let time pass for the browser and the application, a second at a time."""
        assert self._frozen
        for _ in range(seconds):
            self.site.let_pass(1)
            self.page.clock.run_for(1_000)
            self.settle()

    def look_away(self) -> None:
        """Put the page out of sight, as another tab before it does."""
        self.page.evaluate(_HIDE, True)

    def look_back(self) -> None:
        """Put it in sight again."""
        self.page.evaluate(_HIDE, False)

    def until(self, expression: str, argument: object = None) -> None:
        """Wait until an expression, or a function of the argument, is true on the page.

        Playwright's own way makes the page run a string, which the page's policy forbids.
        """
        deadline = time.monotonic() + PATIENCE_MS / 1e3
        while not self.page.evaluate(expression, argument):
            assert time.monotonic() < deadline, f"waited in vain for {expression}"
            self.page.wait_for_timeout(20)

    def settle(self) -> None:
        """Wait until what was asked is answered, taken in, and nothing more is asked for it."""
        quiet = 0
        while quiet < _QUIET:
            self.page.wait_for_timeout(5)
            self.page.evaluate("0")
            quiet = 0 if self.site.front.in_flight else quiet + 1

    def slider(self) -> Locator:
        """Return the slider once it knows the moments of the day."""
        found = self.page.locator("#time")
        expect(found).to_be_enabled(timeout=PATIENCE_MS)
        expect(found).not_to_have_attribute("max", "0", timeout=PATIENCE_MS)
        return found


def _value(raw: str) -> Value:
    if raw == "":
        return None
    try:
        value: Value = json.loads(raw)
    except ValueError:
        return raw
    return value
