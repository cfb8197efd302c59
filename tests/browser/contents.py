"""All that the page shows at one moment."""

import json
from typing import NamedTuple

from playwright.sync_api import Page

type Value = float | str | None

# As one text, since Playwright would take every list and number of it apart.
_READ = """() => JSON.stringify([
  document.body.dataset.timestamp,
  Object.fromEntries([...document.querySelectorAll('[data-tile]')].map(
    ({dataset}) => [dataset.tile, dataset.value])),
  [...document.querySelectorAll('#chain tbody tr[data-strike] td[data-side]')].map(cell => [
    Number(cell.parentNode.dataset.strike), cell.dataset.side, cell.dataset.column,
    cell.dataset.value ?? 'no data-value', cell.textContent.trim(),
  ]),
])"""


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
    """The instant of the snapshot as the API writes it, the tiles' values, and the cells."""

    timestamp: str
    tiles: dict[str, Value]
    cells: list[Cell]

    @property
    def strikes(self) -> list[float]:
        """The strikes in their order on the page."""
        return list(dict.fromkeys(cell.strike for cell in self.cells))

    @property
    def columns(self) -> set[str]:
        """The names of the columns."""
        return {cell.column for cell in self.cells}


def contents_of(page: Page) -> Contents:
    """Return the contents of a page, read at once."""
    timestamp, tiles, cells = json.loads(page.evaluate(_READ))
    values = {name: _value(raw) for name, raw in tiles.items()}
    return Contents(timestamp, values, [Cell(*cell) for cell in cells])


def _value(raw: str) -> Value:
    if raw == "":
        return None
    try:
        value: Value = json.loads(raw)
    except ValueError:
        return raw
    return value
